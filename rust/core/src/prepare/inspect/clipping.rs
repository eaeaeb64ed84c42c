//! Waves that are cut off at the largest value of their channel.
//!
//! Samples in a row at the largest value are not yet clipping: square waves have them, and so do
//! slow waves in few bits. What is cut off comes up to that value, and goes down from it, with a
//! slope that would have led well above it.

/// Fewer samples in a row than this may be the top of a wave.
const SHORTEST: u64 = 3;

/// How far above the largest value a wave would have gone at least, as a part of that value.
///
/// A slow wave in 8 bits seems to go up to about .03 above its top.
const HEIGHT: f32 = 0.08;

/// Below this, the largest value is so few steps of 8 bits that these look like slopes.
const LEAST_TOP: f32 = 0.25;

/// The two sides of one channel.
#[derive(Debug, Clone, Default)]
pub struct Peaks {
    high: Side,
    low: Side,
    /// The two newest samples, the newest last.
    newest: [f32; 2],
    /// Number of samples before, up to 2.
    seen: u8,
}

impl Peaks {
    /// Takes in the next samples of one of several channels, whose smallest and largest are known.
    pub fn push(&mut self, channel: usize, channels: usize, samples: &[f32], extremes: (f32, f32)) {
        let concerned = [
            self.high.concerned(extremes.1),
            self.low.concerned(-extremes.0),
        ];
        if concerned != [false; 2] {
            self.look(channel, channels, samples, extremes, concerned);
        }
        // No division here: this is done for every stretch.
        let n = samples.len();
        if n >= 2 * channels {
            self.newest = [
                samples[n - 2 * channels + channel],
                samples[n - channels + channel],
            ];
            self.seen = 2;
        } else if n >= channels {
            self.newest = [self.newest[1], samples[channel]];
            self.seen = (self.seen + 1).min(2);
        }
    }

    /// Looks at the samples, for the sides that are concerned.
    #[cold]
    fn look(
        &mut self,
        channel: usize,
        channels: usize,
        samples: &[f32],
        extremes: (f32, f32),
        concerned: [bool; 2],
    ) {
        let (newest, seen) = (self.newest, self.seen);
        let own = samples.get(channel..).unwrap_or_default();
        let own = own.iter().step_by(channels).copied();
        if concerned[0] {
            self.high.push(own.clone(), extremes.1, newest, seen);
        }
        if concerned[1] {
            let newest = newest.map(|x| -x);
            self.low.push(own.map(|x| -x), -extremes.0, newest, seen);
        }
    }

    /// How often the wave is cut off, and the number of samples there.
    pub fn clipped(&self) -> (u64, u64) {
        let sides = [&self.high, &self.low].map(Side::clipped);
        (sides[0].0 + sides[1].0, sides[0].1 + sides[1].1)
    }
}

/// One side of one channel; the other one is seen upside down.
#[derive(Debug, Clone)]
struct Side {
    /// The largest value so far. Counts are of it only.
    top: f32,
    runs: u64,
    samples: u64,
    state: State,
}

/// Where the newest sample is.
#[derive(Debug, Clone, Copy)]
enum State {
    Below,
    /// At the top for `length` samples, with the slope before them, if there were two.
    At {
        length: u64,
        slope: Option<f32>,
    },
    /// One sample after the top.
    After {
        length: u64,
        slope: Option<f32>,
    },
}

impl Default for Side {
    fn default() -> Self {
        Self {
            // Below the least top nothing counts. So no sample there is looked at closely.
            top: LEAST_TOP.next_down(),
            runs: 0,
            samples: 0,
            state: State::Below,
        }
    }
}

impl Side {
    /// Whether samples up to this may change anything.
    fn concerned(&self, largest: f32) -> bool {
        largest >= self.top || !matches!(self.state, State::Below)
    }

    /// Takes in samples, the largest of which is known, and the two before them.
    fn push(
        &mut self,
        samples: impl Iterator<Item = f32>,
        largest: f32,
        newest: [f32; 2],
        seen: u8,
    ) {
        if largest > self.top {
            // What was counted is of another top, and so would be what comes before this one.
            (self.top, self.runs, self.samples) = (largest, 0, 0);
            self.state = State::Below;
        }
        let [mut before, mut last] = newest;
        let mut seen = seen;
        for x in samples {
            // Most samples are neither at the top nor just after it.
            if x == self.top || !matches!(self.state, State::Below) {
                self.step(x, last, (seen == 2).then_some(last - before));
            }
            (before, last) = (last, x);
            seen = (seen + 1).min(2);
        }
    }

    /// Takes in a sample, with the one before it and the slope that led there.
    fn step(&mut self, x: f32, last: f32, slope: Option<f32>) {
        if let State::After { length, slope } = self.state {
            self.end_run(length, slope, last - x);
            self.state = State::Below;
        }
        let at_top = x == self.top;
        self.state = match self.state {
            State::At { length, slope } if at_top => State::At {
                length: length + 1,
                slope,
            },
            State::At { length, slope } => State::After { length, slope },
            _ if at_top => State::At { length: 1, slope },
            _ => State::Below,
        };
    }

    /// Counts a run if two straight lines would have made a parabola well above it.
    fn end_run(&mut self, length: u64, up: Option<f32>, down: f32) {
        let Some(up) = up else { return };
        let height = (up + down) * (length + 1) as f32 / 8.0;
        if length >= SHORTEST && height >= HEIGHT * self.top {
            self.runs += 1;
            self.samples += length;
        }
    }

    fn clipped(&self) -> (u64, u64) {
        if self.top < LEAST_TOP {
            return (0, 0);
        }
        (self.runs, self.samples)
    }
}
