//! Means of values above a floor that is known only at the end.

use crate::extract::statistics::DecibelHistogram;
use crate::feature::Floor;

/// Number of frames whose bands are kept before they go into histograms.
const KEPT_FRAMES: usize = 128;

/// Number of bands whose histograms are filled together.
const TOGETHER: usize = 8;

/// Means of bands in which values below a floor are raised to it. The floor follows from the
/// largest band.
///
/// The bands of a short recording are all kept, which is exact and needs no histograms. Those of a
/// longer one go into histograms, many frames at a time, so that the work stays with a few bands'
/// histograms for a while.
pub(crate) struct Floored {
    floor: Floor,
    /// The bands of the newest frames, frame after frame.
    kept: Vec<f32>,
    /// One histogram for each band; none while all frames are kept.
    histograms: Vec<DecibelHistogram>,
    /// The largest value of each group of bands, of the frames that are in the histograms.
    peaks: Vec<f32>,
}

impl Floored {
    pub fn new(floor: Floor) -> Self {
        Self {
            kept: Vec::new(),
            histograms: Vec::new(),
            peaks: vec![f32::NEG_INFINITY; floor.groups.len()],
            floor,
        }
    }

    fn n_bands(&self) -> usize {
        self.floor.groups.iter().sum()
    }

    pub fn push(&mut self, bands: &[f32]) {
        if self.kept.len() == KEPT_FRAMES * self.n_bands() {
            self.take_in();
        }
        self.kept.extend_from_slice(bands);
    }

    /// Moves the kept bands into the histograms.
    fn take_in(&mut self) {
        let n_bands = self.n_bands();
        self.peaks = self.current_peaks();
        self.histograms.resize_with(n_bands, DecibelHistogram::new);
        // A few bands at a time, so that their histograms and what is read of a frame stay in the
        // cache.
        for (i, histograms) in self.histograms.chunks_mut(TOGETHER).enumerate() {
            for frame in self.kept.chunks_exact(n_bands) {
                for (histogram, &value) in histograms.iter_mut().zip(&frame[i * TOGETHER..]) {
                    histogram.push(value);
                }
            }
        }
        self.kept.clear();
    }

    fn current_peaks(&self) -> Vec<f32> {
        let mut peaks = self.peaks.clone();
        for frame in self.kept.chunks_exact(self.n_bands()) {
            let mut rest = frame;
            for (&length, peak) in self.floor.groups.iter().zip(&mut peaks) {
                let (group, others) = rest.split_at(length);
                *peak = group.iter().copied().fold(*peak, f32::max);
                rest = others;
            }
        }
        peaks
    }

    /// The mean of each band, with values below the floor raised to it.
    pub fn means(&mut self) -> Vec<f64> {
        if !self.histograms.is_empty() {
            self.take_in();
        }
        let peaks = self.current_peaks();
        let floors = self.floor.groups.iter().zip(&peaks);
        let floors = floors.flat_map(|(&length, &peak)| {
            std::iter::repeat_n(f64::from(peak - self.floor.top_db), length)
        });
        let means = floors.enumerate().map(|(band, floor)| {
            if let Some(histogram) = self.histograms.get(band) {
                return histogram.mean_above(floor);
            }
            let values = self.kept.iter().skip(band).step_by(self.n_bands());
            // NaN is not raised: it tells that a power was too large.
            let raise = |value: f64| if value < floor { floor } else { value };
            let raised: f64 = values.map(|&value| raise(f64::from(value))).sum();
            raised / (self.kept.len() / self.n_bands()).max(1) as f64
        });
        means.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_floored_mean_is_the_same_kept_or_in_histograms() {
        let floor = Floor {
            top_db: 80.0,
            groups: vec![2, 1],
        };
        let frames: Vec<[f32; 3]> = (0..1000_u16)
            .map(|i| {
                [
                    f32::from(i % 97) - 60.0,
                    f32::from(i % 89) * 0.7,
                    f32::from(i % 31) - 99.0,
                ]
            })
            .collect();
        for n in [1, KEPT_FRAMES, KEPT_FRAMES + 1, 1000] {
            let mut floored = Floored::new(floor.clone());
            frames[..n].iter().for_each(|bands| floored.push(bands));
            let peak = |bands: std::ops::Range<usize>| {
                let values = frames[..n].iter().flat_map(|f| f[bands.clone()].to_vec());
                values.fold(f32::NEG_INFINITY, f32::max)
            };
            let floors = [peak(0..2), peak(0..2), peak(2..3)].map(|p| f64::from(p - 80.0));
            for (band, mean) in floored.means().into_iter().enumerate() {
                let raised = frames[..n]
                    .iter()
                    .map(|f| f64::from(f[band]).max(floors[band]));
                assert!((mean - raised.sum::<f64>() / n as f64).abs() < 0.01);
            }
        }
    }
}
