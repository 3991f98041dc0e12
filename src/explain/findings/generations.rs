//! What lands in the old generation and should not: objects that die soon, and objects too large for a region.

use super::{FEWEST_CYCLES, Kind, Look, tried};
use crate::artifact::finding::{Fault, Measure, Severity};
use crate::artifact::unit::Bytes;

/// Of the collections: they begin because of a large object and not because the young generation is full.
const HUMONGOUS: f64 = 0.05;
/// Of the heap: each takes whole regions, so up to half of that is waste.
const HUMONGOUS_HEAP: f64 = 0.25;
/// HotSpot's largest region that the JVM chooses itself.
const LARGEST_REGION: u64 = 32 << 20;
/// Of what young collections keep alive: survivor spaces hold the rest.
const PROMOTED: f64 = 0.5;
/// Of what was promoted: it died in the old generation while the log lasts.
const RECLAIMED: f64 = 0.5;
/// Promotion in all, of the heap: less is a start-up.
const PROMOTED_HEAP: f64 = 0.5;

pub fn look(look: &mut Look) {
    if look.kind == Kind::G1 {
        humongous(look);
    }
    if matches!(look.kind, Kind::G1 | Kind::Serial | Kind::Parallel) {
        premature(look);
    }
}

fn humongous(look: &mut Look) {
    let (causes, of) = (look.account.causes.humongous, look.cycles());
    let peak = look.account.heap.old.humongous;
    let share = if of > 0 { causes as f64 / of as f64 } else { 0.0 };
    let heap = look
        .limit()
        .map_or(0.0, |limit| peak as f64 / (limit.0 as f64).max(1.0));
    let often = causes >= 2 && share > HUMONGOUS;
    let large = heap > HUMONGOUS_HEAP;
    look.check(
        "collections that a humongous object began",
        Some(Measure::Share(share)),
        Measure::Share(HUMONGOUS),
        "objects of half a region and more skip the young generation and take whole regions",
        often,
    );
    look.check(
        "humongous regions, of the heap",
        look.limit().map(|_| Measure::Share(heap)),
        Measure::Share(HUMONGOUS_HEAP),
        "the end of the last region of each is waste",
        large,
    );
    if !(often || large) {
        return;
    }
    let region = look.subject.region;
    let fault = Fault::Humongous {
        collections: causes,
        of,
        peak: (peak > 0).then_some(Bytes(peak)),
        region,
    };
    let mut tries = vec![];
    if let Some(region) = region.filter(|r| r.0 < LARGEST_REGION) {
        let twice = (region.0 * 2) >> 20;
        tries.push(tried(
            format!("-XX:G1HeapRegionSize={twice}m"),
            "objects up to half of that are ordinary again",
        ));
    }
    tries.push(tried(
        "-Xlog:gc+humongous=debug",
        "names the sizes of these objects: large arrays can often be cut in pieces",
    ));
    let list = if often {
        look.account.causes.humongous_at.list()
    } else {
        look.account.heap.old.humongous_at.list()
    };
    look.find(Severity::Slow, share, fault, list, tries);
}

fn premature(look: &mut Look) {
    let old = &look.account.heap.old;
    let kept = old.promoted.saturating_add(old.kept) as f64;
    let promoted = old.promoted as f64;
    let told = old.collections >= FEWEST_CYCLES && promoted > 0.0;
    let kept_share = promoted / kept.max(1.0);
    let reclaimed_share = old.reclaimed as f64 / promoted.max(1.0);
    let material = look
        .limit()
        .is_some_and(|limit| promoted > PROMOTED_HEAP * limit.0 as f64);
    let found = told && material && kept_share > PROMOTED && reclaimed_share > RECLAIMED;
    look.check(
        "promoted, of what young collections keep",
        told.then_some(Measure::Share(kept_share)),
        Measure::Share(PROMOTED),
        "and more than half of it reclaimed from the old generation later: it died young after all",
        found,
    );
    if found {
        let fault = Fault::PrematurePromotion {
            promoted: Bytes(old.promoted),
            kept_share,
            reclaimed_share,
        };
        let tries = match look.kind {
            Kind::G1 => vec![
                tried(
                    "-XX:+UnlockExperimentalVMOptions -XX:G1NewSizePercent=20",
                    "a young generation that is never below a fifth of the heap (5 % unless set)",
                ),
                tried(
                    "-XX:MaxGCPauseMillis=400",
                    "a longer pause allowed (200 unless set): young generations grow",
                ),
            ],
            _ => vec![
                tried("-XX:NewRatio=1", "half of the heap young (a third unless set)"),
                tried(
                    "-XX:SurvivorRatio=4",
                    "larger survivor spaces (8 unless set): objects may age before they are promoted",
                ),
            ],
        };
        let evidence = old.most.list();
        look.find(Severity::Slow, 0.0, fault, evidence, tries);
    }
}
