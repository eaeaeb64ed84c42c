//! FLAC without its metadata: <https://www.rfc-editor.org/rfc/rfc9639#section-8>.
//!
//! Pictures, cue sheets and comments are of no use here, take memory, and symphonia refuses a file
//! if one of them is not as it should be. So it gets a file that has none.

use std::io::{Read, Seek};

use crate::error::Result;
use crate::tags::bytes_at;

const MARKER: &[u8; 4] = b"fLaC";
/// The size of a block's header.
const HEADER: u64 = 4;
const STREAM_INFO: u8 = 0;
const STREAM_INFO_SIZE: u64 = 34;
const IS_LAST: u8 = 0x80;
const MOST_BLOCKS: usize = 1 << 12;

/// What a file would begin with if it had no metadata, and where its first frame is. None if its
/// blocks are not as they should be.
///
/// # Errors
/// If the file cannot be read.
pub fn without_metadata<R: Read + Seek>(file: &mut R) -> Result<Option<(Vec<u8>, u64)>> {
    let mut at = MARKER.len() as u64;
    let mut head = None;
    for _ in 0..MOST_BLOCKS {
        let header = bytes_at(file, at, HEADER as usize)?;
        let &[kind, high, middle, low] = header.as_slice() else {
            return Ok(None);
        };
        let size = u64::from(u32::from_be_bytes([0, high, middle, low]));
        if kind & !IS_LAST == STREAM_INFO && size == STREAM_INFO_SIZE && head.is_none() {
            let body = bytes_at(file, at + HEADER, size as usize)?;
            let only = [IS_LAST | STREAM_INFO, high, middle, low];
            head = Some([MARKER.as_slice(), &only, &body].concat());
        }
        at += HEADER + size;
        if kind & IS_LAST != 0 {
            // A frame begins with 14 bits of sync. Otherwise a size was wrong.
            let is_frame = matches!(bytes_at(file, at, 2)?.as_slice(), [0xff, 0xf8..=0xfb]);
            return Ok(head.filter(|_| is_frame).map(|head| (head, at)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn block(kind: u8, size: u8) -> Vec<u8> {
        [vec![kind, 0, 0, size], vec![7; usize::from(size)]].concat()
    }

    #[test]
    fn only_the_stream_info_is_kept() {
        let info = block(0, 34);
        let file = [
            b"fLaC".to_vec(),
            block(4, 9),
            info,
            block(0x86, 200),
            vec![0xff, 0xf8],
        ]
        .concat();
        let (head, frames) = without_metadata(&mut Cursor::new(&file)).unwrap().unwrap();
        assert_eq!(head, [b"fLaC".to_vec(), block(0x80, 34)].concat());
        assert_eq!(&file[frames as usize..], [0xff, 0xf8]);
    }

    #[test]
    fn wrong_sizes_change_nothing() {
        let file = [
            b"fLaC".to_vec(),
            block(0, 34),
            block(0x84, 9),
            vec![0xff, 0xf8],
        ]
        .concat();
        for len in 0..file.len() {
            assert_eq!(
                without_metadata(&mut Cursor::new(&file[..len])).unwrap(),
                None
            );
        }
        let no_info = [b"fLaC".to_vec(), block(0x84, 9), vec![0xff, 0xf8]].concat();
        assert_eq!(without_metadata(&mut Cursor::new(no_info)).unwrap(), None);
    }
}
