//! Which key pitch classes sound like.

use crate::feature::N_CHROMA;

/// How well each pitch class fits a major and a minor key on C, as listeners judged it: C. L.
/// Krumhansl, E. J. Kessler, "Tracing the dynamic changes in perceived tonal organization in a
/// spatial representation of musical keys", Psychological Review 89, 1982.
const PROFILES: [[f64; N_CHROMA]; 2] = [
    [
        6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88,
    ],
    [
        6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17,
    ],
];

/// The least standard deviation of pitch classes, as a share of their mean, of a sound that has a
/// key. The classes of white noise differ by a hundredth, because FFT bins are not evenly spread
/// over them.
const LEAST_CONTRAST: f64 = 0.05;

/// A key and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Key {
    /// From 0 for C major to 11 for B major, from 12 for C minor to 23 for B minor; NaN if the
    /// pitch classes are all alike.
    pub number: f64,
    /// By how much its correlation exceeds that of the next best key, as a share of what that one
    /// lacks to 1: from 0 to 1.
    pub confidence: f64,
}

/// The key whose profile correlates best with the energy of the pitch classes from C.
///
/// This is the algorithm of C. L. Krumhansl and M. A. Schmuckler: C. L. Krumhansl, "Cognitive
/// Foundations of Musical Pitch", Oxford University Press 1990, chapter 4.
#[must_use]
pub fn key_of(chroma: &[f32; N_CHROMA]) -> Key {
    let chroma = chroma.map(f64::from);
    let mean = chroma.iter().sum::<f64>() / N_CHROMA as f64;
    let variance = chroma.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / N_CHROMA as f64;
    // Not "less than", which NaN is not either.
    if !(variance.sqrt() >= LEAST_CONTRAST * mean && mean > 0.0 && variance.is_finite()) {
        return Key {
            number: f64::NAN,
            confidence: 0.0,
        };
    }
    let mut best = (f64::NEG_INFINITY, 0);
    let mut second = f64::NEG_INFINITY;
    for (mode, profile) in PROFILES.iter().enumerate() {
        for tonic in 0..N_CHROMA {
            let mut turned = chroma;
            turned.rotate_left(tonic);
            let fit = correlation(&turned, profile);
            if fit > best.0 {
                second = best.0;
                best = (fit, mode * N_CHROMA + tonic);
            } else if fit > second {
                second = fit;
            }
        }
    }
    Key {
        number: best.1 as f64,
        confidence: ((best.0 - second) / (1.0 - second)).clamp(0.0, 1.0),
    }
}

fn correlation(a: &[f64; N_CHROMA], b: &[f64; N_CHROMA]) -> f64 {
    let n = N_CHROMA as f64;
    let mean = |x: &[f64; N_CHROMA]| x.iter().sum::<f64>() / n;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let product = |x: &[f64; N_CHROMA], mean_x: f64, y: &[f64; N_CHROMA], mean_y: f64| {
        let products = x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y));
        products.sum::<f64>()
    };
    let covariance = product(a, mean_a, b, mean_b);
    covariance / (product(a, mean_a, a, mean_a) * product(b, mean_b, b, mean_b)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_profile_is_its_own_key() {
        for (mode, profile) in PROFILES.iter().enumerate() {
            for tonic in 0..N_CHROMA {
                let mut chroma = profile.map(|value| value as f32);
                chroma.rotate_right(tonic);
                let key = key_of(&chroma);
                assert_eq!(key.number, (mode * N_CHROMA + tonic) as f64);
                // Its correlation with itself is 1.
                assert!(key.confidence > 0.999);
            }
        }
    }

    proptest! {
        #[test]
        fn transposing_shifts_the_key_and_no_level_matters(
            chroma in prop::array::uniform12(0.0_f32..1.0),
            steps in 0usize..12,
        ) {
            let key = key_of(&chroma);
            let mut turned = chroma.map(|c| 4.0 * c);
            turned.rotate_right(steps);
            let shifted = key_of(&turned);
            if key.number.is_nan() {
                prop_assert!(shifted.number.is_nan());
            } else if key.confidence > 1e-9 {
                let (mode, tonic) = (key.number as usize / 12, key.number as usize % 12);
                prop_assert_eq!(shifted.number as usize, 12 * mode + (tonic + steps) % 12);
                // Sums in another order.
                prop_assert!((shifted.confidence - key.confidence).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn what_has_no_pitch_has_no_key() {
        for chroma in [[0.0; 12], [1.0; 12], [f32::NAN; 12], [f32::INFINITY; 12]] {
            let key = key_of(&chroma);
            assert!(key.number.is_nan() && key.confidence == 0.0);
        }
    }
}
