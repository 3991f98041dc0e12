//! A snapshot as OpenMetrics text, version 1.0.0.

use std::fmt::Error;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{self, Registry};

use super::board::{EDGES, Pauses, Snapshot};
use super::catalog::{EXPOSED, Exposed, Kind, PREFIX, Unit};
use super::points::{Point, Value};

pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Ends with `# EOF`, or is an error: a text without it is refused by who reads it.
pub fn of(snapshot: Snapshot) -> Result<String, Error> {
    let mut registry = Registry::with_prefix(PREFIX);
    registry.register_collector(Box::new(Told(snapshot)));
    let mut written = String::with_capacity(16 << 10);
    text::encode(&mut written, &registry)?;
    Ok(written)
}

#[derive(Debug)]
struct Told(Snapshot);

impl Collector for Told {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), Error> {
        for row in EXPOSED {
            let points = (row.read)(&self.0);
            if points.is_empty() {
                continue;
            }
            let unit = row.unit.map(unit);
            let mut family = encoder.encode_descriptor(row.name, row.help, unit.as_ref(), kind(row.kind))?;
            for point in &points {
                write(row, point, &mut family)?;
            }
        }
        Ok(())
    }
}

fn write(row: &Exposed, point: &Point, family: &mut MetricEncoder) -> Result<(), Error> {
    // Escaped by the encoder, since its 0.26; tests/live/values.rs holds it to that.
    let values = point.labels.iter().map(String::as_str);
    let labels: Vec<(&str, &str)> = row.labels.iter().copied().zip(values).collect();
    if matches!(point.value, Value::Info) {
        return family.encode_info(&labels);
    }
    if labels.is_empty() {
        return value(row.kind, &point.value, family);
    }
    value(row.kind, &point.value, &mut family.encode_family(&labels)?)
}

fn value(kind: Kind, value: &Value, series: &mut MetricEncoder) -> Result<(), Error> {
    match (kind, value) {
        (Kind::Counter, Value::Count(n)) => series.encode_counter::<NoLabelSet, u64, f64>(n, None),
        (Kind::Counter, Value::Number(x)) => series.encode_counter::<NoLabelSet, f64, f64>(x, None),
        (Kind::Gauge, Value::Count(n)) => series.encode_gauge(&i64::try_from(*n).unwrap_or(i64::MAX)),
        (Kind::Gauge, Value::Number(x)) => series.encode_gauge(x),
        (Kind::Histogram, Value::Pauses(pauses)) => histogram(pauses, series),
        // A row whose values are not of its type.
        _ => Err(Error),
    }
}

fn histogram(pauses: &Pauses, series: &mut MetricEncoder) -> Result<(), Error> {
    let edges = EDGES.iter().map(|ns| *ns as f64 / 1e9);
    // The encoder writes this one as +Inf, and adds up.
    let edges = edges.chain([f64::INFINITY]);
    let buckets: Vec<(f64, u64)> = edges.zip(pauses.counts).collect();
    let total = pauses.total.0 as f64 / 1e9;
    series.encode_histogram::<NoLabelSet>(total, pauses.counts.iter().sum(), &buckets, None)
}

fn kind(kind: Kind) -> MetricType {
    match kind {
        Kind::Counter => MetricType::Counter,
        Kind::Gauge => MetricType::Gauge,
        Kind::Histogram => MetricType::Histogram,
        Kind::Info => MetricType::Info,
    }
}

fn unit(unit: Unit) -> registry::Unit {
    match unit {
        Unit::Seconds => registry::Unit::Seconds,
        Unit::Bytes => registry::Unit::Bytes,
    }
}
