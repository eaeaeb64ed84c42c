//! The table of features. A feature is one type and one entry here.
//!
//! The extractor, the bindings, the documentation and the parity test all use this table.

use super::spectral::{Bandwidth, Centroid, Flatness, Places, Rolloff};
use super::{
    Cepstrum, Feature, PitchHistogram, Rms, SpectralContrast, ZeroCrossingRate, chroma, mel,
};
use crate::{Analysis, Error, Result};

/// Makes a feature for an analysis.
type Build = fn(&Analysis) -> Result<Box<dyn Feature>>;

/// The analysis that a feature uses unless it is given another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnAnalysis {
    /// Sampling rate in Hz.
    pub sr: u32,
    /// Length of the FFT, in samples.
    pub n_fft: usize,
    /// Length of the Hann window, in samples.
    pub win_length: usize,
    /// Distance from one frame to the next, in samples.
    pub hop_length: usize,
}

/// An entry of the [`REGISTRY`].
pub struct FeatureSpec {
    /// The feature's name.
    pub name: &'static str,
    /// Number of columns: `stem` if 1, else `stem_1`, `stem_2` and so on.
    pub n_columns: usize,
    /// What the names of its columns begin with, if not with its own name.
    pub stem: Option<&'static str>,
    /// The unit of the values.
    pub unit: &'static str,
    /// One line: what it is, and where the formula comes from.
    pub source: &'static str,
    /// The names of sets of features that it belongs to.
    pub sets: &'static [&'static str],
    /// The settings of the analysis that it depends on, apart from the hop length.
    pub settings: &'static [&'static str],
    /// Its own analysis, if it does not share that of the other features.
    pub analysis: Option<OwnAnalysis>,
    /// Makes the feature for an analysis.
    pub build: Build,
}

impl FeatureSpec {
    /// The names of the columns.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let stem = self.stem.unwrap_or(self.name);
        if self.n_columns == 1 {
            return vec![stem.to_owned()];
        }
        let numbered = (1..=self.n_columns).map(|i| format!("{stem}_{i}"));
        numbered.collect()
    }
}

/// The features that are used if none are named.
const DEFAULT: &str = "default";
/// The features of an article on grouping sounds, which were the default before.
const ARTICLE: &str = "article";

/// The settings that features of the spectrum depend on.
const SPECTRAL: &[&str] = &["sr", "n_fft", "win_length", "window"];
/// The settings that features of mel bands depend on.
const MEL: &[&str] = &["sr", "n_fft", "win_length", "window", "fmin", "fmax"];

/// Every feature, those of a set in the order of its columns.
pub static REGISTRY: &[FeatureSpec] = &[
    FeatureSpec {
        name: "spectral_bandwidth",
        n_columns: 1,
        stem: None,
        unit: "Hz",
        source: "standard deviation of frequency, weighted by magnitude (Klapuri & Davy 2006)",
        sets: &[DEFAULT, ARTICLE],
        settings: SPECTRAL,
        analysis: None,
        build: |analysis| Ok(Box::new(Bandwidth::new(Places::of(analysis), 2.0, true))),
    },
    FeatureSpec {
        name: "rms",
        n_columns: 1,
        stem: None,
        unit: "full scale",
        source: "root of the mean square of the samples",
        sets: &[DEFAULT, ARTICLE],
        settings: &["n_fft"],
        analysis: None,
        build: |_| Ok(Box::new(Rms)),
    },
    FeatureSpec {
        name: "spectral_flatness",
        n_columns: 1,
        stem: None,
        unit: "0 to 1",
        source: "geometric over arithmetic mean of power (Dubnov 2004)",
        sets: &[DEFAULT, ARTICLE],
        settings: &["n_fft", "win_length", "window"],
        analysis: None,
        build: |_| Ok(Box::new(Flatness::default())),
    },
    FeatureSpec {
        name: "zero_crossing_rate",
        n_columns: 1,
        stem: None,
        unit: "per sample",
        source: "share of samples at which the sign changes",
        sets: &[DEFAULT, ARTICLE],
        settings: &["n_fft"],
        analysis: None,
        build: |_| Ok(Box::new(ZeroCrossingRate::default())),
    },
    FeatureSpec {
        name: "chroma_mean",
        n_columns: 1,
        stem: None,
        unit: "0 to 1",
        source: "mean energy of the 12 pitch classes, the strongest being 1 (Ellis 2007)",
        sets: &[DEFAULT, ARTICLE],
        settings: SPECTRAL,
        analysis: None,
        build: |_| Ok(Box::new(chroma::ChromaMean)),
    },
    FeatureSpec {
        name: "mel_level",
        n_columns: 1,
        stem: None,
        unit: "dB",
        source: "mean level of 128 mel bands (Slaney 1998)",
        sets: &[DEFAULT, ARTICLE],
        settings: MEL,
        analysis: None,
        build: |_| Ok(Box::new(mel::MelLevel)),
    },
    FeatureSpec {
        name: "mfcc12",
        n_columns: 12,
        stem: Some("mfcc"),
        unit: "dB",
        source: "the first 12 columns of mfcc, with its floor for the mean; the other 8 depend \
                 more on pitch than on timbre",
        sets: &[DEFAULT],
        settings: MEL,
        analysis: None,
        build: |_| Ok(Box::new(Cepstrum::of_analysis(12)?)),
    },
    FeatureSpec {
        name: "mfcc",
        n_columns: 20,
        stem: None,
        unit: "dB",
        source: "DCT-II of 128 mel bands in dB (Davis & Mermelstein 1980); \
                 the mean has a floor 80 dB below the peak, other statistics none",
        sets: &[ARTICLE],
        settings: MEL,
        analysis: None,
        build: |_| Ok(Box::new(Cepstrum::of_analysis(20)?)),
    },
    FeatureSpec {
        name: "spectral_contrast",
        n_columns: 7,
        stem: None,
        unit: "dB",
        source: "peak over valley in 7 octave bands (Jiang et al. 2002); \
                 the means of both have a floor 80 dB below their peak, other statistics none",
        sets: &[DEFAULT, ARTICLE],
        settings: SPECTRAL,
        analysis: None,
        build: |analysis| Ok(Box::new(SpectralContrast::of(analysis)?)),
    },
    FeatureSpec {
        name: "chroma",
        n_columns: 12,
        stem: None,
        unit: "0 to 1",
        source: "energy of the 12 pitch classes from C, the strongest being 1 (Ellis 2007)",
        sets: &[],
        settings: SPECTRAL,
        analysis: None,
        build: |_| Ok(Box::new(chroma::Chroma)),
    },
    FeatureSpec {
        name: "spectral_centroid",
        n_columns: 1,
        stem: None,
        unit: "Hz",
        source: "mean of frequency, weighted by magnitude (Klapuri & Davy 2006)",
        sets: &[],
        settings: SPECTRAL,
        analysis: None,
        build: |analysis| Ok(Box::new(Centroid(Places::of(analysis)))),
    },
    FeatureSpec {
        name: "spectral_rolloff",
        n_columns: 1,
        stem: None,
        unit: "Hz",
        source: "frequency below which 85 % of the magnitude lies (Scheirer & Slaney 1997)",
        sets: &[],
        settings: SPECTRAL,
        analysis: None,
        build: |analysis| Ok(Box::new(Rolloff::of(analysis))),
    },
    FeatureSpec {
        name: "pitch_histogram",
        n_columns: 12,
        stem: None,
        unit: "0 to 1",
        source: "share of the frames, silent ones left out, in which each of the 12 pitch \
                 classes from C is the strongest",
        sets: &[],
        settings: SPECTRAL,
        analysis: Some(OwnAnalysis {
            sr: 44_100,
            n_fft: 16_384,
            win_length: 8_192,
            hop_length: 2_205,
        }),
        build: |analysis| Ok(Box::new(PitchHistogram::of(analysis))),
    },
];

/// The registry's entry with this name.
///
/// # Errors
/// [`Error::Parameter`] for an unknown name.
pub fn find(name: &str) -> Result<&'static FeatureSpec> {
    let found = REGISTRY.iter().find(|spec| spec.name == name);
    found.ok_or_else(|| {
        let names: Vec<_> = REGISTRY.iter().map(|spec| spec.name).collect();
        let expected = format!("any of {}", names.join(", "));
        Error::parameter("features", format!("{name:?}"), expected)
    })
}

/// Features that have all columns between them, each column once.
#[cfg(test)]
pub(crate) fn all_columns_once() -> impl Iterator<Item = &'static FeatureSpec> {
    REGISTRY.iter().filter(|spec| spec.stem.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tests_analysis;
    use crate::simd::LANES;

    #[test]
    fn every_entry_has_a_name_of_its_own_and_as_many_columns_as_it_says() {
        let analysis = tests_analysis(22050.0, 2048, 512);
        for (i, spec) in REGISTRY.iter().enumerate() {
            assert!(REGISTRY[..i].iter().all(|other| other.name != spec.name));
            let feature = (spec.build)(&analysis).unwrap();
            assert_eq!(feature.n_columns(), spec.n_columns, "{}", spec.name);
            assert_eq!(spec.columns().len(), spec.n_columns);
            if let Some(floor) = feature.floor() {
                let grouped: usize = floor.groups.iter().sum();
                assert_eq!(grouped, feature.n_bands(), "{}", spec.name);
            }
        }
    }

    #[test]
    fn sets_have_as_many_columns_as_documented_and_no_column_twice() {
        for (set, n_columns) in [(DEFAULT, 25), (ARTICLE, 33)] {
            let members = REGISTRY.iter().filter(|spec| spec.sets.contains(&set));
            let mut columns: Vec<String> = members.flat_map(FeatureSpec::columns).collect();
            assert_eq!(columns.len(), n_columns, "{set}");
            columns.sort();
            columns.dedup();
            assert_eq!(columns.len(), n_columns, "{set}");
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_those_there_are() {
        let message = find("timbre").err().unwrap().to_string();
        assert!(message.starts_with("features=\"timbre\": expected any of spectral_bandwidth,"));
    }

    #[test]
    fn projections_are_linear_as_the_floored_means_require() {
        let analysis = tests_analysis(22050.0, 2048, 512);
        for spec in REGISTRY {
            let feature = (spec.build)(&analysis).unwrap();
            let n = feature.n_bands();
            let padded = |value: fn(usize) -> f32| {
                let mut bands: Vec<f32> = (0..n).map(value).collect();
                bands.resize(n.next_multiple_of(LANES), 0.0);
                bands
            };
            let (a, b) = (padded(|i| (i % 7) as f32), padded(|i| (i % 5) as f32 - 9.0));
            let mean: Vec<f32> = a
                .iter()
                .zip(&b)
                .map(|(a, b)| f32::midpoint(*a, *b))
                .collect();
            let project = |bands: &[f32]| {
                let mut columns = vec![0.0; feature.n_columns()];
                feature.project(bands, &mut columns);
                columns
            };
            let (a, b, mean) = (project(&a), project(&b), project(&mean));
            for i in 0..a.len() {
                assert!((f32::midpoint(a[i], b[i]) - mean[i]).abs() < 1e-4);
            }
        }
    }
}
