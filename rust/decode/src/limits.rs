//! How much time and work a file may take.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::error::{Error, Result};

/// Fewer frames per second than this are no sound.
pub const MIN_RATE: u32 = 1_000;
/// More frames per second than this are no sound.
pub const MAX_RATE: u32 = 768_000;
/// More channels than this are taken for a broken header.
pub const MAX_CHANNELS: usize = 64;

/// What every file may use, whatever its size.
const FREE_BYTES: u64 = 1 << 18;
/// What a packet counts at least: one without bytes takes time too.
const PACKET_BYTES: u64 = 16;

/// How much a file may take. No header is believed, so these are what ends the decoding of a small
/// file that claims to be endless.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// How many seconds of sound a file may decode to. 24 hours, unless set.
    pub seconds: f64,
    /// How many bytes may be read of a file, as a multiple of its size; what is read twice counts
    /// twice, and a packet counts as at least 16 bytes. 16, unless set.
    pub work: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            seconds: 86_400.0,
            work: 16.0,
        }
    }
}

/// Counts the work on one file.
#[derive(Debug)]
pub struct Meter {
    left: AtomicU64,
    spent: AtomicBool,
    work: f64,
}

impl Meter {
    /// A meter for a file of this many bytes.
    pub fn new(limits: &Limits, size: u64) -> Self {
        let allowed = (size.saturating_add(FREE_BYTES)) as f64 * limits.work.max(0.0);
        Self {
            left: AtomicU64::new(allowed as u64),
            spent: AtomicBool::new(false),
            work: limits.work,
        }
    }

    /// Counts some bytes, and tells whether they were allowed.
    pub fn take(&self, bytes: u64) -> bool {
        let taken = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(bytes)
            });
        if taken.is_err() {
            self.spent.store(true, Ordering::Relaxed);
        }
        taken.is_ok()
    }

    /// Counts a packet.
    ///
    /// # Errors
    /// If no more work is allowed.
    pub fn take_packet(&self) -> Result<()> {
        self.take(PACKET_BYTES);
        self.check()
    }

    /// Tells whether work is left.
    ///
    /// # Errors
    /// If no more work is allowed.
    pub fn check(&self) -> Result<()> {
        if self.spent.load(Ordering::Relaxed) {
            return Err(Error::Limit(format!(
                "decoding it takes reading more than {} times its size, which is the limit",
                self.work
            )));
        }
        Ok(())
    }
}
