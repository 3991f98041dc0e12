//! The allocator of this binary, chosen by cargo feature, with an account of what is asked of it. Rust only: the other
//! languages' runtimes keep these accounts themselves.

use std::alloc::{GlobalAlloc, Layout};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[cfg(all(feature = "mimalloc", feature = "jemalloc"))]
compile_error!("features mimalloc and jemalloc exclude each other: one binary per allocator");

#[cfg(feature = "jemalloc")]
type Chosen = tikv_jemallocator::Jemalloc;
#[cfg(feature = "mimalloc")]
type Chosen = mimalloc::MiMalloc;
#[cfg(not(any(feature = "mimalloc", feature = "jemalloc")))]
type Chosen = std::alloc::System;

#[cfg(feature = "jemalloc")]
const CHOSEN: Chosen = tikv_jemallocator::Jemalloc;
#[cfg(feature = "mimalloc")]
const CHOSEN: Chosen = mimalloc::MiMalloc;
#[cfg(not(any(feature = "mimalloc", feature = "jemalloc")))]
const CHOSEN: Chosen = std::alloc::System;

#[global_allocator]
static GLOBAL: Counting = Counting(CHOSEN);

thread_local! {
    // A constant without a destructor: one addition to a fixed place, no lazy initialisation. Only its own thread writes it, so that
    // no addition has to be atomic; others may look.
    static ALLOCATED: AtomicU64 = const { AtomicU64::new(0) };
}

/// Bytes that this thread has asked of the allocator so far, whether freed since or not.
pub fn allocated() -> u64 {
    ALLOCATED.with(|all| all.load(Ordering::Relaxed))
}

fn count(bytes: usize) {
    ALLOCATED.with(|all| all.store(all.load(Ordering::Relaxed) + bytes as u64, Ordering::Relaxed));
}

/// A thread's count for others to look at, as long as that thread keeps it open.
#[derive(Clone, Default)]
pub struct Account(Arc<Mutex<Option<Place>>>);

struct Place(*const AtomicU64);

// SAFETY: the place is only read, atomically, and the account is closed before it goes.
unsafe impl Send for Place {}

impl Account {
    /// Does `work` with the calling thread's count open to all who hold the account.
    pub fn open_during(&self, work: impl FnOnce()) {
        /// Closes it, also where the thread panics: what is local to a thread ends with it.
        struct Open<'a>(&'a Account);
        impl Drop for Open<'_> {
            fn drop(&mut self) {
                *self.0.place() = None;
            }
        }
        *self.place() = Some(Place(ALLOCATED.with(ptr::from_ref)));
        let _open = Open(self);
        work();
    }

    /// Bytes that the thread has asked for so far; `None` while the account is closed.
    pub fn allocated(&self) -> Option<u64> {
        let place = self.place();
        // SAFETY: the thread cannot close the account, and so cannot end, while the lock is held.
        place
            .as_ref()
            .map(|place| unsafe { &*place.0 }.load(Ordering::Relaxed))
    }

    fn place(&self) -> MutexGuard<'_, Option<Place>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Counting(Chosen);

// SAFETY: every call goes to the chosen allocator unchanged; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { self.0.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { self.0.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { self.0.dealloc(block, layout) }
    }

    /// Counts as an allocation of the new size, as a collector's runtime counts the new array behind a grown slice.
    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size);
        unsafe { self.0.realloc(block, layout, new_size) }
    }
}

/// What the allocator says of its heap, in bytes; `None` where it does not say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heap {
    /// In blocks that are handed out.
    pub used: Option<u64>,
    /// Held from the system.
    pub committed: Option<u64>,
    /// Of those, in no block that is handed out and free for any.
    pub held: Option<u64>,
    /// Of those, between and behind blocks that are handed out.
    pub waste: Option<u64>,
}

/// What is handed out now. There is nothing to collect before.
pub fn settled_heap() -> u64 {
    heap().used.unwrap_or(0)
}

/// Name and version, as running.
#[cfg(not(any(feature = "mimalloc", feature = "jemalloc")))]
pub fn version() -> String {
    // SAFETY: glibc returns a static string.
    let version = unsafe { std::ffi::CStr::from_ptr(libc::gnu_get_libc_version()) };
    format!("glibc-{}", version.to_string_lossy())
}

/// Reads glibc's account of all its arenas and of the blocks that have a mapping of their own. Blocks in the per-thread
/// caches count as used. It walks the free lists: for outside the window.
#[cfg(not(any(feature = "mimalloc", feature = "jemalloc")))]
pub fn heap() -> Heap {
    // SAFETY: no preconditions.
    let account = unsafe { libc::mallinfo2() };
    Heap {
        used: Some((account.uordblks + account.hblkhd) as u64),
        committed: Some((account.arena + account.hblkhd) as u64),
        held: Some(account.fordblks as u64),
        waste: None,
    }
}

/// Asks glibc to give back the free pages of all arenas.
#[cfg(not(any(feature = "mimalloc", feature = "jemalloc")))]
pub fn give_back() {
    // SAFETY: no preconditions.
    unsafe { libc::malloc_trim(0) };
}

/// Name and version, as running.
#[cfg(feature = "mimalloc")]
pub fn version() -> String {
    // SAFETY: no preconditions.
    let version = unsafe { libmimalloc_sys::mi_version() }; // 30302 is 3.3.2
    format!(
        "mimalloc-{}.{}.{}",
        version / 10_000,
        version / 100 % 100,
        version % 100
    )
}

/// Adds up the pages of the main heap (mimalloc counts bytes in debug builds only), all threads' included. Call it while
/// the mutators rest. What pages in use have room for beside their blocks is waste; all else that is committed is held.
/// A block that another thread freed is in use until its owner's thread looks.
#[cfg(feature = "mimalloc")]
pub fn heap() -> Heap {
    use libmimalloc_sys::{mi_heap_area_t, mi_heap_t, mi_heap_visit_blocks, mi_process_info};
    use std::ffi::c_void;

    #[derive(Default)]
    struct Pages {
        used: u64,
        committed: u64,
    }

    unsafe extern "C" fn add(
        _: *const mi_heap_t,
        area: *const mi_heap_area_t,
        _: *mut c_void,
        block_size: usize,
        pages: *mut c_void,
    ) -> bool {
        // SAFETY: mimalloc passes a valid area, and the pointer is the one given below. `used` counts blocks.
        let (area, pages) = unsafe { (&*area, &mut *pages.cast::<Pages>()) };
        pages.used += (area.used * block_size) as u64;
        pages.committed += area.committed as u64;
        true
    }

    let mut pages = Pages::default();
    let mut committed = 0usize;
    let none = ptr::null_mut();
    // SAFETY: null stands for the main heap and for figures not wanted; nobody allocates during the visit.
    let visited = unsafe {
        mi_process_info(none, none, none, none, none, &raw mut committed, none, none);
        mi_heap_visit_blocks(ptr::null_mut(), false, Some(add), (&raw mut pages).cast())
    };
    let committed = committed as u64;
    Heap {
        used: visited.then_some(pages.used),
        committed: Some(committed),
        held: committed.checked_sub(pages.committed).filter(|_| visited),
        waste: pages.committed.checked_sub(pages.used).filter(|_| visited),
    }
}

/// Asks mimalloc to give back the free pages of the calling thread, and those that no thread owns.
#[cfg(feature = "mimalloc")]
pub fn give_back() {
    // SAFETY: no preconditions.
    unsafe { libmimalloc_sys::mi_collect(true) };
}

/// Name and version, as running.
#[cfg(feature = "jemalloc")]
pub fn version() -> String {
    let text = tikv_jemalloc_ctl::version::read().unwrap_or("unknown"); // "5.3.1-0-g81034ce1..."
    format!("jemalloc-{}", text.split('-').next().unwrap_or(text))
}

/// Reads jemalloc's account. `committed` is what it calls resident: pages in use, dirty pages not yet given back, and
/// its own data. Dirty pages are held; what pages in use (it calls them active) have beside their blocks is waste.
#[cfg(feature = "jemalloc")]
pub fn heap() -> Heap {
    use tikv_jemalloc_ctl::{epoch, stats};
    if epoch::advance().is_err() {
        return Heap::default(); // what it knows now is from an earlier reading
    }
    let told = |bytes: Result<usize, _>| bytes.ok().map(|bytes| bytes as u64);
    let (used, committed) = (told(stats::allocated::read()), told(stats::resident::read()));
    let (active, own) = (told(stats::active::read()), told(stats::metadata::read()));
    let less = |all: Option<u64>, part: Option<u64>| all?.checked_sub(part?);
    Heap {
        used,
        committed,
        held: less(less(committed, active), own),
        waste: less(active, used),
    }
}

/// Asks jemalloc to take back what the calling thread has cached and to give back the dirty pages of all arenas.
#[cfg(feature = "jemalloc")]
pub fn give_back() {
    let nothing = ptr::null_mut();
    for action in [c"thread.tcache.flush", c"arena.4096.purge"] {
        // 4096 stands for all arenas. SAFETY: both take no argument and give no result.
        unsafe { tikv_jemalloc_sys::mallctl(action.as_ptr(), nothing, ptr::null_mut(), nothing, 0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;

    #[test]
    fn allocations_are_counted_for_their_own_thread() {
        let before = allocated();
        let mut block = black_box(vec![0u8; 1000]);
        block.reserve_exact(2000); // grows: counts as new
        black_box(&block);
        let after = allocated();
        assert_eq!(after - before, 1000 + 3000);
        std::thread::spawn(|| black_box(vec![1u8; 5000])).join().unwrap();
        assert!(
            allocated() - after < 4000,
            "another thread's bytes were counted here"
        );
    }

    #[test]
    fn an_account_shows_another_threads_count_until_it_ends() {
        let account = Account::default();
        assert_eq!(account.allocated(), None);
        let shown = account.clone();
        let work = move || {
            shown.open_during(|| {
                let before = shown.allocated().unwrap();
                black_box(vec![1u8; 5000]);
                assert_eq!(shown.allocated().unwrap() - before, 5000);
                assert_eq!(shown.allocated(), Some(allocated()));
            });
        };
        std::thread::spawn(work).join().unwrap();
        assert_eq!(account.allocated(), None);
        let shown = account.clone();
        let failing = std::thread::spawn(move || shown.open_during(|| panic!("of this test")));
        assert!(failing.join().is_err() && account.allocated().is_none());
    }

    #[test]
    fn the_heap_account_grows_with_live_blocks() {
        let before = heap();
        let blocks: Vec<Box<[u8; 1024]>> = (0..50_000).map(|i| Box::new([i as u8; 1024])).collect();
        black_box(&blocks);
        let after = heap();
        let grown = after.used.unwrap() - before.used.unwrap();
        assert!(
            (51_200_000..61_000_000).contains(&grown),
            "{grown} bytes more in use"
        );
        assert!(after.committed >= after.used);
        let slack = after.held.unwrap() + after.waste.unwrap_or(0);
        assert!(
            after.used.unwrap() + slack <= after.committed.unwrap(),
            "{after:?}"
        );
    }

    #[test]
    fn the_version_names_the_allocator() {
        let version = version();
        let (name, digits) = version.split_once('-').unwrap();
        assert!(["glibc", "mimalloc", "jemalloc"].contains(&name), "{version}");
        assert!(digits.starts_with(|c: char| c.is_ascii_digit()), "{version}");
    }
}
