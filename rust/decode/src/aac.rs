//! Which kind of AAC a stream is.
//!
//! HE-AAC carries half the rate as AAC-LC, and what rebuilds the upper half of the spectrum (SBR)
//! and the second channel (PS) beside it. A decoder that does not know that plays half the
//! bandwidth at half the rate, so such streams are refused. ISO/IEC 14496-3, sections 1.6.2.1
//! (configuration), 1.6.5 (how SBR is announced) and 4.4.2 (what a packet consists of).

use crate::error::{Error, Result};

/// Types of objects in a configuration.
const TYPE_SBR: u32 = 5;
const TYPE_PS: u32 = 29;
/// What an extension of a configuration begins with.
const EXTENSION: u32 = 0x2b7;

/// Elements of a packet, 3 bits each.
const FILL: u32 = 6;
/// What a fill element with SBR begins with, without and with a checksum.
const FILL_SBR: [u32; 2] = [0xd, 0xe];

/// Refuses HE-AAC, by the configuration of a stream.
///
/// # Errors
/// [`Error::Unsupported`] if the stream is HE-AAC.
pub fn check_config(config: &[u8]) -> Result<()> {
    if announces_sbr(config).unwrap_or(false) {
        return Err(refusal("its configuration shows"));
    }
    Ok(())
}

/// Refuses HE-AAC that its configuration does not announce, by the first packets. ADTS has no
/// configuration, and that of MP4 need not tell.
///
/// # Errors
/// [`Error::Unsupported`] if the stream is HE-AAC.
pub fn check_packets(packets: &[&[u8]]) -> Result<()> {
    let with_sbr = packets.iter().filter(|packet| has_sbr(packet)).count();
    // By chance one packet in 70 looks as if it had SBR. In HE-AAC all have it.
    if packets.len() >= LEAST_PACKETS && with_sbr * 4 >= packets.len() * 3 {
        return Err(refusal("its packets show"));
    }
    Ok(())
}

/// How many packets [`check_packets`] should get.
pub const LOOKED_AT: usize = 12;
const LEAST_PACKETS: usize = 2;

fn refusal(by: &str) -> Error {
    Error::unsupported(format!("it is HE-AAC, which is not supported, as {by}"))
}

fn announces_sbr(config: &[u8]) -> Option<bool> {
    let mut bits = Bits {
        bytes: config,
        at: 0,
    };
    let object = bits.object_type()?;
    if object == TYPE_SBR || object == TYPE_PS {
        return Some(true);
    }
    if bits.take(4)? == 15 {
        bits.take(24)?; // The rate itself, where the table has none.
    }
    bits.take(4)?; // The channels.
    bits.take(1)?; // Whether frames are short.
    if bits.take(1)? == 1 {
        bits.take(14)?; // The delay of a core coder.
    }
    bits.take(1)?;
    let extended = bits.take(11)? == EXTENSION && bits.object_type()? == TYPE_SBR;
    Some(extended && bits.take(1)? == 1)
}

/// Whether a packet seems to end with a fill element that has SBR.
///
/// What comes before it is not parsed: the packet ends with the element END, three bits that are
/// set, and zeros up to a whole byte, so a fill element must reach exactly up to there.
fn has_sbr(packet: &[u8]) -> bool {
    let Some(last) = packet.iter().rposition(|&byte| byte != 0) else {
        return false;
    };
    let end = last * 8 + 8 - packet[last].trailing_zeros() as usize;
    let Some(end) = end.checked_sub(3) else {
        return false;
    };
    let bits = Bits {
        bytes: packet,
        at: 0,
    };
    // The size in bytes has 4 bits, or 15 in them and 8 more bits for what it is more than 14.
    (1..15).any(|size| bits.is_sbr_fill(end, 7, size))
        || (0..256).any(|more| bits.is_sbr_fill(end, 15, 14 + more))
}

/// Bits, the highest of a byte first.
#[derive(Clone, Copy)]
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> Option<u32> {
        let mut value = 0;
        for at in self.at..self.at + count {
            let byte = self.bytes.get(at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - at % 8) & 1);
        }
        self.at += count;
        Some(value)
    }

    fn object_type(&mut self) -> Option<u32> {
        match self.take(5)? {
            31 => Some(32 + self.take(6)?),
            object => Some(object),
        }
    }

    /// Whether a fill element with SBR ends at a bit, if its header has this many bits and what
    /// follows it this many bytes.
    fn is_sbr_fill(mut self, end: usize, header: usize, size: usize) -> bool {
        let Some(start) = end.checked_sub(header + 8 * size) else {
            return false;
        };
        self.at = start;
        let id = self.take(3);
        let stated = match self.take(4) {
            Some(15) => self.take(8).map(|more| 14 + more as usize),
            stated => stated.map(|size| size as usize),
        };
        let header_fits = self.at == start + header;
        let kind = self.take(4).unwrap_or(0);
        id == Some(FILL) && header_fits && stated == Some(size) && FILL_SBR.contains(&kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(bits: &str) -> Vec<u8> {
        let bits: Vec<u8> = bits
            .bytes()
            .filter(|&b| b != b' ')
            .map(|b| b - b'0')
            .collect();
        let byte = |bits: &[u8]| (0..8).fold(0, |v, i| v << 1 | bits.get(i).unwrap_or(&0));
        bits.chunks(8).map(byte).collect()
    }

    #[test]
    fn explicit_sbr_and_ps_are_refused() {
        let plain = packed("00010 0100 0010 0 0 0");
        assert!(check_config(&plain).is_ok());
        let sbr = packed("00101 0111 0010 0100 00010 0 0 0");
        let ps = packed("11101 0111 0001 0100 00010 0 0 0");
        for config in [sbr, ps] {
            let message = check_config(&config).unwrap_err().to_string();
            assert!(message.contains("HE-AAC, which is not supported"));
        }
    }

    #[test]
    fn sbr_in_an_extension_is_refused() {
        let with = packed("00010 0111 0010 0 0 0 01010110111 00101 1 0100");
        let without = packed("00010 0111 0010 0 0 0 01010110111 00101 0");
        assert!(check_config(&with).is_err());
        assert!(check_config(&without).is_ok());
    }

    #[test]
    fn sbr_in_the_packets_is_refused() {
        let sound = "001 0000 1011 0110 1110 0101 0101 ";
        let long = format!("110 1111 00000011 1101 {} 111", "01".repeat(66));
        let sbr = [
            packed(&format!("{sound} 110 0010 1101 0000 10101010 111")),
            packed(&(sound.to_owned() + &long)),
        ];
        let filled = packed(&format!("{sound} 110 0010 0000 0000 10101010 111"));
        assert!(check_packets(&[&sbr[0], &sbr[1], &sbr[0]]).is_err());
        assert!(check_packets(&[&filled, &filled, &sbr[0]]).is_ok());
        assert!(check_packets(&[&[], &[0, 0], &[7]]).is_ok());
    }
}
