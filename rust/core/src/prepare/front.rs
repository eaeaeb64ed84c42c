//! `Front`: blocks as a decoder gives them to one channel at the recording's own rate.

use crate::Result;
use crate::prepare::channels::{self, Selection};
use crate::prepare::highpass::Highpass;
use crate::prepare::inspect::Inspector;
use crate::simd::Level;

/// Number of frames of a block that all is done with before the next ones, so that they are still
/// in the cache.
const PIECE: usize = 1024;

/// Takes a recording block by block, brings it to one channel and filters that.
///
/// The samples do not depend on how the recording was cut into blocks.
#[derive(Debug, Clone)]
pub struct Front {
    level: Level,
    channels: usize,
    selection: Selection,
    highpass: Option<Highpass>,
}

impl Front {
    /// A front for a recording of so many channels at `sr` Hz; `highpass` is a frequency in Hz.
    ///
    /// # Errors
    /// [`Error::NoChannel`](crate::Error::NoChannel) if the recording does not have the channel,
    /// [`Error::Parameter`](crate::Error::Parameter) unless the frequency is below half the rate.
    pub fn new(
        channels: usize,
        selection: Selection,
        highpass: Option<f64>,
        sr: f64,
    ) -> Result<Self> {
        // An empty block shows whether there is such a channel.
        let level = Level::best();
        channels::select(level, &[], channels, selection, &mut Vec::new())?;
        Ok(Self {
            level,
            channels,
            selection,
            highpass: highpass.map(|hz| Highpass::new(hz, sr)).transpose()?,
        })
    }

    /// Appends one channel of the next block of interleaved frames to `out`. An inspector looks at
    /// the block as it was decoded.
    ///
    /// # Errors
    /// None that [`Front::new`] has not given.
    pub fn push(
        &mut self,
        interleaved: &[f32],
        mut inspector: Option<&mut Inspector>,
        out: &mut Vec<f32>,
    ) -> Result<()> {
        out.reserve(interleaved.len() / self.channels.max(1));
        for piece in interleaved.chunks(PIECE * self.channels.max(1)) {
            let start = out.len();
            channels::select(self.level, piece, self.channels, self.selection, out)?;
            if let Some(inspector) = &mut inspector {
                match self.selection {
                    Selection::Mix => inspector.push_mixed(piece, &out[start..]),
                    Selection::Only(_) => inspector.push(piece),
                }
            }
            self.filter(&mut out[start..]);
        }
        Ok(())
    }

    /// As [`Front::push`], for a block with its channels one after the other.
    ///
    /// # Errors
    /// None that [`Front::new`] has not given.
    pub fn push_planar(&mut self, planar: &[f32], out: &mut Vec<f32>) -> Result<()> {
        let start = out.len();
        channels::select_planar(planar, self.channels, self.selection, out)?;
        self.filter(&mut out[start..]);
        Ok(())
    }

    fn filter(&mut self, y: &mut [f32]) {
        if let Some(highpass) = &mut self.highpass {
            highpass.apply(y);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    #[test]
    fn the_channel_is_taken_before_the_filter() {
        let y: Vec<f32> = (0..600).map(|i| (i % 17) as f32).collect();
        let second: Vec<f32> = y.iter().skip(1).step_by(2).copied().collect();
        let mut expected = second.clone();
        Highpass::new(50.0, 8000.0).unwrap().apply(&mut expected);
        let front = || Front::new(2, Selection::Only(1), Some(50.0), 8000.0).unwrap();
        let mut found = vec![-1.0];
        front().push(&y, None, &mut found).unwrap();
        assert_eq!(found[1..], expected);
        let planar: Vec<f32> = [vec![9.0; 300], second].concat();
        let mut found = Vec::new();
        front().push_planar(&planar, &mut found).unwrap();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_inspector_notices_what_it_does_alone_and_changes_nothing() {
        for (channels, selection) in [
            (1, Selection::Mix),
            (2, Selection::Mix),
            (2, Selection::Only(1)),
            (3, Selection::Mix),
        ] {
            // Each channel is a wave that is cut off.
            let wave = |i: usize| ((i / channels) as f32 * 0.05).sin().clamp(-0.7, 0.7);
            let y: Vec<f32> = (0..12_000).map(wave).collect();
            let front = || Front::new(channels, selection, Some(50.0), 8000.0).unwrap();
            let (mut alone, mut watched) = (Inspector::new(channels), Inspector::new(channels));
            let (mut expected, mut found) = (Vec::new(), Vec::new());
            alone.push(&y);
            front().push(&y, None, &mut expected).unwrap();
            let mut front = front();
            for block in y.chunks(channels * 1500) {
                front.push(block, Some(&mut watched), &mut found).unwrap();
            }
            assert_eq!(found, expected);
            let noticed = watched.finish();
            assert!(noticed.clipped_runs > 0);
            assert_eq!(noticed, alone.finish());
        }
    }

    #[test]
    fn what_cannot_be_prepared_is_said_at_once() {
        let front = |selection, highpass| Front::new(2, selection, highpass, 8000.0).map(|_| ());
        assert_eq!(
            front(Selection::Only(2), None),
            Err(Error::NoChannel {
                channel: 2,
                channels: 2
            })
        );
        assert!(front(Selection::Mix, Some(4000.0)).is_err());
        assert!(front(Selection::Only(1), Some(3999.0)).is_ok());
    }
}
