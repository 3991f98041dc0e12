//! A log of any length leaves the same memory behind.

use gcrucible::artifact::event::{Cycle, Event, Place, Reading, Stall, Stop, What};
use gcrucible::artifact::explanation::Level;
use gcrucible::artifact::unit::{Bytes, Ns};
use gcrucible::explain::Account;
use gcrucible::explain::series::Thinned;

#[test]
fn two_million_events_of_ever_new_names_leave_bounded_series_and_tables() {
    let mut account = Account::default();
    let mut name = String::new();
    for n in 0..500_000u64 {
        name.clear();
        name.push_str("Operation ");
        name.push_str(&n.to_string());
        let stop = Stop {
            operation: &name,
            collection: true,
            reaching: Some(Ns(n % 1000)),
            cleanup: None,
            inside: None,
            leaving: None,
            total: Ns(1000 + n % 1000),
        };
        let stall = What::Stall {
            kind: Stall::Allocation,
            thread: Some(&name),
            duration: Ns(n),
        };
        let cycle = Cycle {
            kind: &name,
            cause: Some(&name),
            begun: Some(Ns(n * 1_000_000)),
            duration: Some(Ns(1000)),
            before: Some(Bytes(n % 977 + 1000)),
            after: Some(Bytes(n % 977)),
            capacity: Some(Bytes(4096)),
            live: Some(Bytes(n % 977)),
            ..Cycle::default()
        };
        let setting = What::Setting {
            name: &name,
            value: &name,
        };
        for what in [What::Stop(stop), stall, What::Cycle(cycle), setting] {
            account.hear(&Event {
                at: Some(Ns(n * 1_000_000 + 1000)),
                place: Place { file: 1, line: n + 1 },
                gc: Some(n),
                what,
            });
        }
    }
    let most = Thinned::<Level>::CAPACITY;
    assert!(account.points() <= 3 * most, "{}", account.points());
    let e = account.finish(vec!["big.log".to_owned()], Reading::default());
    for points in [
        e.timeline.stops.len(),
        e.timeline.stalls.len(),
        e.timeline.heap.len(),
    ] {
        assert!((most / 2..=most).contains(&points), "{points}");
    }
    assert_eq!(e.figures.stops.all.count, 500_000);
    assert_eq!(e.figures.cycles.count, 500_000);
    assert!(e.figures.stops.by_operation.len() < 100 && e.figures.cycles.causes.len() < 100);
    assert!(e.subject.settings.len() < 100);
    assert!(e.findings.iter().all(|finding| finding.evidence.len() <= 5));
    // A tenth of a thousandth of half a million: all quantiles are told, and none is the maximum.
    let all = &e.figures.stops.all;
    assert!(all.p50 < all.p99 && all.p99 <= all.p999 && all.p999.unwrap() <= all.max);
}
