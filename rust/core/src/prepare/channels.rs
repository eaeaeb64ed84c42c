//! From several channels to one.

use crate::simd::Level;
use crate::{Error, Result};

/// What becomes the one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// The mean of all channels.
    Mix,
    /// The channel of this number, from 0.
    Only(usize),
}

/// Appends one channel of interleaved frames to `out`.
///
/// The mean has the bits of `numpy.mean` over the channels, which is what librosa takes.
///
/// # Errors
/// [`Error::NoChannel`] if there is no channel of that number.
pub fn select(
    level: Level,
    interleaved: &[f32],
    channels: usize,
    selection: Selection,
    out: &mut Vec<f32>,
) -> Result<()> {
    let frames = interleaved.chunks_exact(channels.max(1));
    match selection {
        Selection::Only(channel) if channel >= channels => {
            return Err(Error::NoChannel { channel, channels });
        }
        Selection::Only(_) | Selection::Mix if channels == 1 => {
            out.extend_from_slice(interleaved);
        }
        Selection::Only(channel) => out.extend(frames.map(|frame| frame[channel])),
        Selection::Mix if channels == 2 => {
            // Half of the sum is the sum divided by two, to the last bit.
            let start = out.len();
            out.resize(start + interleaved.len() / 2, 0.0);
            level.means_of_pairs(interleaved, &mut out[start..]);
        }
        Selection::Mix => out.extend(frames.map(|frame| sum(frame) / channels as f32)),
    }
    Ok(())
}

/// As [`select`], of channels one after the other, as an array (channels, frames) has them.
///
/// `numpy.mean` adds such channels one by one, however many there are.
///
/// # Errors
/// [`Error::NoChannel`] if there is no channel of that number.
pub fn select_planar(
    planar: &[f32],
    channels: usize,
    selection: Selection,
    out: &mut Vec<f32>,
) -> Result<()> {
    let n_frames = planar.len() / channels.max(1);
    let plane = |channel: usize| &planar[channel * n_frames..][..n_frames];
    match selection {
        Selection::Only(channel) if channel >= channels => {
            return Err(Error::NoChannel { channel, channels });
        }
        Selection::Only(channel) => out.extend_from_slice(plane(channel)),
        Selection::Mix if channels == 0 => {}
        Selection::Mix => {
            let start = out.len();
            out.extend_from_slice(plane(0));
            for channel in 1..channels {
                for (sum, value) in out[start..].iter_mut().zip(plane(channel)) {
                    *sum += value;
                }
            }
            for sum in &mut out[start..] {
                *sum /= channels as f32;
            }
        }
    }
    Ok(())
}

/// The sum of values in the order in which `NumPy` adds neighbours in memory: eight partial sums,
/// and halves of more than 128 values by themselves.
fn sum(values: &[f32]) -> f32 {
    const PARTS: usize = 8;
    const MOST: usize = 128;
    if values.len() > MOST {
        let half = values.len() / 2;
        let (first, second) = values.split_at(half - half % PARTS);
        return sum(first) + sum(second);
    }
    let (whole, rest) = values.split_at(values.len() - values.len() % PARTS);
    let mut parts = whole.chunks_exact(PARTS);
    let start = parts.next().map_or(0.0, |first| {
        let mut sums = [0.0; PARTS];
        sums.copy_from_slice(first);
        for part in parts {
            for (sum, value) in sums.iter_mut().zip(part) {
                *sum += value;
            }
        }
        // Neighbours are added, then pairs of them, then fours.
        let pairs = [0, 2, 4, 6].map(|i| sums[i] + sums[i + 1]);
        (pairs[0] + pairs[1]) + (pairs[2] + pairs[3])
    });
    rest.iter().fold(start, |sum, value| sum + value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(interleaved: &[f32], channels: usize, selection: Selection) -> Vec<f32> {
        let mut out = Vec::new();
        select(Level::best(), interleaved, channels, selection, &mut out).unwrap();
        out
    }

    #[test]
    fn a_channel_is_taken_as_it_is() {
        let y = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        assert_eq!(one(&y, 3, Selection::Only(1)), [2.0, 5.0]);
        assert_eq!(one(&y, 3, Selection::Mix), [2.0, 5.0]);
        assert_eq!(one(&y, 2, Selection::Mix), [1.5, 3.5, 5.5]);
        assert_eq!(one(&y, 1, Selection::Mix), y);
        assert_eq!(one(&y, 1, Selection::Only(0)), y);
    }

    #[test]
    fn a_channel_that_is_not_there_is_an_error() {
        let selection = Selection::Only(2);
        let error = select(Level::best(), &[0.0; 4], 2, selection, &mut Vec::new()).unwrap_err();
        assert_eq!(
            error,
            Error::NoChannel {
                channel: 2,
                channels: 2
            }
        );
        assert_eq!(
            error,
            select_planar(&[0.0; 4], 2, selection, &mut Vec::new()).unwrap_err()
        );
    }

    proptest! {
        #[test]
        fn the_mean_of_any_number_of_channels_is_near_that_in_double_precision(
            channels in 1usize..300, frames in 1usize..4, seed in 1u32..1000,
        ) {
            let y: Vec<f32> = (0..channels * frames)
                .map(|i| ((i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) >> 8) as f32 / 8_388_608.0 - 1.0)
                .collect();
            let planar: Vec<f32> = (0..channels)
                .flat_map(|c| y.iter().skip(c).step_by(channels).copied())
                .collect();
            let mut of_planes = Vec::new();
            select_planar(&planar, channels, Selection::Mix, &mut of_planes).unwrap();
            let mixed = one(&y, channels, Selection::Mix);
            for ((frame, &value), &other) in y.chunks(channels).zip(&mixed).zip(&of_planes) {
                let mean = frame.iter().map(|&v| f64::from(v)).sum::<f64>() / channels as f64;
                // One rounding of values below 1 for each addition at most.
                let slack = f64::from(f32::EPSILON) * channels as f64;
                prop_assert!((f64::from(value) - mean).abs() <= slack);
                prop_assert!((f64::from(other) - mean).abs() <= slack);
                prop_assert!(channels >= 8 || value == other);
            }
        }
    }
}
