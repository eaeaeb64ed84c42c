//! Where the sound in an MP4 file begins and ends.
//!
//! AAC begins with 1,024 to 2,112 frames that are no sound yet, and ends with some. An edit list
//! tells how many, or a comment that Apple's programs write, `iTunSMPB`. symphonia reads neither.
//! The boxes: ISO/IEC 14496-12, sections 8.6.1.2 (`stts`), 8.6.6 (`elst`).

use std::io::{Read, Seek};

use crate::error::{Error, Result};
use crate::tags::bytes_at;
use crate::trim::Trim;

/// A `moov` box larger than this is not read. That of 24 hours of AAC has 16 MB.
const LARGEST_MOVIE: u64 = 1 << 26;
/// How many boxes may stand beside each other.
const MOST_BOXES: usize = 1 << 16;

/// What is said about the length of a file's tracks.
#[derive(Debug, Default)]
pub struct Movie {
    timescale: u64,
    tracks: Vec<Track>,
    gaps: Option<Gaps>,
    /// Where the last box ends, which is after the end of a file that was cut.
    end: u64,
    /// Whether more packets follow in fragments, of which nothing is known here.
    is_fragmented: bool,
}

#[derive(Debug, Default)]
struct Track {
    id: u32,
    timescale: u64,
    /// The duration of all packets.
    duration: u64,
    edits: Vec<Edit>,
}

#[derive(Debug, Clone, Copy)]
struct Edit {
    duration: u64,
    /// Where it begins in the track, or -1 if it is a pause.
    start: i64,
}

/// What `iTunSMPB` says, in frames.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Gaps {
    delay: u64,
    frames: u64,
}

impl Movie {
    /// Reads what a file says. What is not there or not understood is left out.
    ///
    /// # Errors
    /// If the file cannot be read, or its description is unreasonably large.
    pub fn read<R: Read + Seek>(file: &mut R) -> Result<Self> {
        let mut movie = Self::default();
        let mut at = 0_u64;
        for _ in 0..MOST_BOXES {
            let header = bytes_at(file, at, 16)?;
            let Some((kind, header_size, size)) = box_header(&header) else {
                break;
            };
            if kind == *b"moov" {
                let body = size.saturating_sub(header_size);
                if body > LARGEST_MOVIE {
                    return Err(Error::corrupt(format!(
                        "its moov box is said to have {body} bytes: expected at most \
                         {LARGEST_MOVIE}"
                    )));
                }
                movie.fill(&bytes_at(file, at + header_size, body as usize)?);
            }
            // A size of 0 means up to the end of the file.
            match at.checked_add(size) {
                Some(next) if size >= header_size => at = next,
                _ => break,
            }
        }
        movie.end = at;
        Ok(movie)
    }

    fn fill(&mut self, moov: &[u8]) {
        for (kind, body) in boxes(moov) {
            match &kind {
                b"mvhd" => self.timescale = timescale(body).unwrap_or(0),
                b"trak" => self.tracks.push(Track::parse(body)),
                b"mvex" => self.is_fragmented = true,
                b"udta" => self.gaps = self.gaps.or_else(|| gaps(body)),
                b"meta" => self.gaps = self.gaps.or_else(|| gaps_in_meta(body)),
                _ => {}
            }
        }
    }

    /// How many bytes the file has or once had.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// What is to be left out of a track with this rate, and the frames of all of its packets if
    /// that is known.
    pub fn trim(&self, id: u32, sr: u32) -> (Option<Trim>, Option<u64>) {
        let (trim, total) = self.trim_of_whole(id, sr);
        if !self.is_fragmented {
            return (trim, total);
        }
        let start = trim.map_or(0, |trim| trim.start);
        (
            Some(Trim {
                start,
                frames: None,
            }),
            None,
        )
    }

    fn trim_of_whole(&self, id: u32, sr: u32) -> (Option<Trim>, Option<u64>) {
        let Some(track) = self.tracks.iter().find(|track| track.id == id) else {
            return (None, None);
        };
        let total = track.frames(sr);
        if let Some(gaps) = self.gaps {
            let trim = Trim {
                start: gaps.delay,
                frames: Some(gaps.frames),
            };
            return (Some(trim), total);
        }
        let Some((start, length)) = track.edited(sr, self.timescale) else {
            let whole = total.map(|frames| Trim {
                start: 0,
                frames: Some(frames),
            });
            return (whole, total);
        };
        let rest = total.map(|total| total.saturating_sub(start));
        let frames = match (length, rest) {
            // Movies count time in their own units, often milliseconds. What agrees with the
            // packets up to one such unit is meant to be all of them.
            (Some((length, unit)), Some(rest)) if length.abs_diff(rest) <= unit => Some(rest),
            (Some((length, _)), Some(rest)) => Some(length.min(rest)),
            (Some((length, unit)), None) => Some(length.saturating_add(unit)),
            (None, rest) => rest,
        };
        (Some(Trim { start, frames }), total)
    }
}

impl Track {
    fn parse(boxed: &[u8]) -> Self {
        let mut track = Self::default();
        for (kind, body) in boxes(boxed) {
            match &kind {
                b"tkhd" => track.id = track_id(body).unwrap_or(0),
                b"edts" => {
                    let list = find(body, &[*b"elst"]);
                    track.edits = list.and_then(edits).unwrap_or_default();
                }
                b"mdia" => {
                    let header = find(body, &[*b"mdhd"]);
                    track.timescale = header.and_then(timescale).unwrap_or(0);
                    let times = find(body, &[*b"minf", *b"stbl", *b"stts"]);
                    track.duration = times.and_then(total_duration).unwrap_or(0);
                }
                _ => {}
            }
        }
        track
    }

    /// The frames of all packets, if its unit of time is a frame.
    fn frames(&self, sr: u32) -> Option<u64> {
        (self.timescale == u64::from(sr) && self.duration > 0).then_some(self.duration)
    }

    /// Where its edits begin, and how long they are together with how exactly that is known, all
    /// in frames. None if they have no simple meaning.
    fn edited(&self, sr: u32, movie_timescale: u64) -> Option<(u64, Option<(u64, u64)>)> {
        let parts: Vec<Edit> = self
            .edits
            .iter()
            .copied()
            .filter(|edit| edit.start >= 0)
            .collect();
        let &[edit] = parts.as_slice() else {
            return None;
        };
        let start = scaled(edit.start.cast_unsigned(), sr, self.timescale)?;
        // A fragmented file says 0, since it does not know yet.
        let length = scaled(edit.duration, sr, movie_timescale).filter(|&length| length > 0);
        let unit = scaled(1, sr, movie_timescale)? + 1;
        Some((start, length.map(|length| (length, unit))))
    }
}

/// A time in another unit.
fn scaled(time: u64, sr: u32, timescale: u64) -> Option<u64> {
    let frames = u128::from(time) * u128::from(sr);
    let frames = frames.checked_div(u128::from(timescale))?;
    u64::try_from(frames).ok()
}

/// The kind of a box, the size of its header, and that of all of it.
fn box_header(bytes: &[u8]) -> Option<([u8; 4], u64, u64)> {
    let size = u64::from(u32_at(bytes, 0)?);
    let kind = bytes.get(4..8)?.try_into().ok()?;
    match size {
        1 => Some((kind, 16, u64_at(bytes, 8)?)),
        size => Some((kind, 8, size)),
    }
}

/// The boxes beside each other in some bytes, as far as they are whole.
fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let (kind, header, size) = box_header(bytes)?;
        let size = usize::try_from(size).ok()?;
        let (this, rest) = bytes.split_at_checked(size)?;
        bytes = rest;
        Some((kind, this.get(header as usize..)?))
    })
}

/// The body of a box inside boxes.
fn find<'a>(mut bytes: &'a [u8], path: &[[u8; 4]]) -> Option<&'a [u8]> {
    for name in path {
        bytes = boxes(bytes).find(|(kind, _)| kind == name)?.1;
    }
    Some(bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_be_bytes(bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + 8)?.try_into().ok()?;
    Some(u64::from_be_bytes(bytes))
}

/// The unit of time in `mvhd` and `mdhd`, which begin alike.
fn timescale(body: &[u8]) -> Option<u64> {
    let at = if body.first()? == &1 { 20 } else { 12 };
    u32_at(body, at).map(u64::from)
}

fn track_id(body: &[u8]) -> Option<u32> {
    u32_at(body, if body.first()? == &1 { 20 } else { 12 })
}

fn edits(body: &[u8]) -> Option<Vec<Edit>> {
    let is_wide = body.first()? == &1;
    let (_, list) = body.split_at_checked(8)?;
    let entries = list.chunks_exact(if is_wide { 20 } else { 12 });
    let edits = entries.filter_map(|entry| {
        let (duration, start) = if is_wide {
            (u64_at(entry, 0)?, u64_at(entry, 8)?.cast_signed())
        } else {
            let start = u32_at(entry, 4)?.cast_signed();
            (u64::from(u32_at(entry, 0)?), i64::from(start))
        };
        Some(Edit { duration, start })
    });
    Some(edits.take(u32_at(body, 4)? as usize).collect())
}

fn total_duration(body: &[u8]) -> Option<u64> {
    let (_, list) = body.split_at_checked(8)?;
    let durations = list
        .chunks_exact(8)
        .take(u32_at(body, 4)? as usize)
        .map(|entry| {
            let count = u32_at(entry, 0).unwrap_or(0);
            u64::from(count) * u64::from(u32_at(entry, 4).unwrap_or(0))
        });
    Some(durations.fold(0, u64::saturating_add))
}

fn gaps(udta: &[u8]) -> Option<Gaps> {
    gaps_in_meta(find(udta, &[*b"meta"])?)
}

/// `iTunSMPB` among the entries of a list of free-form comments.
fn gaps_in_meta(meta: &[u8]) -> Option<Gaps> {
    // `meta` has four bytes in front of its boxes in MP4, and none in MOV.
    let list = find(meta.get(4..)?, &[*b"ilst"]).or_else(|| find(meta, &[*b"ilst"]))?;
    boxes(list)
        .filter(|(kind, _)| kind == b"----")
        .find(|(_, comment)| find(comment, &[*b"name"]).is_some_and(|n| n.ends_with(b"iTunSMPB")))
        .and_then(|(_, comment)| find(comment, &[*b"data"]))
        .and_then(|data| parse_gaps(std::str::from_utf8(data.get(8..)?).ok()?))
}

/// Numbers in hexadecimal: one that means nothing, the frames to leave out at the start, those at
/// the end, and those between.
fn parse_gaps(text: &str) -> Option<Gaps> {
    let numbers: Option<Vec<u64>> = text
        .split_ascii_whitespace()
        .take(4)
        .map(|word| u64::from_str_radix(word, 16).ok())
        .collect();
    let &[_, delay, _padding, frames] = numbers?.as_slice() else {
        return None;
    };
    (frames > 0).then_some(Gaps { delay, frames })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
        let size = (body.len() + 8) as u32;
        [&size.to_be_bytes(), &kind, body].concat()
    }

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    /// A file with one track of AAC at 44.1 kHz: 100 packets, and what is said about them.
    fn file(movie_timescale: u32, edits: &[[u32; 3]], comment: &[u8]) -> Vec<u8> {
        let list = [words(&[0, edits.len() as u32]), words(edits.as_flattened())].concat();
        let stbl = boxed(
            *b"stbl",
            &boxed(*b"stts", &words(&[0, 2, 99, 1024, 1, 500])),
        );
        let mdia = [
            boxed(*b"mdhd", &words(&[0, 0, 0, 44_100, 0])),
            boxed(*b"minf", &stbl),
        ]
        .concat();
        let trak = [
            boxed(*b"tkhd", &words(&[0, 0, 0, 7])),
            boxed(*b"edts", &boxed(*b"elst", &list)),
            boxed(*b"mdia", &mdia),
        ];
        let moov = [
            boxed(*b"mvhd", &words(&[0, 0, 0, movie_timescale, 0])),
            boxed(*b"trak", &trak.concat()),
            comment.to_vec(),
        ];
        let parts = [
            boxed(*b"ftyp", b"M4A "),
            boxed(*b"mdat", &[1; 9]),
            boxed(*b"moov", &moov.concat()),
        ];
        parts.concat()
    }

    fn trim(file: &[u8]) -> Option<Trim> {
        Movie::read(&mut Cursor::new(file))
            .unwrap()
            .trim(7, 44_100)
            .0
    }

    const TOTAL: u64 = 99 * 1024 + 500;
    const ONE: u32 = 1 << 16;

    #[test]
    fn a_length_in_milliseconds_is_taken_from_the_packets() {
        let milliseconds = ((TOTAL - 1024) * 1000 / 44_100) as u32;
        for near in [milliseconds, milliseconds + 1] {
            let found = trim(&file(1000, &[[near, 1024, ONE]], b""));
            assert_eq!(
                found,
                Some(Trim {
                    start: 1024,
                    frames: Some(TOTAL - 1024)
                })
            );
        }
    }

    #[test]
    fn the_longest_edit_is_no_overflow() {
        let edit = Edit {
            duration: u64::MAX,
            start: 0,
        };
        let track = Track {
            id: 7,
            timescale: 44_100,
            duration: 0,
            edits: vec![edit],
        };
        let movie = Movie {
            timescale: 44_100,
            tracks: vec![track],
            ..Movie::default()
        };
        let found = movie.trim(7, 44_100).0.unwrap();
        assert_eq!(found.frames, Some(u64::MAX));
    }

    #[test]
    fn a_shorter_edit_ends_where_it_says() {
        let found = trim(&file(44_100, &[[60_000, 2112, ONE]], b""));
        assert_eq!(
            found,
            Some(Trim {
                start: 2112,
                frames: Some(60_000)
            })
        );
    }

    #[test]
    fn a_pause_before_the_sound_is_left_out() {
        let edits = [[100, u32::MAX, ONE], [0, 1024, ONE]];
        let found = trim(&file(1000, &edits, b""));
        assert_eq!(
            found,
            Some(Trim {
                start: 1024,
                frames: Some(TOTAL - 1024)
            })
        );
    }

    #[test]
    fn without_a_list_or_with_a_long_one_all_packets_count() {
        let all = Some(Trim {
            start: 0,
            frames: Some(TOTAL),
        });
        assert_eq!(trim(&file(1000, &[], b"")), all);
        assert_eq!(trim(&file(1000, &[[9, 0, ONE], [9, 5000, ONE]], b"")), all);
    }

    #[test]
    fn apples_comment_counts_more_than_an_edit_list() {
        let text = b"\0\0\0\x01\0\0\0\0 00000000 00000840 000001CA 000000000000F000 00000000";
        let entry = [
            boxed(*b"mean", b"\0\0\0\0com.apple.iTunes"),
            boxed(*b"name", b"\0\0\0\0iTunSMPB"),
            boxed(*b"data", text),
        ];
        let list = boxed(*b"ilst", &boxed(*b"----", &entry.concat()));
        let meta = boxed(*b"meta", &[b"\0\0\0\0".to_vec(), list].concat());
        let found = trim(&file(1000, &[[9, 0, ONE]], &boxed(*b"udta", &meta)));
        assert_eq!(
            found,
            Some(Trim {
                start: 0x840,
                frames: Some(0xf000)
            })
        );
    }

    #[test]
    fn of_a_file_in_fragments_only_the_beginning_is_known() {
        let found = trim(&file(1000, &[[1000, 1024, ONE]], &boxed(*b"mvex", b"")));
        assert_eq!(
            found,
            Some(Trim {
                start: 1024,
                frames: None
            })
        );
    }

    #[test]
    fn a_cut_file_says_less_and_never_fails() {
        let whole = file(1000, &[[1000, 1024, ONE]], b"");
        for len in 0..whole.len() {
            let _ = Movie::read(&mut Cursor::new(&whole[..len]))
                .unwrap()
                .trim(7, 44_100);
        }
        let endless = words(&[1, u32::from_be_bytes(*b"mdat"), u32::MAX, u32::MAX]);
        assert!(Movie::read(&mut Cursor::new(endless)).is_ok());
    }
}
