//! Tags in front of a sound, which are skipped unread.
//!
//! An `ID3v2` tag precedes the sound of many files, not of MP3 alone: text and pictures of up to
//! 256 MB, and there may be several. See <https://id3.org/id3v2.4.0-structure>, section 3.1.

use std::io::{self, Read, Seek, SeekFrom};

const HEADER: usize = 10;
/// How many tags are skipped. Programs that add one where there is one already leave a few; a file
/// that consists of empty ones would be read ten bytes at a time.
const MOST_TAGS: usize = 64;
/// How many bytes of zeros after a tag may be left out with it.
const PADDING: usize = 1 << 16;
/// How many of them are read at once.
const PIECE: usize = 1 << 10;

/// The first byte after the tags that a file begins with, and after their padding.
///
/// # Errors
/// If the file cannot be read.
pub fn skip_tags<R: Read + Seek + ?Sized>(file: &mut R) -> io::Result<u64> {
    let mut end = 0_u64;
    for _ in 0..MOST_TAGS {
        let Some(size) = tag_size(&bytes_at(file, end, HEADER)?) else {
            break;
        };
        end = end.saturating_add(size);
    }
    if end == 0 {
        return Ok(0);
    }
    let mut zeros = 0;
    while zeros < PADDING {
        // Mostly there are none or a few of them.
        let piece = bytes_at(file, end + zeros as u64, PIECE)?;
        let more = piece.iter().take_while(|&&byte| byte == 0).count();
        zeros += more;
        if more < PIECE {
            break;
        }
    }
    Ok(end + zeros as u64)
}

/// The size of the tag that these bytes begin, with its header and footer.
fn tag_size(header: &[u8]) -> Option<u64> {
    let (&[b'I', b'D', b'3', version, _, flags], sizes) = header.split_first_chunk()? else {
        return None;
    };
    // The highest bit of a byte of the size is never set.
    if sizes.len() != 4 || sizes.iter().any(|&byte| byte > 0x7f) {
        return None;
    }
    let size = sizes
        .iter()
        .fold(0, |size, &byte| size << 7 | u64::from(byte));
    let has_footer = version >= 4 && flags & 0x10 != 0;
    let ends = if has_footer { 2 } else { 1 };
    Some(size + ends * HEADER as u64)
}

/// Number of bytes that there is room for before they are read.
const ROOM: usize = 1 << 16;

/// Up to a number of bytes from a place in a file, fewer at its end.
pub fn bytes_at<R: Read + Seek + ?Sized>(
    file: &mut R,
    at: u64,
    count: usize,
) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    // With room for all, the system is called once; but what a file says may be too much.
    let mut bytes = Vec::with_capacity(count.min(ROOM));
    file.take(count as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn only_so_many_tags_are_skipped() {
        let empty = b"ID3\x04\0\0\0\0\0\0";
        for count in [0, 1, MOST_TAGS, MOST_TAGS + 1, 5000] {
            let mut file = Cursor::new([empty.repeat(count), b"fLaC".to_vec()].concat());
            let skipped = (count.min(MOST_TAGS) * HEADER) as u64;
            assert_eq!(skip_tags(&mut file).unwrap(), skipped, "{count}");
        }
    }
}
