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
    let wrap = |source| SampleError::Csv {
        path: path.into(),
        source,
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    for sample in samples {
        writer.serialize(sample).map_err(wrap)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|e| wrap(csv::Error::from(e.into_error())))?;
    Ok(write_atomic(path, &bytes)?)
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
