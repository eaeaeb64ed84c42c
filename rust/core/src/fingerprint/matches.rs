//! Which fingerprints are of one recording.

use rayon::prelude::*;

use super::index::{Candidate, candidates};
use super::words::NOTHING;
use crate::{Error, Result};

/// What two fingerprints must have in common to be of one recording.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The largest share of bits that may differ, below 0.5, which unrelated sounds have.
    pub errors: f64,
    /// The same where fewer than `enough` words are compared, so that chance counts for more.
    pub errors_of_few: f64,
    /// See `errors_of_few`.
    pub enough: usize,
    /// The least number of words that are compared.
    pub least: usize,
    /// The least share of the longer fingerprint that both have in common, from 0 to 1.
    pub overlap: f64,
}

/// Two fingerprints of one recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The index of one fingerprint.
    pub first: u32,
    /// The index of the other, which is higher.
    pub second: u32,
    /// Where the second one begins in the first, in words.
    pub offset: i32,
    /// The number of words that were compared.
    pub words: u32,
    /// The number of bits that differ in these.
    pub errors: u32,
}

/// Finds the pairs of fingerprints that are of one recording, in ascending order.
///
/// Pairs with a word in common are candidates. Their words are laid side by side so that this one
/// fits, and the bits that differ are counted over all that they have in common. Frames that tell
/// nothing in either are left out; if only one of two frames tells something more often than
/// both do, it is no match. Of several offsets the one with the smallest share of errors is
/// taken.
///
/// Of a recording with very many copies not every pair is looked at, but each with the next ones.
/// A word that more than 64 fingerprints have says little, and leads from each to the next one only.
/// The result is the same for any number of threads in the current pool. `interrupted` is called
/// repeatedly and returns whether to stop.
///
/// # Errors
/// [`Error::Parameter`] for more fingerprints or words than 31 bits count, and
/// [`Error::Interrupted`].
pub fn matches(
    prints: &[&[u32]],
    limits: &Limits,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<Match>> {
    let most = i32::MAX as usize;
    if prints.len() > most || prints.iter().any(|words| words.len() > most) {
        return Err(Error::parameter(
            "prints",
            "too many",
            format!("at most {most}"),
        ));
    }
    let candidates = candidates(prints, interrupted)?;
    let pairs: Vec<&[Candidate]> = candidates
        .chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
        .collect();
    let found = pairs
        .into_par_iter()
        .map(|pair| {
            if interrupted() {
                return Err(Error::Interrupted);
            }
            Ok(best(prints, pair, limits))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// The best offset of a pair among its candidates, if it is good enough.
fn best(prints: &[&[u32]], pair: &[Candidate], limits: &Limits) -> Option<Match> {
    let found = pair
        .iter()
        .filter_map(|&candidate| compared(prints, candidate, limits));
    let share = |one: &Match| f64::from(one.errors) / f64::from(one.words);
    found.min_by(|a, b| share(a).total_cmp(&share(b)))
}

fn compared(prints: &[&[u32]], (a, b, offset): Candidate, limits: &Limits) -> Option<Match> {
    let (first, second) = (*prints.get(a as usize)?, *prints.get(b as usize)?);
    let skipped = offset.unsigned_abs() as usize;
    let (one, other) = if offset >= 0 {
        (first.get(skipped..)?, second)
    } else {
        (first, second.get(skipped..)?)
    };
    let overlap = one.len().min(other.len()) as f64;
    if overlap < limits.overlap * first.len().max(second.len()) as f64 {
        return None;
    }
    let (mut words, mut alone, mut errors) = (0u32, 0u32, 0u32);
    for (&x, &y) in one.iter().zip(other) {
        match (x != NOTHING, y != NOTHING) {
            (true, true) => {
                words += 1;
                errors += (x ^ y).count_ones();
            }
            (false, false) => {}
            _ => alone += 1,
        }
    }
    let n = words as usize;
    let limit = if n < limits.enough {
        limits.errors_of_few
    } else {
        limits.errors
    };
    let is_match = n >= limits.least.max(1)
        && words >= alone
        && f64::from(errors) <= limit * f64::from(words) * f64::from(u32::BITS);
    is_match.then_some(Match {
        first: a,
        second: b,
        offset,
        words,
        errors,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::on_threads;
    use proptest::prelude::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const NEVER: &(dyn Fn() -> bool + Sync) = &|| false;

    const LIMITS: Limits = Limits {
        errors: 0.2,
        errors_of_few: 0.1,
        enough: 40,
        least: 20,
        overlap: 0.4,
    };

    fn random(seed: u32, n: u32) -> Vec<u32> {
        let mut state = seed.wrapping_mul(0x9E37_79B1) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state
        };
        (0..n).map(|_| next()).collect()
    }

    fn found(prints: &[&[u32]]) -> Vec<Match> {
        matches(prints, &LIMITS, NEVER).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(30))]

        #[test]
        fn a_part_is_found_where_it_is(start in 0usize..120, end in 180usize..300, flips in 0u32..3) {
            let whole = random(1, 300);
            let mut part = whole[start..end].to_vec();
            // Every other word has some bits wrong.
            part.iter_mut().step_by(2).for_each(|word| *word ^= (1 << flips) - 1);
            let other = random(2, 300);
            let prints: [&[u32]; 3] = [&whole, &other, &part];
            let errors = flips * (end - start).div_ceil(2) as u32;
            let expected = (end - start >= 120).then_some(Match {
                first: 0,
                second: 2,
                offset: i32::try_from(start).unwrap(),
                words: (end - start) as u32,
                errors,
            });
            let run = |threads| on_threads(threads, || found(&prints)).unwrap();
            prop_assert_eq!(run(1), expected.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(run(1), run(3));
        }
    }

    #[test]
    fn what_tells_nothing_matches_nothing() {
        let (quiet, words) = (vec![NOTHING; 200], random(5, 200));
        assert!(found(&[&quiet, &quiet, &words]).is_empty());
        // Half of one is quiet where the other is not.
        let mut half = words.clone();
        half[..120].fill(NOTHING);
        assert!(found(&[&half, &words]).is_empty());
        half[60..120].copy_from_slice(&words[60..120]);
        assert_eq!(found(&[&half, &words]).len(), 1);
    }

    #[test]
    fn few_words_must_agree_better() {
        let words = random(7, 30);
        let mut other = words.clone();
        other.iter_mut().skip(1).for_each(|word| *word ^= 0b11);
        assert_eq!(found(&[&words, &other]).len(), 1);
        other.iter_mut().skip(1).for_each(|word| *word ^= 0b1100);
        assert!(found(&[&words, &other]).is_empty());
        assert!(found(&[&words[..19], &words[..19]]).is_empty());
    }

    #[test]
    fn interruptions_end_it() {
        let (words, other) = (random(7, 60), random(8, 60));
        // Each of the times at which it asks whether to stop.
        let run = |prints: &[&[u32]], at: usize| {
            let asked = AtomicUsize::new(0);
            let stop = || asked.fetch_add(1, Ordering::Relaxed) >= at;
            (matches(prints, &LIMITS, &stop), asked.into_inner())
        };
        // Before two fingerprints, before each word, and before each pair, if there is one.
        for (prints, expected) in [([&words, &words], 2 + 60 + 1), ([&words, &other], 2 + 120)] {
            let prints = prints.map(Vec::as_slice);
            let (whole, asked) = run(&prints, usize::MAX);
            assert_eq!((whole, asked), (Ok(found(&prints)), expected));
            for at in 0..asked {
                assert_eq!(run(&prints, at), (Err(Error::Interrupted), at + 1));
            }
        }
    }
}
