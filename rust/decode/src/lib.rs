//! Decodes the sound files that people have: bytes in, blocks of samples out.
//!
//! [`sniff`] tells the format by the first bytes after [`skip_tags`], [`open`] picks the library
//! that decodes it (symphonia, nanomp3, ropus), and [`Decoder::read`] gives blocks of interleaved
//! samples in bounded memory. What these libraries leave open is done here: the start and the end
//! of the sound are trimmed as the file says, panics are caught, and nothing that a header says is
//! believed. No Python here.

mod aac;
mod codec;
mod decoder;
mod error;
mod flac;
mod format;
mod guard;
mod limits;
mod mkv;
mod mp3;
mod mp4;
mod ogg;
mod opus;
mod packets;
mod source;
mod stream;
mod tags;
mod trim;
mod unclipped;
mod wav;

pub use decoder::{Decoder, open, sniff_file, sniff_path};
pub use error::{Error, Result};
pub use format::{Format, SNIFFED, sniff};
pub use limits::{Limits, MAX_CHANNELS, MAX_RATE, MIN_RATE};
pub use source::Bytes;
pub use tags::skip_tags;
