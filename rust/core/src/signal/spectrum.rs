//! Windowed FFT, magnitude and power of a frame.

use std::sync::Arc;

pub use rustfft::num_complex::Complex;
use rustfft::{Fft, FftNum, FftPlanner};

use crate::simd::{Fourier, LANES, Level, Lines, Numbers, unpacked_bin};

/// Number of zeros after the last bin of [`Spectrum::padded_power`].
pub const PADDING: usize = LANES;

/// If the largest power of a frame is below this, powers of its other bins may become 0 in single
/// precision. Magnitudes are then computed from the bins themselves.
const FAINT: f32 = 1e-20;

/// The precision in which window and FFT are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// 32 bits: enough for sums over many bins.
    Single,
    /// 64 bits, as in librosa. Spectral contrast looks at the quietest bins, which are lost in the
    /// noise of a single-precision FFT.
    Double,
}

/// What all frames share: the FFT's tables and the window.
pub struct SpectrumPlan {
    level: Level,
    tables: Tables,
}

enum Tables {
    Single(Arc<Table<f32>>),
    Double(Arc<Table<f64>>),
    /// Double precision, for lengths that our own FFT takes.
    Fourier(Arc<Fourier>, usize),
}

impl SpectrumPlan {
    /// A plan for frames as long as the window, which must not be empty.
    #[must_use]
    pub fn new(level: Level, precision: Precision, window: &[f64]) -> Self {
        let tables = match precision {
            Precision::Single => Tables::Single(Arc::new(Table::new(window))),
            Precision::Double if Fourier::takes(window.len()) => {
                Tables::Fourier(Arc::new(Fourier::new(window)), window.len())
            }
            Precision::Double => Tables::Double(Arc::new(Table::new(window))),
        };
        Self { level, tables }
    }

    /// A transformer of frames, with its own buffers.
    #[must_use]
    pub fn spectrum(&self) -> Spectrum {
        self.spectra(1)
    }

    /// A transformer that keeps the spectra of up to `n` frames, at least one.
    #[must_use]
    pub fn spectra(&self, n: usize) -> Spectrum {
        let (work, n_fft): (Box<dyn Transform>, usize) = match &self.tables {
            Tables::Single(table) => (Box::new(Work::new(table)), table.n_fft),
            Tables::Double(table) => (Box::new(Work::new(table)), table.n_fft),
            Tables::Fourier(tables, n_fft) => (Box::new(Transformed::new(tables)), *n_fft),
        };
        let n_bins = n_fft / 2 + 1;
        Spectrum {
            level: self.level,
            work,
            n_bins,
            found: (0..n.max(1)).map(|_| Found::new(n_bins)).collect(),
        }
    }
}

/// The number type of a transform.
trait Real: FftNum {
    fn of(value: f64) -> Self;
    fn pack(level: Level, samples: &[f32], window: &[Self], packed: &mut [Complex<Self>]);
    fn pack_wide(level: Level, samples: &[f64], window: &[Self], packed: &mut [Complex<Self>]);
    fn split(level: Level, bins: &[Complex<Self>], re: &mut [Self], im: &mut [Self]);
    fn power(level: Level, parts: [&[Self]; 4], power: &mut [f32]);
    fn single(self) -> f32;
    fn double(self) -> f64;
    fn norm(bin: Complex<Self>) -> f32;
}

impl Real for f32 {
    fn of(value: f64) -> Self {
        value as Self
    }
    fn pack(level: Level, samples: &[f32], window: &[Self], packed: &mut [Complex<Self>]) {
        level.pack_single(samples, window, packed);
    }
    fn pack_wide(level: Level, samples: &[f64], window: &[Self], packed: &mut [Complex<Self>]) {
        let samples: Vec<f32> = samples.iter().map(|&sample| sample as f32).collect();
        level.pack_single(&samples, window, packed);
    }
    fn split(level: Level, bins: &[Complex<Self>], re: &mut [Self], im: &mut [Self]) {
        level.split_single(bins, re, im);
    }
    fn power(level: Level, [re, im, cos, sin]: [&[Self]; 4], power: &mut [f32]) {
        level.power_single(re, im, cos, sin, power);
    }
    fn single(self) -> f32 {
        self
    }
    fn double(self) -> f64 {
        f64::from(self)
    }
    fn norm(bin: Complex<Self>) -> f32 {
        bin.norm()
    }
}

impl Real for f64 {
    fn of(value: f64) -> Self {
        value
    }
    fn pack(level: Level, samples: &[f32], window: &[Self], packed: &mut [Complex<Self>]) {
        level.pack_double(samples, window, packed);
    }
    fn pack_wide(level: Level, samples: &[f64], window: &[Self], packed: &mut [Complex<Self>]) {
        level.pack_wide(samples, window, packed);
    }
    fn split(level: Level, bins: &[Complex<Self>], re: &mut [Self], im: &mut [Self]) {
        level.split_double(bins, re, im);
    }
    fn power(level: Level, [re, im, cos, sin]: [&[Self]; 4], power: &mut [f32]) {
        level.power_double(re, im, cos, sin, power);
    }
    fn single(self) -> f32 {
        self as f32
    }
    fn double(self) -> f64 {
        self
    }
    fn norm(bin: Complex<Self>) -> f32 {
        bin.norm() as f32
    }
}

/// The tables that all frames of an analysis share.
///
/// Two samples are packed into one complex number, so that the FFT is half as long. A frame of odd
/// length cannot be packed in pairs. It is transformed as complex numbers with imaginary parts of
/// 0.
struct Table<R> {
    n_fft: usize,
    fft: Arc<dyn Fft<R>>,
    /// The window. For a frame of even length it is halved, because bins are unpacked twice as
    /// large.
    window: Vec<R>,
    /// Cosines and sines of the angles of the bins, for frames of even length.
    cos: Vec<R>,
    sin: Vec<R>,
}

impl<R: Real> Table<R> {
    fn new(window: &[f64]) -> Self {
        let n_fft = window.len();
        let even = n_fft.is_multiple_of(2);
        let scale = if even { 0.5 } else { 1.0 };
        let turn = -std::f64::consts::TAU / n_fft as f64;
        let angles = (0..=n_fft / 2).map(|k| turn * k as f64);
        Self {
            n_fft,
            fft: FftPlanner::new().plan_fft_forward(if even { n_fft / 2 } else { n_fft }),
            window: window.iter().map(|&w| R::of(scale * w)).collect(),
            cos: angles.clone().map(|a| R::of(a.cos())).collect(),
            sin: angles.map(|a| R::of(a.sin())).collect(),
        }
    }

    fn even(&self) -> bool {
        self.n_fft.is_multiple_of(2)
    }
}

/// A table with the buffers to transform one frame at a time.
struct Work<R> {
    table: Arc<Table<R>>,
    packed: Vec<Complex<R>>,
    bins: Vec<Complex<R>>,
    scratch: Vec<Complex<R>>,
    re: Vec<R>,
    im: Vec<R>,
}

trait Transform: Send + Sync {
    /// Transforms a frame. The other methods give parts of its spectrum.
    fn transform(&mut self, level: Level, samples: &[f32]);
    /// Transforms a frame of samples in double precision.
    fn transform_wide(&mut self, level: Level, samples: &[f64]);
    /// Writes the power and the magnitude of each bin, and returns the largest power. Magnitudes
    /// whose squares are too small for single precision are lost.
    fn power(&self, level: Level, power: &mut [f32], magnitude: &mut [f32]) -> f32;
    fn magnitude(&self, bin: usize) -> f32;
    fn bins(&self, bins: &mut [Complex<f64>]);
}

impl<R: Real> Work<R> {
    fn new(table: &Arc<Table<R>>) -> Self {
        let n = table.fft.len();
        let zeros = |n| vec![Complex::new(R::zero(), R::zero()); n];
        let parts = if table.even() { n + 1 } else { 0 };
        Self {
            packed: zeros(n),
            bins: zeros(n),
            scratch: zeros(table.fft.get_outofplace_scratch_len()),
            re: vec![R::zero(); parts],
            im: vec![R::zero(); parts],
            table: Arc::clone(table),
        }
    }

    fn finish(&mut self, level: Level) {
        let fft = &self.table.fft;
        fft.process_outofplace_with_scratch(&mut self.packed, &mut self.bins, &mut self.scratch);
        if self.table.even() {
            R::split(level, &self.bins, &mut self.re, &mut self.im);
        }
    }

    fn bin(&self, bin: usize) -> Complex<R> {
        if self.table.even() {
            let mirror = self.re.len() - 1 - bin;
            let z = [bin, mirror].map(|k| [self.re[k], self.im[k]]);
            let z = [z[0][0], z[0][1], z[1][0], z[1][1]];
            unpacked_bin(z, self.table.cos[bin], self.table.sin[bin])
        } else {
            self.bins[bin]
        }
    }

    fn pack_whole<S: Copy>(&mut self, samples: &[S], convert: impl Fn(S) -> f64) {
        let windowed = samples.iter().zip(&self.table.window);
        for (packed, (&sample, &weight)) in self.packed.iter_mut().zip(windowed) {
            *packed = Complex::new(R::of(convert(sample)) * weight, R::zero());
        }
    }
}

impl<R: Real> Transform for Work<R> {
    fn transform(&mut self, level: Level, samples: &[f32]) {
        if self.table.even() {
            R::pack(level, samples, &self.table.window, &mut self.packed);
        } else {
            self.pack_whole(samples, f64::from);
        }
        self.finish(level);
    }

    fn transform_wide(&mut self, level: Level, samples: &[f64]) {
        if self.table.even() {
            R::pack_wide(level, samples, &self.table.window, &mut self.packed);
        } else {
            self.pack_whole(samples, |sample| sample);
        }
        self.finish(level);
    }

    fn power(&self, level: Level, power: &mut [f32], magnitude: &mut [f32]) -> f32 {
        if self.table.even() {
            let parts: [&[R]; 4] = [&self.re, &self.im, &self.table.cos, &self.table.sin];
            R::power(level, parts, power);
        } else {
            for (power, bin) in power.iter_mut().zip(&self.bins) {
                *power = bin.norm_sqr().single();
            }
        }
        level.roots(power, magnitude)
    }

    fn magnitude(&self, bin: usize) -> f32 {
        R::norm(self.bin(bin))
    }

    fn bins(&self, bins: &mut [Complex<f64>]) {
        for (k, to) in bins.iter_mut().enumerate() {
            let bin = self.bin(k);
            *to = Complex::new(bin.re.double(), bin.im.double());
        }
    }
}

/// A frame that our own FFT transforms.
struct Transformed {
    tables: Arc<Fourier>,
    numbers: Numbers,
}

impl Transformed {
    fn new(tables: &Arc<Fourier>) -> Self {
        Self {
            numbers: tables.numbers(),
            tables: Arc::clone(tables),
        }
    }
}

impl Transform for Transformed {
    fn transform(&mut self, level: Level, samples: &[f32]) {
        level.fourier(&self.tables, samples, &mut self.numbers);
    }

    fn transform_wide(&mut self, level: Level, samples: &[f64]) {
        level.fourier_wide(&self.tables, samples, &mut self.numbers);
    }

    fn power(&self, level: Level, power: &mut [f32], magnitude: &mut [f32]) -> f32 {
        level.fourier_power(&self.tables, &self.numbers, power, magnitude)
    }

    fn magnitude(&self, bin: usize) -> f32 {
        self.tables.bin(&self.numbers, bin).norm() as f32
    }

    fn bins(&self, bins: &mut [Complex<f64>]) {
        for (k, bin) in bins.iter_mut().enumerate() {
            *bin = self.tables.bin(&self.numbers, k);
        }
    }
}

/// Spectra of frames, most often of one, and the buffers to compute them.
pub struct Spectrum {
    level: Level,
    work: Box<dyn Transform>,
    n_bins: usize,
    found: Vec<Found>,
}

/// Magnitude and power of the bins of one frame, each followed by [`PADDING`] zeros.
struct Found {
    magnitude: Lines,
    power: Lines,
}

impl Found {
    fn new(n_bins: usize) -> Self {
        let [magnitude, power] = [0, 1].map(|_| Lines::zeros(n_bins + PADDING));
        Self { magnitude, power }
    }
}

impl Spectrum {
    /// Transforms one frame, which must have as many samples as the window.
    pub fn transform(&mut self, samples: &[f32]) {
        self.transform_as(0, samples);
    }

    /// Transforms one frame, and keeps its spectrum at a place below the number of those it can
    /// keep.
    pub fn transform_as(&mut self, place: usize, samples: &[f32]) {
        self.work.transform(self.level, samples);
        let found = &mut self.found[place];
        let power = &mut found.power.values_mut()[..self.n_bins];
        let magnitude = &mut found.magnitude.values_mut()[..self.n_bins];
        if self.work.power(self.level, power, magnitude) < FAINT {
            for (k, magnitude) in magnitude.iter_mut().enumerate() {
                *magnitude = self.work.magnitude(k);
            }
        }
    }

    /// Transforms one frame, and writes its complex bins and not their magnitudes and powers.
    pub fn bins(&mut self, samples: &[f32], bins: &mut [Complex<f64>]) {
        self.work.transform(self.level, samples);
        self.work.bins(bins);
    }

    /// Does the same as [`Spectrum::bins`] with samples in double precision.
    pub fn bins_wide(&mut self, samples: &[f64], bins: &mut [Complex<f64>]) {
        self.work.transform_wide(self.level, samples);
        self.work.bins(bins);
    }

    /// Number of bins.
    #[must_use]
    pub fn n_bins(&self) -> usize {
        self.n_bins
    }

    /// Absolute value of each bin, followed by [`PADDING`] zeros.
    #[must_use]
    pub fn padded_magnitude(&self) -> &[f32] {
        self.padded_magnitude_of(0)
    }

    /// What [`Spectrum::padded_magnitude`] is, of the frame at a place.
    #[must_use]
    pub fn padded_magnitude_of(&self, place: usize) -> &[f32] {
        self.found[place].magnitude.values()
    }

    /// Squared absolute value of each bin, followed by [`PADDING`] zeros.
    #[must_use]
    pub fn padded_power(&self) -> &[f32] {
        self.padded_power_of(0)
    }

    /// What [`Spectrum::padded_power`] is, of the frame at a place.
    #[must_use]
    pub fn padded_power_of(&self, place: usize) -> &[f32] {
        self.found[place].power.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_transform_equals_the_sum_it_stands_for() {
        for n_fft in [1, 2, 5, 16, 30, 31] {
            let window: Vec<f64> = (0..n_fft).map(|i| 1.0 + (i % 3) as f64).collect();
            let wide: Vec<f64> = (0..n_fft).map(|i| ((i * 7 % 5) as f64) - 1.5).collect();
            let y: Vec<f32> = wide.iter().map(|&y| y as f32).collect();
            let sums: Vec<Complex<f64>> = (0..=n_fft / 2)
                .map(|k| {
                    let turn = |i| -std::f64::consts::TAU * (i * k) as f64 / n_fft as f64;
                    let term = |i| Complex::cis(turn(i)) * wide[i] * window[i];
                    (0..n_fft).map(term).sum()
                })
                .collect();
            for precision in [Precision::Single, Precision::Double] {
                for level in Level::all() {
                    let mut spectrum = SpectrumPlan::new(level, precision, &window).spectrum();
                    spectrum.transform(&y);
                    assert_eq!(spectrum.n_bins(), sums.len());
                    for (k, sum) in sums.iter().enumerate() {
                        let magnitude = f64::from(spectrum.padded_magnitude()[k]);
                        let power = f64::from(spectrum.padded_power()[k]);
                        assert!((power - sum.norm_sqr()).abs() < 1e-5 * 2000.0);
                        assert!((magnitude - sum.norm()).abs() < 1e-4);
                    }
                    // The rounding errors of one precision or the other, in sums of up to 100.
                    let error = [1e-4, 1e-12][usize::from(precision == Precision::Double)];
                    let mut bins = vec![Complex::default(); sums.len()];
                    for is_wide in [false, true] {
                        if is_wide {
                            spectrum.bins_wide(&wide, &mut bins);
                        } else {
                            spectrum.bins(&y, &mut bins);
                        }
                        assert!(bins.iter().zip(&sums).all(|(a, b)| (a - b).norm() < error));
                    }
                }
            }
        }
    }

    #[test]
    fn magnitudes_of_faint_frames_do_not_vanish_with_their_powers() {
        let y = [1e-25_f32, 0.0, 0.0, 0.0];
        let plan = SpectrumPlan::new(Level::best(), Precision::Double, &[1.0; 4]);
        let mut spectrum = plan.spectrum();
        spectrum.transform(&y);
        assert!(
            spectrum.padded_magnitude()[..3]
                .iter()
                .all(|m| (m - 1e-25).abs() < 1e-31)
        );
    }
}
