//! Which format a file has, by its first bytes alone.
//!
//! A decoder sees a file only if the file begins as the decoder's own formats do. Searching on for
//! something known, as symphonia's probe does, finds a RIFF header inside `WavPack` and Monkey's
//! Audio files and plays them as noise.

use crate::ogg::{self, Sound};

/// How many bytes [`sniff`] looks at.
pub const SNIFFED: usize = 1 << 14;

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// FLAC.
    Flac,
    /// FLAC in Ogg.
    OggFlac,
    /// Vorbis in Ogg.
    OggVorbis,
    /// Opus in Ogg.
    OggOpus,
    /// Ogg with something else in it: Speex, Theora.
    Ogg,
    /// MP4, M4A, MOV, 3GP.
    Mp4,
    /// Matroska and `WebM`.
    Matroska,
    /// Core Audio Format.
    Caf,
    /// AAC frames, one after the other.
    Adts,
    /// RIFF WAVE.
    Wav,
    /// AIFF and AIFF-C.
    Aiff,
    /// MPEG audio: MP3, MP2, MP1.
    Mp3,
    /// `WavPack`, which nothing here decodes.
    WavPack,
    /// Monkey's Audio, which nothing here decodes.
    Ape,
    /// Windows Media, which nothing here decodes.
    Asf,
    /// Musepack, which nothing here decodes.
    Musepack,
    /// `OptimFROG`, which nothing here decodes.
    OptimFrog,
    /// TAK, which nothing here decodes.
    Tak,
    /// True Audio, which nothing here decodes.
    TrueAudio,
    /// RIFF with 64-bit sizes, which nothing here decodes.
    Rf64,
    /// Sony Wave64, which nothing here decodes.
    Wave64,
    /// Sun and `NeXT` audio, which nothing here decodes.
    Au,
}

/// The formats with their names, and whether this crate decodes them.
const NAMES: [(Format, &str, bool); 22] = [
    (Format::Flac, "FLAC", true),
    (Format::OggFlac, "Ogg FLAC", true),
    (Format::OggVorbis, "Ogg Vorbis", true),
    (Format::OggOpus, "Ogg Opus", true),
    (Format::Ogg, "Ogg", false),
    (Format::Mp4, "MP4", true),
    (Format::Matroska, "Matroska", true),
    (Format::Caf, "CAF", true),
    (Format::Adts, "ADTS", true),
    (Format::Wav, "WAV", true),
    (Format::Aiff, "AIFF", true),
    (Format::Mp3, "MP3", true),
    (Format::WavPack, "WavPack", false),
    (Format::Ape, "Monkey's Audio", false),
    (Format::Asf, "Windows Media", false),
    (Format::Musepack, "Musepack", false),
    (Format::OptimFrog, "OptimFROG", false),
    (Format::Tak, "TAK", false),
    (Format::TrueAudio, "True Audio", false),
    (Format::Rf64, "RF64", false),
    (Format::Wave64, "Wave64", false),
    (Format::Au, "AU", false),
];

impl Format {
    /// Its name, as people write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().1
    }

    /// The format of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let found = NAMES.iter().find(|(_, known, _)| *known == name);
        found.map(|(format, ..)| *format)
    }

    /// Whether [`crate::open`] decodes it.
    #[must_use]
    pub fn is_decoded(self) -> bool {
        self.entry().2
    }

    fn entry(self) -> (Self, &'static str, bool) {
        let found = NAMES.iter().find(|(format, ..)| *format == self);
        // The table has all of them, which a test checks.
        found.copied().unwrap_or((self, "unknown", false))
    }
}

/// What formats begin with: the place of some bytes, and these bytes.
const SIGNATURES: [(Format, usize, &[u8]); 18] = [
    (Format::Flac, 0, b"fLaC"),
    (Format::Mp4, 4, b"ftyp"),
    (Format::Matroska, 0, b"\x1a\x45\xdf\xa3"),
    (Format::Caf, 0, b"caff"),
    (Format::WavPack, 0, b"wvpk"),
    (Format::Ape, 0, b"MAC "),
    (
        Format::Asf,
        0,
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c",
    ),
    (Format::Musepack, 0, b"MPCK"),
    (Format::Musepack, 0, b"MP+"),
    (Format::OptimFrog, 0, b"OFR "),
    (Format::Tak, 0, b"tBaK"),
    (Format::TrueAudio, 0, b"TTA1"),
    (Format::TrueAudio, 0, b"TTA2"),
    (Format::Rf64, 0, b"RF64"),
    (Format::Rf64, 0, b"BW64"),
    (Format::Wave64, 0, b"riff\x2e\x91\xcf\x11"),
    (Format::Au, 0, b".snd"),
    (Format::Au, 0, b"dns."),
];

/// The format that a file has, by its first bytes after [`crate::skip_tags`], at best
/// [`SNIFFED`] of them. None if they are nothing known.
#[must_use]
pub fn sniff(first: &[u8]) -> Option<Format> {
    let holds = |place: usize, bytes: &[u8]| first.get(place..place + bytes.len()) == Some(bytes);
    let known = SIGNATURES
        .iter()
        .find(|(_, place, bytes)| holds(*place, bytes));
    if let Some((format, ..)) = known {
        return Some(*format);
    }
    if holds(0, b"OggS") {
        return Some(match ogg::first_sound(first) {
            Some(Sound::Flac) => Format::OggFlac,
            Some(Sound::Vorbis) => Format::OggVorbis,
            Some(Sound::Opus) => Format::OggOpus,
            None => Format::Ogg,
        });
    }
    if holds(0, b"RIFF") {
        return holds(8, b"WAVE").then_some(Format::Wav);
    }
    if holds(0, b"FORM") {
        return (holds(8, b"AIFF") || holds(8, b"AIFC")).then_some(Format::Aiff);
    }
    mpeg(first)
}

/// AAC frames or MPEG audio. Both begin with eleven bits that are set, so a second frame must
/// follow the first one, or the file end.
fn mpeg(first: &[u8]) -> Option<Format> {
    if is_adts(first) {
        return Some(Format::Adts);
    }
    // Junk before the first frame is common: this looks for frames that follow each other.
    nanomp3::detect(first).then_some(Format::Mp3)
}

fn is_adts(first: &[u8]) -> bool {
    let Some(len) = adts_frame(first) else {
        return false;
    };
    match first.get(len..) {
        Some(next) if next.len() >= 7 => adts_frame(next).is_some(),
        _ => true,
    }
}

/// The length of the ADTS frame that these bytes begin: 12 bits of sync, then, among others, the
/// layer, which is always 0 while that of MPEG audio never is.
fn adts_frame(bytes: &[u8]) -> Option<usize> {
    let &[0xff, sync, rate, size_high, size, size_low, _, ..] = bytes else {
        return None;
    };
    let len =
        usize::from(size_high & 3) << 11 | usize::from(size) << 3 | usize::from(size_low) >> 5;
    (sync & 0xf6 == 0xf0 && (rate >> 2) & 0xf < 13 && len >= 7).then_some(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_a_name_of_its_own() {
        for (format, name, _) in NAMES {
            assert_eq!(format.name(), name);
            assert_eq!(Format::from_name(name), Some(format));
        }
    }

    #[test]
    fn a_riff_that_is_no_wave_is_nothing_known() {
        assert_eq!(sniff(b"RIFF\x10\0\0\0WAVEfmt "), Some(Format::Wav));
        assert_eq!(sniff(b"RIFF\x10\0\0\0AVI LIST"), None);
        assert_eq!(sniff(b"FORM\0\0\0\x108SVX"), None);
        assert_eq!(sniff(b"FORM\0\0\0\x10AIFCCOMM"), Some(Format::Aiff));
    }

    #[test]
    fn a_header_inside_a_file_does_not_count() {
        assert_eq!(
            sniff(b"wvpk\0\0RIFF\x10\0\0\0WAVEfmt "),
            Some(Format::WavPack)
        );
        assert_eq!(sniff(b"MAC \0\0RIFF\x10\0\0\0WAVEfmt "), Some(Format::Ape));
        assert_eq!(sniff(b"\0\0RIFF\x10\0\0\0WAVEfmt fLaC"), None);
    }

    #[test]
    fn adts_needs_a_second_frame() {
        let frame = [0xff, 0xf1, 0x50, 0x80, 0x01, 0x1f, 0xfc, 0];
        assert_eq!(sniff(&[frame, frame].concat()), Some(Format::Adts));
        assert_eq!(sniff(&[frame, [0; 8]].concat()), None);
    }

    #[test]
    fn anything_may_be_given() {
        for len in 0..40 {
            for byte in [0, 0xff, b'O', b'R'] {
                let _ = sniff(&vec![byte; len]);
            }
        }
    }
}
