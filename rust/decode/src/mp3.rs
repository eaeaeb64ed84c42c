//! MPEG audio by nanomp3.

use std::io::Seek;
use std::sync::Arc;

use nanomp3::{Error as Mp3Error, Options, Reader};

use crate::error::{Error, Result};
use crate::limits::Meter;
use crate::source::Source;
use crate::stream::{Spec, Step, Stream};

/// A file of MPEG audio. The delay and the padding that an encoder noted are left out by nanomp3.
pub struct Mp3 {
    reader: Reader<Source, f32>,
    spec: Spec,
    meter: Arc<Meter>,
    frames: u64,
    is_whole: bool,
}

impl Mp3 {
    /// Opens a file.
    ///
    /// # Errors
    /// If it cannot be read or has no frames of MPEG audio.
    pub fn open(mut source: Source) -> Result<Self> {
        source.rewind()?;
        let meter = source.meter();
        // The scan that is left out would read the whole file for its length.
        let reader = Reader::with_options(source, Options::default().skip_scan(true))
            .map_err(|why| error(why, &meter))?;
        let channels = reader
            .channels()
            .ok_or_else(|| Error::corrupt("no frames of MPEG audio follow each other in it"))?;
        let spec = Spec {
            sr: reader.sample_rate(),
            channels: usize::from(channels.num()),
        };
        Ok(Self {
            reader,
            spec: spec.check()?,
            meter,
            frames: 0,
            is_whole: true,
        })
    }
}

impl Stream for Mp3 {
    fn name(&self) -> &'static str {
        "nanomp3"
    }

    fn spec(&self) -> Option<Spec> {
        Some(self.spec)
    }

    fn step(&mut self, out: &mut Vec<f32>) -> Result<Step> {
        self.meter.take_packet()?;
        match self.reader.read_frame() {
            Ok(Some(samples)) => {
                self.frames += (samples.len() / self.spec.channels) as u64;
                out.extend_from_slice(samples);
                Ok(Step::More)
            }
            Ok(None) => {
                self.meter.check()?;
                Ok(Step::End)
            }
            Err(Mp3Error::FormatChanged) => {
                self.is_whole = false;
                Ok(Step::Cut(format!(
                    "what follows after {} frames has another rate or number of channels, and is left out",
                    self.frames
                )))
            }
            Err(why) => Err(error(why, &self.meter)),
        }
    }

    fn stated(&self) -> Option<u64> {
        // Its length is known only if the encoder noted it.
        let noted = self.reader.total_samples();
        noted.filter(|_| self.reader.has_vbr_tag())
    }

    fn faults(&mut self) -> Vec<String> {
        match self.stated() {
            Some(noted) if self.is_whole && self.frames < noted => {
                vec![format!("it ends after {} of {noted} frames", self.frames)]
            }
            _ => Vec::new(),
        }
    }
}

fn error(why: Mp3Error, meter: &Meter) -> Error {
    if let Err(limit) = meter.check() {
        return limit;
    }
    match why {
        Mp3Error::Io(why) => why.into(),
        other => Error::corrupt(other.to_string()),
    }
}
