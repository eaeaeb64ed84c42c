//! The features of every frame, above a floor that is known only at the recording's end.

use std::sync::Arc;

use crate::extract::intake::{GroupFrames, Intake, PIECE};
use crate::extract::plan::{GroupPlan, Plan};
use crate::feature::Feature;
use crate::simd::LANES;
use crate::{Error, Result};

/// Takes a signal block by block and gives the bands of its frames.
///
/// The caller keeps the bands, in memory or elsewhere, until the signal has ended. A [`Projection`]
/// then turns them into columns.
pub struct Bands {
    plan: Arc<Plan>,
    intake: Intake,
    frames: GroupFrames,
    /// The largest band so far of each group that shares a floor, feature after feature.
    peaks: Vec<f32>,
}

impl Bands {
    /// Bands of one signal, for a plan whose features share one analysis.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the features do not share one analysis.
    pub fn new(plan: Arc<Plan>) -> Result<Self> {
        let group = only_group(&plan)?;
        let floors = group.features.iter().filter_map(|f| f.floor());
        let n_peaks = floors.map(|floor| floor.groups.len()).sum();
        Ok(Self {
            intake: Intake::new(plan.level),
            frames: GroupFrames::new(group),
            peaks: vec![f32::NEG_INFINITY; n_peaks],
            plan,
        })
    }

    /// Number of bands of a frame.
    #[must_use]
    pub fn n_bands(&self) -> usize {
        self.features().map(Feature::n_bands).sum()
    }

    fn features(&self) -> impl Iterator<Item = &dyn Feature> {
        features(&self.plan.groups[0])
    }

    /// Takes in the next samples. Gives the bands of the frames that they complete, frame after
    /// frame.
    ///
    /// # Errors
    /// [`Error::NonFiniteSample`].
    pub fn push(&mut self, block: &[f32]) -> Result<Vec<f32>> {
        let mut rows = Vec::new();
        for piece in block.chunks(PIECE) {
            self.intake.take_in(piece)?;
            self.frames.push(piece);
            self.advance(&mut rows);
        }
        Ok(rows)
    }

    /// Ends the signal. Gives the bands of the last frames and what turns bands into columns.
    ///
    /// # Errors
    /// [`Error::Empty`] without a sample.
    pub fn finish(mut self) -> Result<(Vec<f32>, Projection)> {
        if self.intake.samples == 0 {
            return Err(Error::Empty);
        }
        self.frames.finish();
        let mut rows = Vec::new();
        self.advance(&mut rows);
        let projection = Projection {
            peak: self.intake.peak,
            floors: self.floors(),
            n_bands: self.n_bands(),
            plan: self.plan,
        };
        Ok((rows, projection))
    }

    fn advance(&mut self, rows: &mut Vec<f32>) {
        let group = &self.plan.groups[0];
        let peaks = &mut self.peaks;
        self.frames.advance(group, |frame| {
            let mut peaks = peaks.iter_mut();
            for feature in features(group) {
                let start = rows.len();
                rows.resize(start + feature.n_bands(), 0.0);
                let mut bands = &mut rows[start..];
                feature.bands(frame, bands);
                for length in feature.floor().map_or_else(Vec::new, |floor| floor.groups) {
                    let (those, others) = bands.split_at_mut(length);
                    if let Some(peak) = peaks.next() {
                        *peak = those.iter().copied().fold(*peak, f32::max);
                    }
                    bands = others;
                }
            }
        });
    }

    /// The floor under each band.
    fn floors(&self) -> Vec<f32> {
        let mut peaks = self.peaks.iter();
        let mut floors = Vec::with_capacity(self.n_bands());
        for feature in self.features() {
            let Some(floor) = feature.floor() else {
                floors.resize(floors.len() + feature.n_bands(), f32::NEG_INFINITY);
                continue;
            };
            for (&length, peak) in floor.groups.iter().zip(&mut peaks) {
                floors.resize(floors.len() + length, peak - floor.top_db);
            }
        }
        floors
    }
}

/// The features of a plan that has one analysis.
fn features(group: &GroupPlan) -> impl Iterator<Item = &dyn Feature> {
    group.features.iter().map(AsRef::as_ref)
}

fn only_group(plan: &Plan) -> Result<&GroupPlan> {
    match plan.groups.as_slice() {
        [group] => Ok(group),
        groups => Err(Error::parameter(
            "features",
            format!("{} analyses", groups.len()),
            "features that share one",
        )),
    }
}

/// Turns the bands of a recording's frames into columns. Bands below the recording's floor are
/// raised to it.
pub struct Projection {
    plan: Arc<Plan>,
    floors: Vec<f32>,
    n_bands: usize,
    peak: f32,
}

impl Projection {
    /// Number of columns of a frame.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        features(&self.plan.groups[0]).map(Feature::n_columns).sum()
    }

    /// The columns of frames, computed from their bands; both are stored frame after frame.
    ///
    /// # Errors
    /// [`Error::Overflow`] if a value is not a finite number.
    pub fn columns(&self, bands: &[f32]) -> Result<Vec<f32>> {
        let group = &self.plan.groups[0];
        let most = features(group).map(Feature::n_bands).max().unwrap_or(0);
        let mut padded = vec![0.0_f32; most.next_multiple_of(LANES)];
        let n_columns = self.n_columns();
        let mut rows = vec![0.0_f32; bands.len() / self.n_bands * n_columns];
        let frames = bands.chunks_exact(self.n_bands);
        for (frame, row) in frames.zip(rows.chunks_exact_mut(n_columns)) {
            let (mut start, mut first) = (0, 0);
            for feature in features(group) {
                let (n, m) = (feature.n_bands(), feature.n_columns());
                let values = frame[start..start + n].iter();
                let floors = &self.floors[start..start + n];
                for ((to, &value), &floor) in padded.iter_mut().zip(values).zip(floors) {
                    *to = value.max(floor);
                }
                padded[n..n.next_multiple_of(LANES)].fill(0.0);
                let room = n.next_multiple_of(LANES);
                feature.project(&padded[..room], &mut row[first..first + m]);
                (start, first) = (start + n, first + m);
            }
        }
        match rows.iter().position(|value| !value.is_finite()) {
            None => Ok(rows),
            Some(i) => Err(Error::Overflow {
                column: format!("column {} of frame {}", i % n_columns, i / n_columns),
                value: f64::from(rows[i]),
                peak: self.peak,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tests_analysis;
    use crate::extract::Extractor;
    use crate::extract::plan::Request;
    use crate::extract::statistics::Statistic;
    use crate::feature::all_columns_once;

    fn plan(names: &[&str]) -> Arc<Plan> {
        let analysis = tests_analysis(22050.0, 2048, 512);
        let requests: Vec<Request> = names.iter().map(|name| (*name, analysis.clone())).collect();
        Arc::new(Plan::new(&requests, &[Statistic::Mean]).unwrap())
    }

    /// Loud at first and then ever quieter, so that the floor matters.
    fn fading(n: usize) -> Vec<f32> {
        let values = (0..n).map(|i| {
            let noise = ((i * 7919) % 104_729) as f32 / 104_729.0 - 0.5;
            noise * (-(i as f32) / 3000.0).exp()
        });
        values.collect()
    }

    #[test]
    fn the_mean_of_all_frames_is_the_row_that_extraction_gives() {
        let names: Vec<&str> = all_columns_once().map(|spec| spec.name).collect();
        let plan = plan(&names);
        let y = fading(50_000);
        let mut bands = Bands::new(Arc::clone(&plan)).unwrap();
        let mut rows = bands.push(&y[..123]).unwrap();
        rows.extend(bands.push(&y[123..]).unwrap());
        let (last, projection) = bands.finish().unwrap();
        rows.extend(last);
        let columns = projection.columns(&rows).unwrap();
        let n_columns = projection.n_columns();
        let n_frames = columns.len() / n_columns;
        assert_eq!(n_frames, 1 + y.len() / 512);
        let mut extractor = Extractor::new(plan);
        extractor.push(&y).unwrap();
        for (i, expected) in extractor.finish().unwrap().into_iter().enumerate() {
            let values = columns.iter().skip(i).step_by(n_columns);
            let sum: f64 = values.map(|&value| f64::from(value)).sum();
            let mean = sum / n_frames as f64;
            let scale = mean.abs().max(1.0);
            assert!(
                (mean - f64::from(expected)).abs() < 1e-4 * scale,
                "column {i}"
            );
        }
    }

    #[test]
    fn what_cannot_be_analysed_is_said() {
        let analyses = [
            tests_analysis(22050.0, 2048, 512),
            tests_analysis(22050.0, 1024, 512),
        ];
        let [one, other] = analyses;
        let requests = [("rms", one), ("mfcc", other)];
        let two = Arc::new(Plan::new(&requests, &[Statistic::Mean]).unwrap());
        assert!(matches!(Bands::new(two), Err(Error::Parameter { .. })));
        let empty = Bands::new(plan(&["rms"])).unwrap().finish();
        assert!(matches!(empty, Err(Error::Empty)));
        let mut bands = Bands::new(plan(&["rms"])).unwrap();
        let error = bands.push(&[0.0, f32::NAN]).unwrap_err();
        assert!(matches!(error, Error::NonFiniteSample { index: 1, .. }));
    }
}
