//! Features of every frame of a signal, or of spectra, that are in memory as a whole.

use ndarray::{Array3, ArrayView2, ArrayView3, ArrayViewMut1, s};

use crate::error::Interrupted;
use crate::extract::precision::Precise;
use crate::feature::{Frame, Product, Wide, WideFeature};
use crate::signal::array_frames::ArrayFrames;
use crate::signal::finite::check_finite;
use crate::signal::sample::Sample;
use crate::signal::spectrum::{Complex, PADDING, Precision};
use crate::simd::{LANES, Level};
use crate::{Error, Result};

/// Raises [`Error::Interrupted`] if the work is to stop, but asks only before some frames.
fn poll(interrupted: Interrupted<'_>, t: usize) -> Result<()> {
    /// Number of frames between two questions: together they take far less than a tenth of a second.
    const FRAMES: usize = 256;
    if t.is_multiple_of(FRAMES) && interrupted() {
        return Err(Error::Interrupted);
    }
    Ok(())
}

/// A feature of every frame of every channel of `y`, (channels, samples), in its precision.
///
/// Returns (channels, frames, columns).
///
/// # Errors
/// [`Error::Parameter`] if the signal is too short, [`Error::Unusable`] or [`Error::TooLarge`]
/// for samples that cannot be analysed, [`Error::Interrupted`].
pub fn of_signal<S: Precise>(
    feature: &dyn WideFeature,
    y: ArrayView2<'_, S>,
    framing: &ArrayFrames,
    interrupted: Interrupted<'_>,
) -> Result<Array3<S>> {
    check_finite("y", &y.view().into_dyn(), true)?;
    let n_frames = framing.n_frames(y.ncols())?;
    let counts = feature.needs().contains(&Product::Crossings);
    let mut room = S::room(feature, framing);
    let mut cut = vec![S::default(); framing.length()];
    let mut measured = Measured::new(feature, y.nrows(), n_frames);
    for (channel, y) in y.outer_iter().enumerate() {
        let marks = counts.then(|| framing.mark(&y));
        for t in 0..n_frames {
            poll(interrupted, t)?;
            let mut frame = empty(framing.level, (channel, t));
            frame.length = framing.length();
            let mut samples: &[S] = &[];
            if let Some(marks) = &marks {
                frame.crossings = framing.count(marks, t);
            } else {
                samples = framing.cut(&y, t, &mut cut);
            }
            S::of_samples(feature, samples, frame, &mut room, measured.of(channel, t));
        }
    }
    measured.finish("y", interrupted)
}

/// The complex spectrum of every frame of every channel of `y`, (channels, samples).
///
/// It is computed in double precision and given in that of `T`. Returns (channels, frames, bins).
///
/// # Errors
/// As [`of_signal`].
pub fn stft<S: Sample, T: Sample>(
    y: ArrayView2<'_, S>,
    framing: &ArrayFrames,
    interrupted: Interrupted<'_>,
) -> Result<Array3<Complex<T>>> {
    check_finite("y", &y.view().into_dyn(), true)?;
    let n_frames = framing.n_frames(y.ncols())?;
    let mut spectrum = framing.spectrum(Precision::Double);
    let n_bins = spectrum.n_bins();
    let mut cut = vec![S::default(); framing.length()];
    let mut bins = vec![Complex::<f64>::default(); n_bins];
    let mut found = Vec::with_capacity(y.nrows() * n_frames * n_bins);
    for y in y.outer_iter() {
        for t in 0..n_frames {
            poll(interrupted, t)?;
            S::bins(framing.cut(&y, t, &mut cut), &mut spectrum, &mut bins);
            let narrowed = bins
                .iter()
                .map(|bin| Complex::new(T::nearest(bin.re), T::nearest(bin.im)));
            let start = found.len();
            found.extend(narrowed);
            let whole = found[start..].iter();
            if !whole.fold(true, |fine, bin| fine & T::are_finite(&[bin.re, bin.im])) {
                return Err(Error::TooLarge { name: "y" });
            }
        }
    }
    let shape = (y.nrows(), n_frames, n_bins);
    Array3::from_shape_vec(shape, found).map_err(|_| Error::Empty)
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

/// A feature of every frame of given spectra `s`, (channels, bins, frames), in their precision.
///
/// Returns (channels, frames, columns).
///
/// # Errors
/// As [`of_signal`].
pub fn of_spectra<S: Precise>(
    feature: &dyn WideFeature,
    spectra: ArrayView3<'_, S>,
    given: Given,
    interrupted: Interrupted<'_>,
) -> Result<Array3<S>> {
    /// Number of frames copied together. Where the frames of a bin are adjacent in memory, copying
    /// one frame at a time would read every cache line many times.
    const TOGETHER: usize = 16;
    let (channels, n_bins, n_frames) = spectra.dim();
    check_finite("S", &spectra.view().into_dyn(), given == Given::Levels)?;
    let level = Level::best();
    let mut measured = Measured::new(feature, channels, n_frames);
    let stride = n_bins + PADDING;
    let mut room = vec![S::default(); TOGETHER * stride];
    let mut squares = vec![S::default(); stride];
    for (channel, spectra) in spectra.outer_iter().enumerate() {
        for first in (0..n_frames).step_by(TOGETHER) {
            poll(interrupted, first)?;
            let last = n_frames.min(first + TOGETHER);
            copy_frames(spectra.slice(s![.., first..last]), &mut room, stride);
            for (t, values) in (first..last).zip(room.chunks_exact(stride)) {
                let mut frame = empty(level, (channel, t));
                frame.n_bins = n_bins;
                let mut power = values;
                if given == Given::Magnitude {
                    for (square, &value) in squares.iter_mut().zip(values) {
                        *square = value * value;
                    }
                    power = &squares;
                }
                S::of_spectrum(feature, values, power, frame, measured.of(channel, t));
            }
        }
    }
    measured.finish("S", interrupted)
}

/// Copies `frames`, (bins, frames) with at least one frame, to `room`. Each frame starts there at a
/// multiple of `stride`. They are read in the order in which they are in memory.
fn copy_frames<S: Sample>(frames: ArrayView2<'_, S>, room: &mut [S], stride: usize) {
    // Code that orders values by their bits needs 0 in place of -0, which is equal to it.
    let plain = |&value: &S| {
        if value == S::default() {
            S::default()
        } else {
            value
        }
    };
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

fn empty<'a>(level: Level, place: (usize, usize)) -> Frame<'a> {
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
        wide: Wide {
            place,
            ..Wide::default()
        },
    }
}

/// The bands of all frames of all channels.
struct Measured<'a, S> {
    feature: &'a dyn WideFeature,
    n_bands: usize,
    /// (channels, frames, bands). If the bands are projected, they are followed by zeros.
    values: Array3<S>,
}

impl<'a, S: Precise> Measured<'a, S> {
    fn new(feature: &'a dyn WideFeature, channels: usize, n_frames: usize) -> Self {
        let n_bands = feature.n_bands();
        let stride = if feature.is_projected() {
            n_bands.next_multiple_of(LANES)
        } else {
            n_bands
        };
        let shape = (channels, n_frames, stride);
        Self {
            feature,
            n_bands,
            values: Array3::from_elem(shape, S::default()),
        }
    }

    fn of(&mut self, channel: usize, t: usize) -> &mut [S] {
        let (_, n_frames, stride) = self.values.dim();
        let start = (channel * n_frames + t) * stride;
        // The array was allocated here and is contiguous.
        let values = self.values.as_slice_mut().unwrap_or_default();
        &mut values[start..start + self.n_bands]
    }

    /// Raises bands below the floor to the floor, and maps bands to columns.
    fn finish(mut self, name: &'static str, interrupted: Interrupted<'_>) -> Result<Array3<S>> {
        let (channels, n_frames, stride) = self.values.dim();
        if let Some(floor) = self.feature.floor() {
            let mut start = 0;
            for length in floor.groups {
                let mut group = self.values.slice_mut(s![.., .., start..start + length]);
                let higher = |a: S, b: S| if b > a { b } else { a };
                if let Some(peak) = group.iter().copied().reduce(higher) {
                    let least = peak - S::nearest(f64::from(floor.top_db));
                    // In this order NaN stays, and is found below.
                    group.mapv_inplace(|value| higher(value, least));
                }
                start += length;
            }
        }
        let columns = if self.feature.is_projected() {
            let n_columns = self.feature.n_columns();
            let shape = (channels, n_frames, n_columns);
            let mut columns = Array3::from_elem(shape, S::default());
            let bands = self.values.as_slice().unwrap_or_default();
            let rows = columns.as_slice_mut().unwrap_or_default();
            let rows = rows.chunks_exact_mut(n_columns);
            for (t, (bands, row)) in bands.chunks_exact(stride).zip(rows).enumerate() {
                poll(interrupted, t)?;
                S::project(self.feature, bands, row);
            }
            columns
        } else {
            self.values
        };
        if S::are_finite(columns.as_slice().unwrap_or_default()) {
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
    use crate::signal::array_frames::Signs;
    use ndarray::{Array1, Array2, Axis};
    use proptest::prelude::*;

    /// Nothing interrupts the work.
    const GO: Interrupted<'_> = &|| false;

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
            let signs = Signs { zero: 1e-10, zero_is_positive: true };
            let framing = ArrayFrames::new(&vec![1.0; length], hop_length, centred, signs).unwrap();
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
            let rms = of_signal(&Rms, strided, &framing, GO).unwrap();
            let single = of_signal(&Rms, narrow.view(), &framing, GO).unwrap();
            prop_assert!(rms.iter().zip(&single).all(|(a, &b)| (a - f64::from(b)).abs() < 1e-6));
            let rate = of_signal(&ZeroCrossingRate::default(), strided, &framing, GO).unwrap();
            let bins = Bins { n_bins: length / 2 + 1, power: false };
            let sums = of_signal(&bins, strided, &framing, GO).unwrap();
            for t in 0..n_frames {
                let range = t * hop_length..t * hop_length + length;
                let squares: f64 = zeros[range.clone()].iter().map(|v| v * v).sum();
                let expected = (squares / length as f64).sqrt();
                prop_assert!((rms[[0, t, 0]] - expected).abs() < 1e-6);
                let sum: f64 = zeros[range.clone()].iter().sum();
                prop_assert!((sums[[0, t, 0]] - sum.abs()).abs() < 1e-5);
                let signs = edges[range].windows(2).filter(|p| (p[0] < -1e-10) != (p[1] < -1e-10));
                let expected = signs.count() as f64 / length as f64;
                prop_assert!((rate[[0, t, 0]] - expected).abs() < 1e-6);
            }
        }

        #[test]
        fn spectra_are_the_same_given_or_computed(n in 1usize..3000, hop_length in 50usize..300) {
            let y = Array2::from_shape_fn((2, n), |(c, i)| ((i * 7 + c) % 13) as f32 - 6.0);
            let framing = ArrayFrames::new(&[1.0; 64], hop_length, true, Signs::default()).unwrap();
            let bins = Bins { n_bins: 33, power: false };
            let spectra = of_signal(&bins, y.view(), &framing, GO).unwrap();
            let given = spectra.view().permuted_axes([0, 2, 1]);
            prop_assert_eq!(&of_spectra(&bins, given, Given::Magnitude, GO).unwrap(), &spectra);
            let wide = given.mapv(f64::from);
            let found = of_spectra(&bins, wide.view(), Given::Magnitude, GO).unwrap();
            prop_assert_eq!(found, spectra.mapv(f64::from));
        }
    }

    #[test]
    fn what_cannot_be_analysed_is_named() {
        let framing = ArrayFrames::new(&[1.0; 8], 4, false, Signs::default()).unwrap();
        let error = |y: &[f64]| {
            let y = ArrayView2::from_shape((1, y.len()), y).unwrap();
            let bins = Bins {
                n_bins: 5,
                power: true,
            };
            of_signal(&bins, y, &framing, GO).unwrap_err().to_string()
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
            GO,
        );
        assert_eq!(
            given.unwrap_err().to_string(),
            "S[0, 0, 1]=-1: expected a finite number, at least 0"
        );
    }

    #[test]
    fn the_work_stops_when_it_is_told_to() {
        let y = Array2::<f32>::ones((1, 40_000));
        let framing = ArrayFrames::new(&[1.0; 8], 4, true, Signs::default()).unwrap();
        let bins = Bins {
            n_bins: 5,
            power: true,
        };
        let spectra = of_signal(&bins, y.view(), &framing, GO).unwrap();
        let spectra = spectra.view().permuted_axes([0, 2, 1]);
        // The first question of each call is answered with no, the second with yes.
        let asked = std::cell::Cell::new(0);
        let second = || asked.replace(asked.get() + 1) % 2 == 1;
        let stopped = Err(Error::Interrupted);
        assert_eq!(of_signal(&bins, y.view(), &framing, &second), stopped);
        let given = of_spectra(&bins, spectra, Given::Power, &second);
        assert_eq!(given, stopped);
        let found = stft::<f32, f32>(y.view(), &framing, &second);
        assert_eq!(found, Err(Error::Interrupted));
        assert_eq!(asked.get(), 6);
    }
}
