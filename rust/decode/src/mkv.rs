//! Where the sound in a Matroska or `WebM` file begins and ends.
//!
//! A track tells how long its codec needs before there is sound (`CodecDelay`), and the last block
//! how much of it is no sound any more (`DiscardPadding`). symphonia reads both and forgets them.
//! The elements: <https://www.rfc-editor.org/rfc/rfc9559>, sections 5.1.4.1.28 and 5.1.3.5.7.
//!
//! What is written while it is recorded, as browsers do, does not know the size of the segment and
//! of its clusters. It is complete if its last element ends where the file does.

use std::io::{Read, Seek, SeekFrom};

use crate::error::Result;
use crate::tags::bytes_at;

const SEGMENT: u64 = 0x1853_8067;
const TRACKS: u64 = 0x1654_ae6b;
const TRACK: u64 = 0xae;
const NUMBER: u64 = 0xd7;
const CODEC_DELAY: u64 = 0x56aa;
const CLUSTER: u64 = 0x1f43_b675;
const SIMPLE_BLOCK: u64 = 0xa3;
const BLOCK_GROUP: u64 = 0xa0;
const BLOCK: u64 = 0xa1;
const DISCARD_PADDING: u64 = 0x75a2;

/// The longest header of an element.
const HEADER: usize = 12;
/// Larger elements are not read.
const LARGEST: u64 = 1 << 25;
/// How many elements are looked at. A recording of 5 hours in blocks of 20 ms has so many.
const MOST_ELEMENTS: usize = 1 << 20;
/// A block begins with the number of its track, of up to this many bytes.
const LONGEST_NUMBER: usize = 8;

/// What is said about the length of a file's tracks.
#[derive(Debug, Default)]
pub struct Segment {
    /// The number and the delay of each track, in nanoseconds.
    delays: Vec<(u64, u64)>,
    /// The number of a track and what is to be left out of a block, for the last blocks.
    paddings: Vec<(u64, u64)>,
    is_cut: bool,
    /// Whether the size of something is not known, and yet the last element ends with the file.
    is_live: bool,
}

impl Segment {
    /// Reads what a file says. What is not there or not understood is left out.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn read<R: Read + Seek>(file: &mut R) -> Result<Self> {
        let mut found = Self::default();
        let end = file.seek(SeekFrom::End(0))?;
        let mut last_cluster = None;
        let mut has_unknown = false;
        let mut at = 0_u64;
        for _ in 0..MOST_ELEMENTS {
            let first = bytes_at(file, at, HEADER + LONGEST_NUMBER)?;
            let Some(element) = Element::parse(&first) else {
                break;
            };
            let body = at + element.header;
            let next = element.size.and_then(|size| body.checked_add(size));
            found.is_cut |= next.is_some_and(|next| next > end);
            match element.id {
                TRACKS => found.delays = delays(&element.read(file, body)?),
                // Only clusters of unknown size are entered, so these are in one.
                SIMPLE_BLOCK => {
                    let block = first.get(element.header as usize..).unwrap_or_default();
                    found.note(block_track(block).map(|track| (track, 0)));
                }
                BLOCK_GROUP => found.note(group_padding(&element.read(file, body)?)),
                CLUSTER => last_cluster = element.size.map(|_| (element, body)),
                _ => {}
            }
            let is_entered = match element.id {
                SEGMENT => true,
                CLUSTER => element.size.is_none(),
                _ => false,
            };
            has_unknown |= is_entered && element.size.is_none();
            at = match next {
                _ if is_entered => body,
                Some(next) => next,
                None => break,
            };
        }
        found.is_live = has_unknown && at == end;
        if let Some((cluster, body)) = last_cluster {
            found.paddings = paddings(&cluster.read(file, body)?);
        }
        Ok(found)
    }

    /// Notes what is to be left out of the last block of a track so far.
    fn note(&mut self, said: Option<(u64, u64)>) {
        if let Some((track, padding)) = said {
            self.paddings.retain(|(other, _)| *other != track);
            self.paddings.push((track, padding));
        }
    }

    /// Whether the file ends before it should.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether nothing but the end of the file tells where it ends, and that is a good place.
    pub fn is_live(&self) -> bool {
        self.is_live
    }

    /// How many frames to leave out at the start of a track.
    pub fn delay(&self, track: u32, sr: u32) -> u64 {
        frames(&self.delays, track, sr)
    }

    /// How many frames to leave out at the end of a track.
    pub fn padding(&self, track: u32, sr: u32) -> u64 {
        frames(&self.paddings, track, sr)
    }
}

/// A time that is said of a track, in frames.
fn frames(said: &[(u64, u64)], track: u32, sr: u32) -> u64 {
    let found = said
        .iter()
        .rev()
        .find(|(number, _)| *number == u64::from(track));
    let nanoseconds = found.map_or(0, |(_, time)| *time);
    // A longer one is not believed.
    let believed = nanoseconds.min(1_000_000_000);
    (believed * u64::from(sr) + 500_000_000) / 1_000_000_000
}

fn delays(tracks: &[u8]) -> Vec<(u64, u64)> {
    let tracks = elements(tracks).filter(|(id, _)| *id == TRACK);
    tracks
        .map(|(_, track)| {
            let value = |wanted| {
                let found = elements(track).find(|(id, _)| *id == wanted);
                found.map_or(0, |(_, body)| number(body))
            };
            (value(NUMBER), value(CODEC_DELAY))
        })
        .collect()
}

fn paddings(cluster: &[u8]) -> Vec<(u64, u64)> {
    elements(cluster)
        .filter_map(|(id, body)| match id {
            SIMPLE_BLOCK => Some((block_track(body)?, 0)),
            BLOCK_GROUP => group_padding(body),
            _ => None,
        })
        .collect()
}

fn group_padding(group: &[u8]) -> Option<(u64, u64)> {
    let block = elements(group).find(|(id, _)| *id == BLOCK)?.1;
    let padding = elements(group).find(|(id, _)| *id == DISCARD_PADDING);
    Some((
        block_track(block)?,
        padding.map_or(0, |(_, body)| positive(body)),
    ))
}

fn block_track(block: &[u8]) -> Option<u64> {
    Some(variable(block, false)?.0)
}

/// A number with a sign, or 0 if it is negative.
fn positive(bytes: &[u8]) -> u64 {
    let is_negative = bytes.first().is_some_and(|&byte| byte > 0x7f);
    if is_negative { 0 } else { number(bytes) }
}

fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .take(8)
        .fold(0, |value, &byte| value << 8 | u64::from(byte))
}

#[derive(Debug, Clone, Copy)]
struct Element {
    id: u64,
    header: u64,
    /// None if it is not known.
    size: Option<u64>,
}

impl Element {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (id, id_len) = variable(bytes, true)?;
        let (size, size_len) = variable(bytes.get(id_len..)?, false)?;
        let is_unknown = size == (1 << (7 * size_len)) - 1;
        let header = (id_len + size_len) as u64;
        Some(Self {
            id,
            header,
            size: (!is_unknown).then_some(size),
        })
    }

    /// Its body, or as much of it as is read at most.
    fn read<R: Read + Seek>(self, file: &mut R, body: u64) -> Result<Vec<u8>> {
        let size = self.size.unwrap_or(LARGEST).min(LARGEST);
        Ok(bytes_at(file, body, size as usize)?)
    }
}

/// The elements beside each other in some bytes, as far as they are whole.
fn elements(mut bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    std::iter::from_fn(move || {
        let element = Element::parse(bytes)?;
        let (_, rest) = bytes.split_at_checked(element.header as usize)?;
        let (body, rest) = rest.split_at_checked(usize::try_from(element.size?).ok()?)?;
        bytes = rest;
        Some((element.id, body))
    })
}

/// A number of variable length and how many bytes it has. The first bit that is set tells how
/// many; it belongs to the number only in identifiers.
fn variable(bytes: &[u8], is_id: bool) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let len = first.leading_zeros() as usize + 1;
    let value = number(bytes.get(..len).filter(|_| len <= 8)?);
    let mask = if is_id {
        u64::MAX
    } else {
        (1 << (7 * len)) - 1
    };
    Some((value & mask, len))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn element(id: u64, body: &[u8]) -> Vec<u8> {
        let id: Vec<u8> = id
            .to_be_bytes()
            .into_iter()
            .skip_while(|&byte| byte == 0)
            .collect();
        let size = (1 << 28 | body.len() as u32).to_be_bytes();
        [&id, size.as_slice(), body].concat()
    }

    fn file() -> Vec<u8> {
        let track = [
            element(NUMBER, &[2]),
            element(CODEC_DELAY, &21_333_333_u32.to_be_bytes()),
        ];
        let tracks = element(TRACKS, &element(TRACK, &track.concat()));
        let first = element(CLUSTER, &element(SIMPLE_BLOCK, &[0x82, 0, 0, 0, 9]));
        let padding = element(DISCARD_PADDING, &10_000_000_u32.to_be_bytes());
        let group = element(
            BLOCK_GROUP,
            &[element(BLOCK, &[0x82, 0, 0, 0, 9]), padding].concat(),
        );
        let second = element(CLUSTER, &group);
        let segment = element(SEGMENT, &[tracks, first, second].concat());
        [element(0x1a45_dfa3, &[0; 5]), segment].concat()
    }

    #[test]
    fn delay_and_padding_are_found() {
        let segment = Segment::read(&mut Cursor::new(file())).unwrap();
        assert!(!segment.is_cut());
        assert_eq!(segment.delay(2, 48_000), 1024);
        assert_eq!(segment.padding(2, 48_000), 480);
        assert_eq!(
            (segment.delay(1, 48_000), segment.padding(1, 48_000)),
            (0, 0)
        );
    }

    #[test]
    fn a_live_file_is_whole_if_it_ends_between_elements() {
        let mut live = file();
        // Segment and clusters of unknown size: all bits of the sizes are set.
        for id in [SEGMENT, CLUSTER] {
            let id = (id as u32).to_be_bytes();
            for at in 0..live.len() - 8 {
                if live[at..].starts_with(&id) {
                    live[at + 4..at + 8].copy_from_slice(&[0x1f, 0xff, 0xff, 0xff]);
                }
            }
        }
        let read = |bytes: &[u8]| Segment::read(&mut Cursor::new(bytes)).unwrap();
        let whole = read(&live);
        assert!(whole.is_live() && !whole.is_cut());
        assert_eq!(whole.delay(2, 48_000), 1024);
        assert_eq!(whole.padding(2, 48_000), 480);
        assert!(!read(&file()).is_live());
        for less in 1..20 {
            let cut = read(&live[..live.len() - less]);
            assert!(!cut.is_live(), "{less}");
            assert_eq!(cut.padding(2, 48_000), 0);
        }
    }

    #[test]
    fn a_cut_file_says_less_and_never_fails() {
        let whole = file();
        for len in 0..whole.len() {
            let segment = Segment::read(&mut Cursor::new(&whole[..len])).unwrap();
            assert_eq!(segment.padding(2, 48_000), 0);
            // Of a cut in the first two headers nothing is known.
            assert!(segment.is_cut() || len < 24, "{len}");
        }
    }
}
