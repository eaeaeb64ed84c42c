//! Features of every frame of a signal, or of spectra, that are in memory as a whole.

use ndarray::{Array3, ArrayView2, ArrayView3, ArrayViewMut1, s};

use crate::feature::{Feature, Frame, Product};
use crate::signal::array_frames::{ArrayFrames, Sample};
use crate::signal::finite::check_finite;
use crate::signal::spectrum::PADDING;
use crate::simd::{LANES, Level};
use crate::{Error, Result};

/// A feature of every frame of every channel of `y`, (channels, samples).
///
/// Returns (channels, frames, columns).
///
/// # Errors
/// [`Error::Parameter`] if the signal is too short, [`Error::Unusable`] or [`Error::TooLarge`]
/// for samples that cannot be analysed.
pub fn of_signal<S: Sample>(
    feature: &dyn Feature,
    y: ArrayView2<'_, S>,
    framing: &ArrayFrames,
) -> Result<Array3<f32>> {
    check_finite("y", &y.view().into_dyn(), true)?;
    let n_frames = framing.n_frames(y.ncols())?;
    let needs = |product| feature.needs().contains(&product);
    let mut spectrum = needs(Product::Spectrum).then(|| framing.spectrum(feature.precision()));
    let mut room = vec![S::default(); framing.length()];
    let mut narrow = Vec::new();
    let mut measured = Measured::new(feature, y.nrows(), n_frames);
    for (channel, y) in y.outer_iter().enumerate() {
        let marks = needs(Product::Crossings).then(|| framing.mark(&y));
        for t in 0..n_frames {
            let mut frame = empty(framing.level);
            frame.length = framing.length();
            if let Some(marks) = &marks {
                frame.crossings = framing.count(marks, t);
            } else {
                let samples = framing.cut(&y, t, &mut room);
                if let Some(spectrum) = &mut spectrum {
                    S::transform(samples, spectrum);
                    frame.n_bins = spectrum.n_bins();
                    frame.padded_magnitude = spectrum.padded_magnitude();
                    frame.padded_power = spectrum.padded_power();
                }
                if needs(Product::Samples) {
                    frame.samples = if let Some(samples) = S::as_single(samples) {
                        samples
                    } else {
                        narrow.clear();
                        narrow.extend(samples.iter().map(|sample| sample.single()));
                        &narrow
                    };
                }
            }
            feature.bands(&frame, measured.of(channel, t));
        }
    }
    measured.finish("y")
}

/// What the values of given spectra are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// Magnitudes.
    Magnitude,
    /// Power, in whatever sense the feature uses it.
    Power,
    /// Levels, or other values that may be negative, in place of magnitudes.
    Levels,
}

/// A feature of every frame of given spectra `s`, (channels, bins, frames).
///
/// Returns (channels, frames, columns).
///
/// # Errors
/// As [`of_signal`].
pub fn of_spectra<S: Sample>(
    feature: &dyn Feature,
    spectra: ArrayView3<'_, S>,
    given: Given,
) -> Result<Array3<f32>> {
    /// Number of frames copied together. Where the frames of a bin are adjacent in memory, copying
    /// one frame at a time would read every cache line many times.
    const TOGETHER: usize = 16;
    let (channels, n_bins, n_frames) = spectra.dim();
    check_finite("S", &spectra.view().into_dyn(), given == Given::Levels)?;
    let level = Level::best();
    let mut measured = Measured::new(feature, channels, n_frames);
    let stride = n_bins + PADDING;
    let mut room = vec![0.0_f32; TOGETHER * stride];
    let mut squares = vec![0.0_f32; stride];
    for (channel, spectra) in spectra.outer_iter().enumerate() {
        for first in (0..n_frames).step_by(TOGETHER) {
            let last = n_frames.min(first + TOGETHER);
            copy_frames(spectra.slice(s![.., first..last]), &mut room, stride);
            for (t, values) in (first..last).zip(room.chunks_exact(stride)) {
                let mut frame = empty(level);
                frame.n_bins = n_bins;
                (frame.padded_magnitude, frame.padded_power) = (values, values);
                if given == Given::Magnitude {
                    for (square, value) in squares.iter_mut().zip(values) {
                        *square = value * value;
                    }
                    frame.padded_power = &squares;
                }
                feature.bands(&frame, measured.of(channel, t));
            }
        }
    }
    measured.finish("S")
}

/// Copies `frames`, (bins, frames) with at least one frame, to `room`. Each frame starts there at a
/// multiple of `stride`. They are read in the order in which they are in memory.
fn copy_frames<S: Sample>(frames: ArrayView2<'_, S>, room: &mut [f32], stride: usize) {
    // Adding 0 turns -0 into 0. Code that orders values by their bits needs that.
    let plain = |value: &S| value.single() + 0.0;
    if frames.column(0).as_slice().is_some() {
        let rooms = room.chunks_exact_mut(stride);
        for (frame, room) in frames.columns().into_iter().zip(rooms) {
            let mut room = ArrayViewMut1::from(&mut room[..frame.len()]);
            room.zip_mut_with(&frame, |to, value| *to = plain(value));
        }
    } else {
        for (bin, values) in frames.outer_iter().enumerate() {
            for (i, value) in values.iter().enumerate() {
                room[i * stride + bin] = plain(value);
            }
        }
    }
}

fn empty<'a>(level: Level) -> Frame<'a> {
    Frame {
        level,
        length: 0,
        samples: &[],
        crossings: 0,
        n_bins: 0,
        padded_magnitude: &[],
        padded_power: &[],
        chroma: &[],
        mel_db: &[],
    }
}

/// The bands of all frames of all channels.
struct Measured<'a> {
    feature: &'a dyn Feature,
    n_bands: usize,
    /// (channels, frames, bands). If the bands are projected, they are followed by zeros.
    values: Array3<f32>,
}

impl<'a> Measured<'a> {
    fn new(feature: &'a dyn Feature, channels: usize, n_frames: usize) -> Self {
        let n_bands = feature.n_bands();
        let stride = if feature.is_projected() {
            n_bands.next_multiple_of(LANES)
        } else {
            n_bands
        };
        Self {
            feature,
            n_bands,
            values: Array3::zeros((channels, n_frames, stride)),
        }
    }

    fn of(&mut self, channel: usize, t: usize) -> &mut [f32] {
        let (_, n_frames, stride) = self.values.dim();
        let start = (channel * n_frames + t) * stride;
        // The array was allocated here and is contiguous.
        let values = self.values.as_slice_mut().unwrap_or_default();
        &mut values[start..start + self.n_bands]
    }

    /// Raises bands below the floor to the floor, and maps bands to columns.
    fn finish(mut self, name: &'static str) -> Result<Array3<f32>> {
        let (channels, n_frames, stride) = self.values.dim();
        if let Some(floor) = self.feature.floor() {
            let mut start = 0;
            for length in floor.groups {
                let mut group = self.values.slice_mut(s![.., .., start..start + length]);
                let peak = group.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                group.mapv_inplace(|value| value.max(peak - floor.top_db));
                start += length;
            }
        }
        let columns = if self.feature.is_projected() {
            let n_columns = self.feature.n_columns();
            let mut columns = Array3::zeros((channels, n_frames, n_columns));
            let bands = self.values.as_slice().unwrap_or_default();
            let rows = columns.as_slice_mut().unwrap_or_default();
            let rows = rows.chunks_exact_mut(n_columns);
            for (bands, row) in bands.chunks_exact(stride).zip(rows) {
                self.feature.project(bands, row);
            }
            columns
        } else {
            self.values
        };
        let values = columns.as_slice().unwrap_or_default();
        if Level::best().peak_and_sum(values).1.is_finite() {
            Ok(columns)
        } else {
            Err(Error::TooLarge { name })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::{Bins, Rms, ZeroCrossingRate};
    use ndarray::{Array1, Array2, Axis};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn frames_are_slices_of_the_padded_signal_whatever_the_strides(
            y in prop::collection::vec(-1.0f64..1.0, 1..200),
            length in 1usize..40,
            hop_length in 1usize..60,
            centred: bool,
            step in 1usize..4,
        ) {
            let y: Vec<f64> = y.iter().map(|&v| f64::from(v as f32)).collect();
            let framing = ArrayFrames::new(&vec![1.0; length], hop_length, centred, 1e-10).unwrap();
            let pad = if centred { length / 2 } else { 0 };
            let padded = |before: f64, after: f64| {
                [vec![before; pad], y.clone(), vec![after; pad]].concat()
            };
            let (zeros, edges) = (padded(0.0, 0.0), padded(y[0], y[y.len() - 1]));
            let strided = Array1::from_shape_fn(y.len() * step, |i| y[i / step]);
            let strided = strided.slice(s![..;step]).insert_axis(Axis(0));
            let narrow = Array2::from_shape_fn((1, y.len()), |(_, i)| y[i] as f32);
            let Ok(n_frames) = framing.n_frames(y.len()) else {
                prop_assert!(zeros.len() < length);
                return Ok(());
            };
            prop_assert_eq!(n_frames, 1 + (zeros.len() - length) / hop_length);
            let rms = of_signal(&Rms, strided, &framing).unwrap();
            prop_assert_eq!(&rms, &of_signal(&Rms, narrow.view(), &framing).unwrap());
            let rate = of_signal(&ZeroCrossingRate::default(), strided, &framing).unwrap();
            let bins = Bins { n_bins: length / 2 + 1, power: false };
            let sums = of_signal(&bins, strided, &framing).unwrap();
            for t in 0..n_frames {
                let range = t * hop_length..t * hop_length + length;
                let squares: f64 = zeros[range.clone()].iter().map(|v| v * v).sum();
                let expected = (squares / length as f64).sqrt();
                prop_assert!((f64::from(rms[[0, t, 0]]) - expected).abs() < 1e-6);
                let sum: f64 = zeros[range.clone()].iter().sum();
                prop_assert!((f64::from(sums[[0, t, 0]]) - sum.abs()).abs() < 1e-5);
                let signs = edges[range].windows(2).filter(|p| (p[0] < -1e-10) != (p[1] < -1e-10));
                let expected = signs.count() as f64 / length as f64;
                prop_assert!((f64::from(rate[[0, t, 0]]) - expected).abs() < 1e-6);
            }
        }

        #[test]
        fn spectra_are_the_same_given_or_computed(n in 1usize..3000, hop_length in 50usize..300) {
            let y = Array2::from_shape_fn((2, n), |(c, i)| ((i * 7 + c) % 13) as f32 - 6.0);
            let framing = ArrayFrames::new(&[1.0; 64], hop_length, true, 0.0).unwrap();
            let bins = Bins { n_bins: 33, power: false };
            let spectra = of_signal(&bins, y.view(), &framing).unwrap();
            let given = spectra.view().permuted_axes([0, 2, 1]);
            prop_assert_eq!(&of_spectra(&bins, given, Given::Magnitude).unwrap(), &spectra);
            let wide = given.mapv(f64::from);
            prop_assert_eq!(&of_spectra(&bins, wide.view(), Given::Magnitude).unwrap(), &spectra);
        }
    }

    #[test]
    fn what_cannot_be_analysed_is_named() {
        let framing = ArrayFrames::new(&[1.0; 8], 4, false, 0.0).unwrap();
        let error = |y: &[f64]| {
            let y = ArrayView2::from_shape((1, y.len()), y).unwrap();
            let bins = Bins {
                n_bins: 5,
                power: true,
            };
            of_signal(&bins, y, &framing).unwrap_err().to_string()
        };
        assert_eq!(
            error(&[0.0; 7]),
            "y=7 samples: expected at least one frame of 8 samples"
        );
        assert_eq!(
            error(&[f64::NAN; 9]),
            "y[0, 0]=NaN: expected a finite number"
        );
        assert!(error(&[1e300; 9]).starts_with("y: expected values small enough"));
        let given = of_spectra(
            &Bins {
                n_bins: 1,
                power: false,
            },
            ArrayView3::from_shape((1, 1, 2), &[0.5_f32, -1.0]).unwrap(),
            Given::Magnitude,
        );
        assert_eq!(
            given.unwrap_err().to_string(),
            "S[0, 0, 1]=-1: expected a finite number, at least 0"
        );
    }
}
