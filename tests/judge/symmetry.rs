//! What must hold for all data.

use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::verdict::{Decision, Verdicts};
use proptest::prelude::*;

use crate::build::*;

fn mirrored(decision: Decision) -> Decision {
    match decision {
        Decision::AWins => Decision::BWins,
        Decision::BWins => Decision::AWins,
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn swapping_the_pair_mirrors_every_verdict(shift in 0.5_f64..2.0, noise in 0.0_f64..0.5, n in 2_usize..15) {
        let case = || throughput(runs("a", n, 100.0, noise), runs("b", n, 100.0 * shift, noise));
        let (there, back) = (case().on(Axis::Throughput), case().swapped().on(Axis::Throughput));
        prop_assert_eq!(there.decision, mirrored(back.decision));
        prop_assert_eq!(there.rounds_to_decide, back.rounds_to_decide);
        let (x, y) = (there.ratio.unwrap(), back.ratio.unwrap());
        prop_assert!((x.lo * y.hi - 1.0).abs() < 1e-9 && (x.value * y.value - 1.0).abs() < 1e-9);
    }

    #[test]
    fn more_noise_never_turns_undecided_into_a_win(shift in 0.7_f64..1.4, noise in 0.0_f64..0.3, more in 1.0_f64..5.0) {
        let decision = |noise: f64| {
            // Spread symmetrically about its centre, so that only the noise changes and not the median.
            let around = |centre: f64| (-5..=5).map(|i| centre * (noise * f64::from(i) / 5.0).exp()).collect();
            throughput(around(100.0), around(100.0 * shift)).on(Axis::Throughput).decision
        };
        let (quiet, loud) = (decision(noise), decision(noise * more));
        let win = |d| matches!(d, Decision::AWins | Decision::BWins);
        prop_assert!(!win(loud) || win(quiet), "{quiet:?} became {loud:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes(shift in 0.5_f64..2.0, noise in 0.0_f64..0.5) {
        let json = || {
            let case = throughput(runs("a", 10, 100.0, noise), runs("b", 10, 100.0 * shift, noise));
            serde_json::to_string(&case.judge()).unwrap()
        };
        let first = json();
        prop_assert_eq!(&first, &json());
        let back: Verdicts = serde_json::from_str(&first).unwrap();
        prop_assert_eq!(serde_json::to_string(&back).unwrap(), first);
    }
}

#[test]
fn equals_are_almost_never_told_apart() {
    let wins = (0..60)
        .filter(|i| {
            let of = |side: &str| runs(&format!("{side}{i}"), 10, 100.0, 0.3);
            let decision = throughput(of("a"), of("b")).on(Axis::Throughput).decision;
            matches!(decision, Decision::AWins | Decision::BWins)
        })
        .count();
    assert!(wins <= 2, "{wins} of 60");
}
