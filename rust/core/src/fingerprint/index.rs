//! Which fingerprints may belong together, and with which offset: those with a word in common.

use super::words::NOTHING;

/// Up to twice so many words of a fingerprint are looked up. Of longer ones a part is, chosen by
/// the words themselves, so that it is the same part in all copies of a recording.
const LOOKED_UP: usize = 512;

/// A word leads to the next so many other fingerprints that have it. A word that very many have
/// says little, and copies that are many are found one from the other.
const CHAIN: usize = 8;

/// How often a word counts in one fingerprint.
const TIMES: usize = 4;

/// The most candidates that are gathered before doubles are left out.
const GATHERED: usize = 1 << 22;

/// Two fingerprints, the first with the lower index, and where the second one begins in the first,
/// in words.
pub(super) type Candidate = (u32, u32, i32);

/// The candidates, in ascending order, each once.
pub(super) fn candidates(prints: &[&[u32]]) -> Vec<Candidate> {
    let entries = entries(prints);
    let mut found = Vec::new();
    let mut full = GATHERED;
    for same in entries.chunk_by(|a, b| a.0 == b.0) {
        pair_up(same, &mut found);
        if found.len() >= full {
            leave_out_doubles(&mut found);
            full = GATHERED.max(2 * found.len());
        }
    }
    leave_out_doubles(&mut found);
    found
}

fn leave_out_doubles(found: &mut Vec<Candidate>) {
    found.sort_unstable();
    found.dedup();
}

/// The words that are looked up, with their fingerprint and their place in it, in ascending order.
fn entries(prints: &[&[u32]]) -> Vec<(u32, u32, u32)> {
    let mut entries = Vec::new();
    for (print, words) in (0u32..).zip(prints) {
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
    entries.sort_unstable();
    entries
}

/// Spreads words evenly, by the multiplication of Knuth, The Art of Computer Programming, 6.4.
fn hash(word: u32) -> u32 {
    word.wrapping_mul(0x9E37_79B1) >> 8
}

/// The candidates of the entries of one word.
fn pair_up(same: &[(u32, u32, u32)], found: &mut Vec<Candidate>) {
    let prints: Vec<&[(u32, u32, u32)]> = same.chunk_by(|a, b| a.1 == b.1).collect();
    for (i, first) in prints.iter().enumerate() {
        for second in prints.iter().skip(i + 1).take(CHAIN) {
            for &(_, a, at) in first.iter().take(TIMES) {
                for &(_, b, other) in second.iter().take(TIMES) {
                    found.push((a, b, at.cast_signed().wrapping_sub_unsigned(other)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_have_a_word_in_common() {
        let prints: [&[u32]; 4] = [&[7, 1, 2, 3], &[9, 9, 2, 8], &[0, 0, 5], &[0, 0, 1]];
        assert_eq!(candidates(&prints), [(0, 1, 0), (0, 3, -1)]);
    }

    #[test]
    fn copies_are_chained_however_many_they_are() {
        let print: &[u32] = &[4, 5];
        let found = candidates(&vec![print; 100]);
        assert!((0..99).all(|i| found.contains(&(i, i + 1, 0))));
        assert!(found.len() < 100 * CHAIN * 2);
    }

    #[test]
    fn the_same_words_are_looked_up_in_copies_of_other_lengths() {
        let words: Vec<u32> = (1..9000u32).map(|i| i.wrapping_mul(0x85EB_CA6B)).collect();
        let found = candidates(&[&words, &words[1000..6000]]);
        assert_eq!(found, [(0, 1, 1000)]);
        assert!(entries(&[&words]).len() < 2 * LOOKED_UP);
    }
}
