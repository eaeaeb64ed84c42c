//! Which fingerprints may belong together, and with which offset: those with a word in common.

use rayon::prelude::*;

use super::words::NOTHING;
use crate::{Error, Result};

/// Up to twice so many words of a fingerprint are looked up. Of longer ones a part is, chosen by
/// the words themselves, so that it is the same part in all copies of a recording.
const LOOKED_UP: usize = 512;

/// A word leads to the next so many other fingerprints that have it. Copies that are many are found
/// one from the other.
const CHAIN: usize = 8;

/// How often a word counts in one fingerprint.
const TIMES: usize = 4;

/// A word that more fingerprints have than these says little: it leads to the next one only, and
/// counts once in each. It is not left out, since all words of a recording with that many copies
/// are such words.
const MANY: usize = 64;

/// The most candidates that are gathered before doubles are left out.
const GATHERED: usize = 1 << 22;

/// Two fingerprints, the first with the lower index, and where the second one begins in the first,
/// in words.
pub(super) type Candidate = (u32, u32, i32);

/// The candidates, in ascending order, each once.
///
/// # Errors
/// [`Error::Interrupted`] as soon as `interrupted` returns true, which is asked before each
/// fingerprint and each word.
pub(super) fn candidates(
    prints: &[&[u32]],
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<Candidate>> {
    let entries = entries(prints, interrupted)?;
    let mut found = Vec::new();
    let mut full = GATHERED;
    for same in entries.chunk_by(|a, b| a.0 == b.0) {
        go_on(interrupted)?;
        pair_up(same, &mut found);
        if found.len() >= full {
            leave_out_doubles(&mut found);
            full = GATHERED.max(2 * found.len());
        }
    }
    leave_out_doubles(&mut found);
    Ok(found)
}

fn go_on(interrupted: &(dyn Fn() -> bool + Sync)) -> Result<()> {
    if interrupted() {
        return Err(Error::Interrupted);
    }
    Ok(())
}

fn leave_out_doubles(found: &mut Vec<Candidate>) {
    found.par_sort_unstable();
    found.dedup();
}

/// The words that are looked up, with their fingerprint and their place in it, in ascending order.
fn entries(
    prints: &[&[u32]],
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<(u32, u32, u32)>> {
    let mut entries = Vec::new();
    for (print, words) in (0u32..).zip(prints) {
        go_on(interrupted)?;
        let part = (words.len() / LOOKED_UP).max(1).next_power_of_two() as u32;
        let mut before = NOTHING;
        for (place, &word) in (0u32..).zip(*words) {
            // Of a word that is repeated at once, the first one is enough.
            if word != NOTHING && word != before && hash(word).is_multiple_of(part) {
                entries.push((word, print, place));
            }
            before = word;
        }
    }
    entries.par_sort_unstable();
    Ok(entries)
}

/// Spreads words evenly, by the multiplication of Knuth, The Art of Computer Programming, 6.4.
fn hash(word: u32) -> u32 {
    word.wrapping_mul(0x9E37_79B1) >> 8
}

/// The candidates of the entries of one word.
fn pair_up(same: &[(u32, u32, u32)], found: &mut Vec<Candidate>) {
    let prints: Vec<&[(u32, u32, u32)]> = same.chunk_by(|a, b| a.1 == b.1).collect();
    let (chain, times) = if prints.len() > MANY {
        (1, 1)
    } else {
        (CHAIN, TIMES)
    };
    for (i, first) in prints.iter().enumerate() {
        for second in prints.iter().skip(i + 1).take(chain) {
            for &(_, a, at) in first.iter().take(times) {
                for &(_, b, other) in second.iter().take(times) {
                    found.push((a, b, at.cast_signed().wrapping_sub_unsigned(other)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: &(dyn Fn() -> bool + Sync) = &|| false;

    fn found(prints: &[&[u32]]) -> Vec<Candidate> {
        candidates(prints, NEVER).unwrap()
    }

    #[test]
    fn candidates_have_a_word_in_common() {
        let prints: [&[u32]; 4] = [&[7, 1, 2, 3], &[9, 9, 2, 8], &[0, 0, 5], &[0, 0, 1]];
        assert_eq!(found(&prints), [(0, 1, 0), (0, 3, -1)]);
    }

    #[test]
    fn copies_are_chained_however_many_they_are() {
        let print: &[u32] = &[4, 5];
        for n in [60, 100] {
            let found = found(&vec![print; n as usize]);
            assert!((0..n - 1).all(|i| found.contains(&(i, i + 1, 0))));
            assert!(found.len() < 60 * CHAIN * 2);
        }
    }

    #[test]
    fn a_word_that_very_many_have_leads_to_one_other_only() {
        // Each has the word in several places, all at another distance from the others.
        let prints: Vec<Vec<u32>> = (1..=100)
            .map(|n| {
                let mut print = vec![NOTHING; 8 * n];
                print.iter_mut().step_by(n + 1).for_each(|word| *word = 3);
                print
            })
            .collect();
        let prints: Vec<&[u32]> = prints.iter().map(Vec::as_slice).collect();
        let expected: Vec<Candidate> = (0..99).map(|i| (i, i + 1, 0)).collect();
        assert_eq!(found(&prints), expected);
        assert!(found(&prints[..MANY]).len() > MANY * CHAIN);
    }

    #[test]
    fn the_same_words_are_looked_up_in_copies_of_other_lengths() {
        let words: Vec<u32> = (1..9000u32).map(|i| i.wrapping_mul(0x85EB_CA6B)).collect();
        let found = found(&[&words, &words[1000..6000]]);
        assert_eq!(found, [(0, 1, 1000)]);
        assert!(entries(&[&words], NEVER).unwrap().len() < 2 * LOOKED_UP);
    }
}
