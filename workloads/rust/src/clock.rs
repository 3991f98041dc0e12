//! CLOCK_MONOTONIC in ns, which the driver's sampler reads too. `std::time::Instant` hides the number.

use std::ptr;

/// Returns CLOCK_MONOTONIC in ns: one vDSO call.
#[inline]
pub fn now() -> u64 {
    kernel_clock(libc::CLOCK_MONOTONIC)
}

/// Returns at `t` or as soon after it as the kernel wakes the thread, and says when that is.
pub fn sleep_until(t: u64) -> u64 {
    loop {
        let at = now();
        if at >= t {
            return at;
        }
        let due = libc::timespec {
            tv_sec: (t / 1_000_000_000) as _,
            tv_nsec: (t % 1_000_000_000) as _,
        };
        // A signal ends the sleep early: hence the loop.
        // SAFETY: `due` is a valid time, and an absolute sleep has no remainder to write.
        unsafe { libc::clock_nanosleep(libc::CLOCK_MONOTONIC, libc::TIMER_ABSTIME, &due, ptr::null_mut()) };
    }
}

/// Returns the CPU time of the process in ns, user and system.
pub fn process_cpu() -> u64 {
    kernel_clock(libc::CLOCK_PROCESS_CPUTIME_ID)
}

#[inline]
fn kernel_clock(id: libc::clockid_t) -> u64 {
    let mut t = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `t` is writable. The call cannot fail for these clocks.
    unsafe { libc::clock_gettime(id, &mut t) };
    t.tv_sec as u64 * 1_000_000_000 + t.tv_nsec as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleep_until_is_never_early_and_returns_the_time() {
        let due = now() + 3_000_000;
        let woke = sleep_until(due);
        assert!(woke >= due && now() >= woke);
        assert!(
            sleep_until(due) >= woke,
            "a time that has passed is no reason to sleep"
        );
    }

    #[test]
    fn cpu_time_grows_with_work() {
        let before = process_cpu();
        while process_cpu() == before {
            std::hint::spin_loop();
        }
    }
}
