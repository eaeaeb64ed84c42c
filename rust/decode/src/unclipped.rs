//! What ropus has before it rounds to 16 bits and clips.
//!
//! ropus gives integers of 16 bits, and applies a gain only to these. But its CELT decoder keeps
//! its last output in finer integers, with four times the range of the samples. The last step from
//! these to the samples is a filter of one pole (`deemphasis()` of libopus), which is done again
//! here. A finer value is used only if ropus's own sample follows from it.

use ropus::OpusDecoder;
use ropus::opus::decoder::opus_packet_parse_impl;

/// How many frames of its output the CELT decoder keeps.
const KEPT: usize = 2048;
/// A packet has at most this many frames of Opus: RFC 6716, section 3.2.5.
const MOST_FRAMES: usize = 48;
/// The pole of the filter, as a part of 2^15.
const POLE: i64 = 27_853;
/// The largest value in the filter.
const LARGEST: i64 = (1 << 29) - 1;
/// How many bits a value has more than a sample.
const FINER_BITS: u32 = 12;

/// Whether a packet has no sound from SILK, which computes with 16 bits in libopus as well.
pub fn is_celt(packet: &[u8]) -> bool {
    packet.first().is_some_and(|first| first & 0x80 != 0)
}

/// The frames of a packet of one stream, each as a packet of its own. None if there is only one.
pub fn split(packet: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (mut first, mut sizes, mut start) = (0, [0; MOST_FRAMES], 0);
    let len = i32::try_from(packet.len()).ok()?;
    let count =
        opus_packet_parse_impl(packet, len, false, &mut first, &mut sizes, &mut start, None);
    let count = usize::try_from(count).ok().filter(|&count| count > 1)?;
    let mut rest = packet.get(usize::try_from(start).ok()?..)?;
    let mut packets = Vec::with_capacity(count);
    for &size in sizes.get(..count)? {
        let (frame, others) = rest.split_at_checked(usize::try_from(size).ok()?)?;
        // The two lowest bits of the first byte say that there is one frame.
        packets.push([&[first & !3], frame].concat());
        rest = others;
    }
    Some(packets)
}

/// Puts finer values in place of the samples of a channel.
///
/// # Arguments
/// * `decoder` - What has just decoded the samples.
/// * `side` - Which of its channels they are.
/// * `state` - The filter's state before that: a value of its `debug_get_preemph_mem()`.
/// * `samples` - The samples, as ropus gave them, in units of its integers.
pub fn refine<'a>(
    decoder: &OpusDecoder,
    side: usize,
    state: i32,
    samples: impl ExactSizeIterator<Item = &'a mut f32>,
) {
    let Some(unread) = KEPT.checked_sub(samples.len()) else {
        return;
    };
    let start = side * decoder.debug_get_decode_mem_stride() + unread;
    let values = decoder.debug_get_decode_mem(start, samples.len());
    let mut state = i64::from(state);
    for (sample, &value) in samples.zip(values) {
        let finer = (i64::from(value) + state).clamp(-LARGEST, LARGEST);
        state = (POLE * finer) >> 15;
        let rounded = (finer + (1 << (FINER_BITS - 1))) >> FINER_BITS;
        let clipped = rounded.clamp(i64::from(i16::MIN), i64::from(i16::MAX));
        if clipped as f32 == *sample {
            *sample = finer as f32 / (1 << FINER_BITS) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_split_into_its_frames() {
        let single = [0xfc, 1, 2, 3];
        assert_eq!(split(&single), None);
        assert_eq!(split(&[]), None);
        let double = [0xfd, 1, 2, 3, 4];
        assert_eq!(
            split(&double),
            Some(vec![vec![0xfc, 1, 2], vec![0xfc, 3, 4]])
        );
        assert!(is_celt(&double) && !is_celt(&[0x7c]) && !is_celt(&[]));
    }
}
