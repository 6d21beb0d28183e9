//! Small blocks from a cache per thread.
//!
//! The standard allocator of wasm has one lock, a spinning one, and threads that allocate wait for each other most of
//! the time. Here a thread takes small blocks from its own bins, one per size. Blocks may be freed by another thread than
//! the one that took them; so a bin that grows too long gives half of its blocks to a shared bin, from which others
//! refill theirs, a batch at a time.
//!
//! ```text
//!   thread 1 bins   thread 2 bins        one per size, no lock
//!       │ ▲             │ ▲
//!       ▼ │  batches    ▼ │
//!      shared bins (one spin lock each)
//!             ▲
//!             │ chunks of a batch
//!      the standard allocator (one lock)
//! ```

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};

/// Sizes are multiples of this, which is also the largest alignment served here.
const STEP: usize = 16;
/// The largest block served here is `STEP * BINS` bytes.
const BINS: usize = 64;
/// Blocks that move at once between a thread, the shared bins and the standard allocator.
const BATCH: usize = 32;
/// A thread's bin that is longer gives a batch away.
const LONGEST: usize = 4 * BATCH;

/// The global allocator of the threads flavour.
pub struct PerThread;

/// A free block begins with the address of the next.
type Block = *mut *mut u8;

struct Bin {
    first: *mut u8,
    length: usize,
}

impl Bin {
    const EMPTY: Bin = Bin { first: null_mut(), length: 0 };

    /// # Safety
    /// `block` is a free block of this bin's size that nobody else knows.
    unsafe fn push(&mut self, block: *mut u8) {
        unsafe { *(block as Block) = self.first };
        self.first = block;
        self.length += 1;
    }

    fn pop(&mut self) -> *mut u8 {
        let block = self.first;
        if !block.is_null() {
            // SAFETY: what stands in a bin was pushed there and is a free block.
            self.first = unsafe { *(block as Block) };
            self.length -= 1;
        }
        block
    }

    /// Moves up to a batch of blocks to another bin of the same size.
    fn give(&mut self, other: &mut Bin) {
        for _ in 0..BATCH.min(self.length) {
            let block = self.pop();
            // SAFETY: it was in this bin, and now is in none.
            unsafe { other.push(block) };
        }
    }
}

struct SharedBin {
    taken: AtomicBool,
    bin: UnsafeCell<Bin>,
}

// SAFETY: the bin is only touched in `with`, by whoever holds `taken`.
unsafe impl Sync for SharedBin {}

impl SharedBin {
    const EMPTY: SharedBin = SharedBin { taken: AtomicBool::new(false), bin: UnsafeCell::new(Bin::EMPTY) };

    fn with(&self, change: impl FnOnce(&mut Bin)) {
        while self.taken.swap(true, Ordering::Acquire) {
            std::hint::spin_loop();
        }
        // SAFETY: `taken` was false and is ours.
        change(unsafe { &mut *self.bin.get() });
        self.taken.store(false, Ordering::Release);
    }
}

static SHARED: [SharedBin; BINS] = [const { SharedBin::EMPTY }; BINS];

thread_local! {
    static BINS_OF_THREAD: UnsafeCell<[Bin; BINS]> = const { UnsafeCell::new([const { Bin::EMPTY }; BINS]) };
}

fn bin_for(layout: Layout) -> Option<usize> {
    let is_small = layout.size() > 0 && layout.size() <= STEP * BINS && layout.align() <= STEP;
    is_small.then(|| (layout.size() - 1) / STEP)
}

fn with_bin<T>(index: usize, use_bin: impl FnOnce(&mut Bin) -> T) -> T {
    // SAFETY: the bins are this thread's own, and nothing that is done with a bin allocates.
    BINS_OF_THREAD.with(|bins| use_bin(unsafe { &mut (*bins.get())[index] }))
}

#[cold]
fn refill(bin: &mut Bin, index: usize) -> *mut u8 {
    SHARED[index].with(|shared| shared.give(bin));
    if bin.first.is_null() {
        let size = (index + 1) * STEP;
        let Ok(chunk) = Layout::from_size_align(size * BATCH, STEP) else { return null_mut() };
        // SAFETY: the chunk is not empty; its pieces do not overlap and are as large as the bin's blocks.
        unsafe {
            let first = System.alloc(chunk);
            if first.is_null() {
                return null_mut();
            }
            (0..BATCH).for_each(|piece| bin.push(first.add(piece * size)));
        }
    }
    bin.pop()
}

// SAFETY: a block comes from the bin of its layout or, for large ones, from the standard allocator, and goes back to
// the same; blocks of a bin are at least as large as the layouts that it serves.
unsafe impl GlobalAlloc for PerThread {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match bin_for(layout) {
            None => unsafe { System.alloc(layout) },
            Some(index) => with_bin(index, |bin| {
                let block = bin.pop();
                if block.is_null() { refill(bin, index) } else { block }
            }),
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match bin_for(layout) {
            None => unsafe { System.dealloc(block, layout) },
            Some(index) => with_bin(index, |bin| {
                unsafe { bin.push(block) };
                if bin.length > LONGEST {
                    SHARED[index].with(|shared| bin.give(shared));
                }
            }),
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let Ok(new_layout) = Layout::from_size_align(new_size, layout.align()) else { return null_mut() };
        match (bin_for(layout), bin_for(new_layout)) {
            (None, None) => unsafe { System.realloc(block, layout, new_size) },
            (Some(old), Some(new)) if old == new => block,
            _ => unsafe {
                let moved = self.alloc(new_layout);
                if !moved.is_null() {
                    std::ptr::copy_nonoverlapping(block, moved, layout.size().min(new_size));
                    self.dealloc(block, layout);
                }
                moved
            },
        }
    }
}
