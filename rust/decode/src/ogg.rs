//! What is in an Ogg file: <https://www.rfc-editor.org/rfc/rfc3533>.

/// A kind of sound in Ogg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sound {
    /// FLAC.
    Flac,
    /// Vorbis.
    Vorbis,
    /// Opus.
    Opus,
}

/// The size of a page's header before its table of segments.
const HEADER: usize = 27;
/// The flag of a page that begins a stream.
const BEGINS: u8 = 2;

/// The first stream of sound among the pages that begin streams. Others, such as a video, may come
/// before it.
pub fn first_sound(mut bytes: &[u8]) -> Option<Sound> {
    while let Some((packet, rest)) = first_page(bytes) {
        if let Some(sound) = of_packet(packet) {
            return Some(sound);
        }
        bytes = rest;
    }
    None
}

/// The body of a page that begins a stream, and what follows the page.
fn first_page(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (header, rest) = bytes.split_at_checked(HEADER)?;
    if !header.starts_with(b"OggS") || header.get(5)? & BEGINS == 0 {
        return None;
    }
    let (sizes, rest) = rest.split_at_checked(usize::from(*header.last()?))?;
    let size: usize = sizes.iter().map(|&size| usize::from(size)).sum();
    rest.split_at_checked(size)
}

fn of_packet(packet: &[u8]) -> Option<Sound> {
    if packet.starts_with(b"\x7fFLAC") {
        Some(Sound::Flac)
    } else if packet.starts_with(b"\x01vorbis") {
        Some(Sound::Vorbis)
    } else if packet.starts_with(b"OpusHead") {
        Some(Sound::Opus)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(packet: &[u8]) -> Vec<u8> {
        let mut page = b"OggS\0\x02".to_vec();
        page.resize(HEADER - 1, 0);
        page.extend([1, packet.len() as u8]);
        page.extend(packet);
        page
    }

    #[test]
    fn a_sound_after_a_video_is_found() {
        let pages = [page(b"\x80theora"), page(b"\x01vorbis1234")].concat();
        assert_eq!(first_sound(&pages), Some(Sound::Vorbis));
        assert_eq!(first_sound(&page(b"Speex   ")), None);
        assert_eq!(first_sound(b"OggS"), None);
    }
}
