//! What symphonia does not check of a WAV file.

use std::io::{Read, Seek};

use crate::error::{Error, Result};
use crate::tags::bytes_at;

const MOST_CHUNKS: usize = 1 << 12;
/// The kinds of samples that are numbers: integers, floats, and one of them with an extension.
const NUMBERS: [u16; 3] = [1, 3, 0xfffe];

/// Refuses samples that take more bytes than they have bits for, such as 24 bits in 4 bytes.
/// symphonia would read them as if they took as few as possible, which gives noise.
///
/// # Errors
/// [`Error::Unsupported`] for such samples.
pub fn check_format<R: Read + Seek>(file: &mut R) -> Result<()> {
    let mut at = 12_u64;
    for _ in 0..MOST_CHUNKS {
        let header = bytes_at(file, at, 24)?;
        let Some((&[a, b, c, d, size_0, size_1, size_2, size_3], body)) =
            header.split_first_chunk()
        else {
            break;
        };
        if [a, b, c, d] == *b"fmt " {
            return check_body(body);
        }
        let size = u32::from_le_bytes([size_0, size_1, size_2, size_3]);
        // Chunks begin at even places.
        at += 8 + u64::from(size) + u64::from(size % 2);
    }
    Ok(())
}

fn check_body(body: &[u8]) -> Result<()> {
    let number = |at: usize| {
        let bytes = body.get(at..at + 2).and_then(|bytes| bytes.try_into().ok());
        bytes.map(u16::from_le_bytes)
    };
    let (Some(kind), Some(channels), Some(size), Some(bits)) =
        (number(0), number(2), number(12), number(14))
    else {
        return Ok(());
    };
    let expected = u32::from(channels) * u32::from(bits.div_ceil(8));
    if NUMBERS.contains(&kind) && u32::from(size) != expected {
        return Err(Error::unsupported(format!(
            "its frames have {size} bytes: expected {expected} for {channels} channels of {bits} \
             bits"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn file(kind: u16, channels: u16, size: u16, bits: u16) -> Vec<u8> {
        let numbers = [kind, channels, 0, 0, 0, 0, size, bits];
        let format = numbers.map(u16::to_le_bytes);
        [
            b"RIFF\0\0\0\0WAVEodd \x01\0\0\0!\0fmt \x10\0\0\0",
            format.as_flattened(),
        ]
        .concat()
    }

    #[test]
    fn samples_with_bytes_to_spare_are_refused() {
        let check = |kind, channels, size, bits| {
            check_format(&mut Cursor::new(file(kind, channels, size, bits)))
        };
        assert!(check(1, 2, 6, 24).is_ok());
        assert!(check(1, 2, 4, 12).is_ok());
        assert!(check(0x11, 2, 512, 4).is_ok()); // ADPCM has blocks.
        for kind in NUMBERS {
            let message = check(kind, 2, 8, 24).unwrap_err().to_string();
            assert_eq!(
                message,
                "its frames have 8 bytes: expected 6 for 2 channels of 24 bits"
            );
        }
    }

    #[test]
    fn a_cut_file_is_left_to_the_decoder() {
        let whole = file(1, 2, 8, 24);
        for len in 0..whole.len() {
            assert!(check_format(&mut Cursor::new(&whole[..len])).is_ok());
        }
    }
}
