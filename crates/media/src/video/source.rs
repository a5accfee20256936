//! Where the pictures of a video come from: one file a picture, or one file for the pictures of several videos.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cosmos_core::picture::Picture;

use crate::frames::decode::{DecodeError, DecodeOptions, FrameDecoder};

/// The pictures of one video, in order. Any thread may ask for any of them.
pub trait PictureSource: Send + Sync {
    /// How many there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The file that picture `index` is read from.
    fn path(&self, index: usize) -> &Path;

    /// Picture `index`, made on the thread that asks, which lends its `decoder`.
    ///
    /// # Errors
    /// The file cannot be read, or its pixels cannot be had whole.
    fn picture(&self, index: usize, decoder: &mut FrameDecoder) -> Result<Picture, DecodeError>;
}

/// Each picture is a file.
#[derive(Clone, Debug)]
pub struct Files {
    /// The files in order.
    pub paths: Vec<PathBuf>,
    /// How samples become pixels.
    pub options: DecodeOptions,
}

impl PictureSource for Files {
    fn len(&self) -> usize {
        self.paths.len()
    }

    fn path(&self, index: usize) -> &Path {
        &self.paths[index]
    }

    fn picture(&self, index: usize, decoder: &mut FrameDecoder) -> Result<Picture, DecodeError> {
        decoder.decode(self.path(index), &self.options)
    }
}

/// Hands what was read from a file to several sources, so that it is read once.
///
/// Sources ask in about the same order. One that is far ahead of the others reads for itself, so that no more than
/// `most` frames are kept; those that come later read again.
pub struct Shared<T> {
    takers: usize,
    most: usize,
    frames: Mutex<BTreeMap<usize, Slot<T>>>,
}

struct Slot<T> {
    /// How many sources have not asked yet.
    left: usize,
    /// What was read, locked while it is being read; `None` where it is not kept.
    kept: Option<Arc<Mutex<Option<Arc<T>>>>>,
}

impl<T> Shared<T> {
    /// For `takers` sources, each of which asks once for each frame; at most `most` frames are kept.
    #[must_use]
    pub fn new(takers: usize, most: usize) -> Self {
        Self {
            takers,
            most,
            frames: Mutex::default(),
        }
    }

    /// What `read` gives for frame `index`, or has given to another source. Waits while another thread reads it.
    ///
    /// # Errors
    /// Those of `read`, which the next source tries again.
    pub fn get<E>(&self, index: usize, read: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        let Some(kept) = self.take(index) else {
            return read().map(Arc::new);
        };
        let mut kept = lock(&kept);
        if let Some(known) = &*kept {
            return Ok(Arc::clone(known));
        }
        let fresh = Arc::new(read()?);
        *kept = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    /// Where frame `index` is kept, and for the last source that asks no longer is.
    fn take(&self, index: usize) -> Option<Arc<Mutex<Option<Arc<T>>>>> {
        let mut frames = lock(&self.frames);
        let is_kept = self.takers > 1 && frames.len() < self.most;
        let slot = frames.entry(index).or_insert_with(|| Slot {
            left: self.takers,
            kept: is_kept.then(Arc::default),
        });
        slot.left = slot.left.saturating_sub(1);
        let kept = slot.kept.clone();
        if slot.left == 0 {
            frames.remove(&index);
        }
        kept
    }
}

/// Locks `mutex`; what a panicking thread left behind is only read on the way to reporting that panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn each_frame_is_read_once_while_sources_keep_step() {
        let shared = Shared::new(5, 4);
        let reads = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..5 {
                scope.spawn(|| {
                    let read = || {
                        reads.fetch_add(1, Ordering::Relaxed);
                        Ok::<usize, ()>(7)
                    };
                    assert_eq!(*shared.get(3, read).unwrap(), 7);
                });
            }
        });
        assert_eq!(reads.into_inner(), 1);
        assert!(lock(&shared.frames).is_empty());
    }

    #[test]
    fn a_source_far_ahead_reads_for_itself_and_nothing_piles_up() {
        let shared = Shared::new(2, 3);
        let reads = AtomicUsize::new(0);
        let get = |index: usize| {
            let read = || {
                reads.fetch_add(1, Ordering::Relaxed);
                Ok::<usize, ()>(index)
            };
            assert_eq!(*shared.get(index, read).unwrap(), index);
        };
        (0..10).for_each(get);
        let kept = |frames: &BTreeMap<usize, Slot<usize>>| {
            frames.values().filter(|slot| slot.kept.is_some()).count()
        };
        assert_eq!(kept(&lock(&shared.frames)), 3);
        (0..10).for_each(get);
        assert!(lock(&shared.frames).is_empty());
        assert_eq!(reads.load(Ordering::Relaxed), 10 + 7);
    }

    #[test]
    fn a_failure_is_every_source_s_own() {
        let shared = Shared::<u8>::new(2, 3);
        assert_eq!(shared.get(0, || Err("broken")).unwrap_err(), "broken");
        assert_eq!(*shared.get(0, || Ok::<u8, ()>(1)).unwrap(), 1);
        assert!(lock(&shared.frames).is_empty());
    }
}
