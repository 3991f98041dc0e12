//! Collections of the whole heap: those inside the window, and the two that were forced after it.

use super::{Row, ratio};
use crate::artifact::observation::FORCED_AT_REST;
use crate::stats;

pub fn extract(row: &mut Row) {
    let o = row.observation;
    let whole = o.cycles.iter().filter(|c| c.is_of_the_whole_heap());
    let lengths: Vec<f64> = whole.filter_map(|c| Some(c.duration?.0 as f64)).collect();
    row.put("cycle_ns", stats::median(&lengths));
    // Where the load was dropped, the heap holds a tenth of the payload; with another number of them somebody else asked, too.
    if o.marks.contains_key("drop") || o.forced.lengths.len() != FORCED_AT_REST {
        return;
    }
    row.put("forced_ns", o.forced.lengths.last().map(|ns| ns.0 as f64));
    let traced = FORCED_AT_REST as f64 * o.live.0 as f64;
    let seconds = o.forced.cpu.map(|cpu| cpu.0 as f64 / 1e9);
    row.put("trace_rate", seconds.and_then(|s| ratio(traced, s)));
}
