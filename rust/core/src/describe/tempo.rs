//! The tempo of a signal, from its onset strength, and how sure it is.

use std::f64::consts::TAU;

use crate::describe::FRAMES_PER_SECOND;

/// Length of the windows in which onsets are compared with later ones, in frames: 8 seconds.
const WINDOW: usize = 344;

/// Distance from one window to the next, in frames. librosa has a window for each frame; they
/// overlap so far that one in sixteen gives nearly the same mean.
const STRIDE: usize = 16;

/// The tempo that is most likely before anything was heard, in beats per minute.
const START_BPM: f64 = 120.0;

/// Tempos from here on are not looked for, in beats per minute.
const MAX_BPM: f64 = 320.0;

/// The least length of a signal that has a tempo, in seconds.
const LEAST_SECONDS: f64 = 3.0;

/// How many standard deviations of the autocorrelation of noise count as chance.
const CHANCE: f64 = 3.0;

/// A tempo and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tempo {
    /// In beats per minute; NaN if nothing repeats.
    pub bpm: f64,
    /// From 0 to 1.
    pub confidence: f64,
}

impl Tempo {
    const NONE: Self = Self {
        bpm: f64::NAN,
        confidence: 0.0,
    };
}

/// Finds the tempo as `librosa.feature.tempo` does.
///
/// It is the lag of the largest mean autocorrelation over windows, under a prior that is normal in
/// octaves around 120 beats per minute: D. P. W. Ellis, "Beat tracking by dynamic programming",
/// Journal of New Music Research 36, 2007. The lag is refined between two frames by a parabola.
///
/// The confidence is the height of that peak above the valleys beside it and above chance, in the
/// autocorrelation of strengths without their mean.
pub struct Tempogram {
    hann: Vec<f32>,
    /// Strengths from the first frame of the next window on; before the signal there are zeros.
    strengths: Vec<f32>,
    /// Number of frames before the signal that are in `strengths`.
    before: usize,
    n_frames: usize,
    n_windows: usize,
    /// Sum over windows of the autocorrelation, each divided by its value at lag 0.
    raw: Vec<f64>,
    /// The same of strengths without their mean, and of the windows themselves.
    centred: Vec<f64>,
    taper: Vec<f64>,
    /// The autocorrelation of a whole window.
    whole: Vec<f32>,
}

impl Default for Tempogram {
    fn default() -> Self {
        let turn = TAU / WINDOW as f64;
        let hann = (0..WINDOW).map(|i| (0.5 - 0.5 * (turn * i as f64).cos()) as f32);
        let hann: Vec<f32> = hann.collect();
        Self {
            strengths: vec![0.0; WINDOW / 2],
            before: WINDOW / 2,
            n_frames: 0,
            n_windows: 0,
            raw: vec![0.0; WINDOW],
            centred: vec![0.0; WINDOW],
            taper: vec![0.0; WINDOW],
            whole: autocorrelation(&hann),
            hann,
        }
    }
}

impl Tempogram {
    /// Adds the onset strength of the next frame.
    pub fn push(&mut self, strength: f32) {
        self.strengths.push(strength);
        self.n_frames += 1;
        if self.strengths.len() == WINDOW + STRIDE {
            self.advance(0);
        }
    }

    /// The tempo.
    #[must_use]
    pub fn finish(mut self) -> Tempo {
        if self.n_frames as f64 / FRAMES_PER_SECOND < LEAST_SECONDS {
            return Tempo::NONE;
        }
        let after = WINDOW / 2;
        let last = self.strengths.last().copied().unwrap_or_default();
        // As in librosa, strengths fade to zero after the end.
        let fade = (1..=after).map(|i| last * (1.0 - i as f32 / after as f32));
        self.strengths.extend(fade);
        while self.strengths.len() > WINDOW {
            let beyond = self.strengths.len() - WINDOW;
            self.advance(after.saturating_sub(beyond));
        }
        self.found()
    }

    /// Adds the next window, the last frames of which lie outside of the signal, and goes on.
    fn advance(&mut self, outside: usize) {
        let x = &self.strengths[..WINDOW];
        let inside = self.before..WINDOW - outside;
        let windowed: Vec<f32> = x.iter().zip(&self.hann).map(|(x, w)| x * w).collect();
        let raw = autocorrelation(&windowed);
        if raw[0] > 0.0 && raw[0].is_finite() {
            add_scaled(&mut self.raw, &raw);
            self.n_windows += 1;
            let mut weights = self.hann.clone();
            weights[..inside.start].fill(0.0);
            weights[inside.end..].fill(0.0);
            let total: f32 = weights.iter().sum();
            let mean: f32 = x.iter().zip(&weights).map(|(x, w)| x * w).sum::<f32>() / total;
            let centred = x.iter().zip(&weights).map(|(x, w)| (x - mean) * w);
            let centred = autocorrelation(&centred.collect::<Vec<f32>>());
            if centred[0] > 0.0 {
                add_scaled(&mut self.centred, &centred);
                if inside.len() == WINDOW {
                    add_scaled(&mut self.taper, &self.whole);
                } else {
                    add_scaled(&mut self.taper, &autocorrelation(&weights));
                }
            }
        }
        let step = STRIDE.min(self.strengths.len());
        self.strengths.drain(..step);
        self.before = self.before.saturating_sub(step);
    }

    fn found(&self) -> Tempo {
        let n = self.n_windows as f64;
        let score = |lag: usize| {
            let bpm = bpm_of(lag as f64);
            let octaves = (bpm / START_BPM).log2();
            // librosa's scale of the autocorrelation beside the prior.
            (1e6 * self.raw[lag] / n).ln_1p() - 0.5 * octaves * octaves
        };
        let mut best = (f64::NEG_INFINITY, 0);
        for lag in (1..WINDOW).filter(|&lag| bpm_of(lag as f64) < MAX_BPM) {
            if score(lag) > best.0 {
                best = (score(lag), lag);
            }
        }
        let lag = best.1;
        let confidence = self.confidence(lag);
        if lag == 0 || confidence == 0.0 {
            return Tempo::NONE;
        }
        Tempo {
            bpm: bpm_of(lag as f64 + self.shift(lag)),
            confidence,
        }
    }

    /// The autocorrelation at a lag, from -1 to 1, however much of the windows overlaps there.
    fn height(&self, lag: usize) -> f64 {
        match self.taper.get(lag) {
            Some(&taper) if taper > 0.0 => self.centred[lag] / taper,
            _ => 0.0,
        }
    }

    fn confidence(&self, lag: usize) -> f64 {
        let valley = |lags: std::ops::Range<usize>| {
            lags.map(|lag| self.height(lag))
                .fold(f64::INFINITY, f64::min)
        };
        let left = valley(lag.div_ceil(2)..lag);
        let right = valley(lag + 1..(lag + lag / 2 + 1).min(WINDOW));
        let base = left.max(right).max(0.0);
        let chance = CHANCE / (self.n_frames as f64).sqrt();
        let found = (self.height(lag) - base - chance) / (1.0 - chance);
        // Not "clamp", which gives NaN for NaN.
        if found > 0.0 { found.min(1.0) } else { 0.0 }
    }

    /// How far the top of a parabola lies from a lag, if the autocorrelation has a peak there or at
    /// a lag beside it. Where windows overlap less they make sums smaller, which moves peaks.
    fn shift(&self, lag: usize) -> f64 {
        for step in [0.0, -1.0, 1.0] {
            let centre = (lag as f64 + step) as usize;
            let [a, b, c] = [centre - 1, centre, centre + 1].map(|lag| self.height(lag));
            if b > a && b > c {
                let top = step + 0.5 * (a - c) / (a - 2.0 * b + c);
                return top.clamp(-1.0, 1.0);
            }
        }
        0.0
    }
}

/// The tempo at which beats come a number of frames apart, in beats per minute.
fn bpm_of(lag: f64) -> f64 {
    60.0 * FRAMES_PER_SECOND / lag
}

/// Adds values, divided by the first of them.
fn add_scaled(sums: &mut [f64], values: &[f32]) {
    let scale = f64::from(values[0]);
    for (sum, &value) in sums.iter_mut().zip(values) {
        *sum += f64::from(value) / scale;
    }
}

/// The sum of products of values with those that come later, for each lag.
fn autocorrelation(values: &[f32]) -> Vec<f32> {
    // All lags of one value after the other, which are independent sums, so that compilers can
    // use vectors.
    let mut sums = vec![0.0; values.len()];
    for (i, &value) in values.iter().enumerate() {
        for (sum, &later) in sums.iter_mut().zip(&values[i..]) {
            *sum += value * later;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::tests_sounds::noise;

    fn tempo(strengths: impl IntoIterator<Item = f32>) -> Tempo {
        let mut tempogram = Tempogram::default();
        for strength in strengths {
            tempogram.push(strength);
        }
        tempogram.finish()
    }

    /// Beats of a triangular shape at any tempo, between frames as well.
    fn beats(bpm: f64, n_frames: usize) -> Vec<f32> {
        let period = 60.0 * FRAMES_PER_SECOND / bpm;
        let shape = |t: usize| {
            let phase = (t as f64).rem_euclid(period);
            (1.0 - phase.min(period - phase) / 2.0).max(0.0) as f32
        };
        (0..n_frames).map(shape).collect()
    }

    #[test]
    fn beats_have_their_tempo() {
        for bpm in [80.0, 93.0, 120.0, 128.0, 150.0] {
            for n_frames in [140, 500, 3000] {
                let found = tempo(beats(bpm, n_frames));
                // A tenth of a frame at the lag of 150 BPM, which is 17 frames long.
                assert!((found.bpm / bpm - 1.0).abs() < 0.006, "{bpm}: {found:?}");
                assert!(found.confidence > 0.5, "{bpm}: {found:?}");
            }
        }
    }

    #[test]
    fn noise_has_next_to_none() {
        for n_frames in [150, 400, 2000, 10_000] {
            let strengths = noise(n_frames, 1.0).into_iter().map(f32::abs);
            assert!(tempo(strengths).confidence < 0.1);
        }
    }

    #[test]
    fn what_does_not_repeat_has_none() {
        let click = (0..1000).map(|t| if t == 400 { 1.0 } else { 0.0 });
        let growing = (0..1000).map(|t| t as f32);
        for found in [
            tempo(click),
            tempo(growing),
            tempo([]),
            tempo([0.0; 1000]),
            tempo([1.0; 1000]),
            tempo([f32::NAN; 1000]),
            tempo([f32::INFINITY; 1000]),
            tempo(beats(120.0, 128)), // Less than three seconds.
        ] {
            assert!(found.bpm.is_nan() && found.confidence == 0.0, "{found:?}");
        }
    }

    #[test]
    fn memory_does_not_grow() {
        let mut tempogram = Tempogram::default();
        for strength in beats(120.0, 100_000) {
            tempogram.push(strength);
            assert!(tempogram.strengths.len() < WINDOW + STRIDE);
        }
    }
}
