//! samples.csv: tidy, one row a value: `cell,invocation,round,metric,value,unit`. Anything that reads CSV reads it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::envelope::{ArtifactError, write_atomic};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    pub cell: String,
    pub invocation: String,
    pub round: u32,
    /// A name of [`super::metric::METRICS`].
    pub metric: String,
    /// Finite, in the metric's unit.
    pub value: f64,
    pub unit: String,
}

const HEADER: &[u8] = b"cell,invocation,round,metric,value,unit\n";

#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    #[error("{path}: {source}")]
    Csv {
        path: std::path::PathBuf,
        source: csv::Error,
    },
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
}

pub fn write(path: &Path, samples: &[Sample]) -> Result<(), SampleError> {
    let rows = rows(path, samples)?;
    write_rows(path, [rows.as_slice()])
}

/// The rows of samples.csv as text. `path` is where they will go, for errors.
pub fn rows(path: &Path, samples: &[Sample]) -> Result<Vec<u8>, SampleError> {
    let wrap = |source| SampleError::Csv {
        path: path.into(),
        source,
    };
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    for sample in samples {
        writer.serialize(sample).map_err(wrap)?;
    }
    writer
        .into_inner()
        .map_err(|e| wrap(csv::Error::from(e.into_error())))
}

/// Rows that [`rows`] made, below their header; without any row there is none.
pub fn write_rows<'a>(path: &Path, rows: impl IntoIterator<Item = &'a [u8]>) -> Result<(), SampleError> {
    let mut text = Vec::new();
    for rows in rows.into_iter().filter(|rows| !rows.is_empty()) {
        if text.is_empty() {
            text.extend_from_slice(HEADER);
        }
        text.extend_from_slice(rows);
    }
    Ok(write_atomic(path, &text)?)
}

pub fn read(path: &Path) -> Result<Vec<Sample>, SampleError> {
    let wrap = |source| SampleError::Csv {
        path: path.into(),
        source,
    };
    csv::Reader::from_path(path)
        .map_err(wrap)?
        .deserialize()
        .map(|row| row.map_err(wrap))
        .collect()
}
