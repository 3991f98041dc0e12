//! samples.csv: tidy, one row a value: `cell,invocation,round,metric,value,unit`. Anything that reads CSV reads it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::envelope::{ArtifactError, write_atomic};
use super::metric::unit;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    pub cell: String,
    pub invocation: String,
    pub round: u32,
    /// A name of [`super::metric::METRICS`], or `value.` and that of a workload's own value.
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
    #[error("{path}: ends in the middle of line {line}; `gcrucible analyze DIR` writes it again")]
    Cut { path: std::path::PathBuf, line: usize },
    #[error("{path}: {metric} of {invocation} is {value} {unit}, which is not a value of that metric")]
    Impossible {
        path: std::path::PathBuf,
        metric: String,
        invocation: String,
        value: f64,
        unit: String,
    },
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
}

pub fn write(path: &Path, samples: &[Sample]) -> Result<(), SampleError> {
    let rows = rows(path, samples)?;
    write_rows(path, [rows.as_slice()])
}

/// Rows of samples.csv, or of a file like it, as text. `path` is where they will go, for errors.
pub fn rows(path: &Path, samples: &[impl Serialize]) -> Result<Vec<u8>, SampleError> {
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
    let mut rows = rows.into_iter().filter(|rows| !rows.is_empty()).peekable();
    let header = if rows.peek().is_some() { HEADER } else { &[] };
    write_below(path, header.to_vec(), rows)
}

/// A file of rows below a header.
pub(super) fn write_below<'a>(
    path: &Path,
    header: Vec<u8>,
    rows: impl IntoIterator<Item = &'a [u8]>,
) -> Result<(), SampleError> {
    let mut text = header;
    rows.into_iter().for_each(|rows| text.extend_from_slice(rows));
    Ok(write_atomic(path, &text)?)
}

/// The rows as they were written. A file that ends within a line is refused: a value cut short is still a number.
///
/// Errors: also rows of unknown metrics, of another unit than their metric's, and values that are not finite, each with its place.
pub fn read(path: &Path) -> Result<Vec<Sample>, SampleError> {
    let wrap = |source| SampleError::Csv {
        path: path.into(),
        source,
    };
    let bytes = std::fs::read(path).map_err(|e| wrap(csv::Error::from(e)))?;
    if bytes.last().is_some_and(|last| *last != b'\n') {
        return Err(SampleError::Cut {
            path: path.into(),
            line: bytes.iter().filter(|b| **b == b'\n').count() + 1,
        });
    }
    let mut samples = Vec::new();
    for row in csv::Reader::from_reader(bytes.as_slice()).deserialize() {
        let sample: Sample = row.map_err(wrap)?;
        let known = unit(&sample.metric).is_some_and(|u| u.id() == sample.unit);
        if !known || !sample.value.is_finite() {
            return Err(SampleError::Impossible {
                path: path.into(),
                metric: sample.metric,
                invocation: sample.invocation,
                value: sample.value,
                unit: sample.unit,
            });
        }
        samples.push(sample);
    }
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> (tempfile::TempDir, std::path::PathBuf, Vec<Sample>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("samples.csv");
        let sample = |round: u32, name: &str, value: f64, unit: &str| Sample {
            cell: "w/c".into(),
            invocation: format!("r{round}"),
            round,
            metric: name.into(),
            value,
            unit: unit.into(),
        };
        let samples = vec![
            sample(1, "wall_ns", 12345.0, "ns"),
            sample(2, "memory_peak_over_live", 2.5, "ratio"),
            sample(2, "value.object_bytes", 16.0, "bytes"),
        ];
        write(&path, &samples).unwrap();
        (folder, path, samples)
    }

    #[test]
    fn a_file_cut_anywhere_in_its_last_line_is_refused_with_the_line() {
        let (_folder, path, samples) = written();
        assert_eq!(read(&path).unwrap(), samples);
        let whole = std::fs::read(&path).unwrap();
        let last = whole[..whole.len() - 1]
            .iter()
            .rposition(|b| *b == b'\n')
            .unwrap()
            + 1;
        for end in last + 1..whole.len() {
            std::fs::write(&path, &whole[..end]).unwrap();
            let told = read(&path).unwrap_err().to_string();
            assert!(told.contains("middle of line 4"), "cut at {end}: {told}");
        }
    }

    #[test]
    fn a_value_that_its_metric_cannot_have_is_refused_with_its_run() {
        let (_folder, path, _) = written();
        let whole = std::fs::read_to_string(&path).unwrap();
        for (was, is) in [
            ("12345.0", "NaN"),
            ("12345.0", "inf"),
            (",ns", ",ms"),
            ("wall_ns", "wall_nz"),
        ] {
            std::fs::write(&path, whole.replacen(was, is, 1)).unwrap();
            let told = read(&path).unwrap_err().to_string();
            assert!(told.contains("r1"), "{is}: {told}");
        }
        std::fs::write(&path, whole.replacen("12345.0", "many", 1)).unwrap();
        assert!(read(&path).is_err());
    }
}
