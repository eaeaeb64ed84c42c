//! What the descriptors of all signals share: window, FFT tables and filters.

use std::f64::consts::TAU;
use std::sync::{Arc, OnceLock};

use crate::describe::{HOP_LENGTH, N_FFT, RATE};
use crate::extract::plan::GroupPlan;
use crate::feature::{ChromaFilter, ChromaSettings, N_CHROMA, default_mel_filter};
use crate::signal::spectrum::{Precision, SpectrumPlan};
use crate::simd::Level;
use crate::{Analysis, Result};

/// Number of tunings that are told apart: hundredths of a semitone.
pub(crate) const N_TUNINGS: usize = 100;

/// Where pitch classes are heard best, in octaves above A0, and how broad that range is, in octaves.
/// It is lower and narrower than librosa's, since higher up there are more overtones than tones:
/// the second overtone of a tone is a fifth above its octave.
const CENTRE_OCTAVE: f64 = 3.0;
const OCTAVE_WIDTH: f64 = 1.0;

/// Everything about descriptors that does not depend on the signal. One plan serves any number of
/// describers, on any thread.
pub struct Plan {
    /// Frames, spectra and mel bands.
    pub(crate) frames: GroupPlan,
    /// The filter of each tuning that was needed so far; none if it could not be made.
    chroma: Vec<OnceLock<Option<ChromaFilter>>>,
}

impl Plan {
    /// The plan that all describers of this process share.
    ///
    /// # Errors
    /// None that is known: the settings are constant and valid.
    pub fn shared() -> Result<Arc<Self>> {
        static SHARED: OnceLock<Result<Arc<Plan>>> = OnceLock::new();
        let made = SHARED.get_or_init(|| Plan::with_level(Level::best()).map(Arc::new));
        made.clone()
    }

    pub(crate) fn with_level(level: Level) -> Result<Self> {
        let turn = TAU / N_FFT as f64;
        let hann = (0..N_FFT).map(|i| 0.5 - 0.5 * (turn * i as f64).cos());
        let analysis = Analysis::new(f64::from(RATE), hann.collect(), HOP_LENGTH, 0.0, None)?;
        let spectrum = SpectrumPlan::new(level, Precision::Double, analysis.window());
        Ok(Self {
            frames: GroupPlan {
                level,
                spectrum: Some(spectrum),
                chroma: None,
                mel: Some(default_mel_filter(level, &analysis)?),
                features: Vec::new(),
                analysis,
            },
            chroma: (0..N_TUNINGS).map(|_| OnceLock::new()).collect(),
        })
    }

    /// Gathers a spectrum, which is followed by as many zeros as filters need, into pitch classes.
    ///
    /// `step` is the tuning, as [`tuning_of`] counts it.
    pub(crate) fn chroma(&self, padded: &[f32], step: usize) -> [f32; N_CHROMA] {
        let mut chroma = [0.0; N_CHROMA];
        let made = self.chroma[step.min(N_TUNINGS - 1)].get_or_init(|| {
            let settings = ChromaSettings {
                tuning: tuning_of(step),
                centre_octave: CENTRE_OCTAVE,
                octave_width: Some(OCTAVE_WIDTH),
                ..ChromaSettings::new(f64::from(RATE), N_FFT)
            };
            ChromaFilter::new(self.frames.level, &settings).ok()
        });
        if let Some(filter) = made {
            filter.apply(padded, None, &mut chroma);
        }
        chroma
    }
}

/// The tuning in semitones that a step stands for: from -0.5 up, in hundredths.
pub(crate) fn tuning_of(step: usize) -> f64 {
    -0.5 + step as f64 / N_TUNINGS as f64
}
