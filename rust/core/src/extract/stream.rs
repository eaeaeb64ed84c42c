//! From a stream of samples to one row of statistics, in bounded memory.

use std::sync::Arc;

use crate::extract::floored_mean::Floored;
use crate::extract::intake::{GroupFrames, Intake, PIECE};
use crate::extract::parts::Parts;
use crate::extract::plan::{GroupPlan, Plan};
use crate::extract::statistics::{Moments, Statistic};
use crate::feature::{Feature, Frame};
use crate::simd::LANES;
use crate::{Error, Result};

/// Takes a signal block by block and gives one row of statistics at its end.
///
/// The row does not depend on how the signal was cut into blocks. Memory use does not depend on the
/// length of the signal.
pub struct Extractor {
    plan: Arc<Plan>,
    groups: Vec<Group>,
    intake: Intake,
}

impl Extractor {
    /// An extractor for one signal.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        let groups = plan
            .groups
            .iter()
            .map(|group| Group::new(group, &plan.stats));
        Self {
            groups: groups.collect(),
            intake: Intake::new(plan.level),
            plan,
        }
    }

    /// Adds the next samples; a block may have any length.
    ///
    /// # Errors
    /// [`Error::NonFiniteSample`]. The extractor cannot be used after that.
    pub fn push(&mut self, block: &[f32]) -> Result<()> {
        // Long blocks are cut into pieces, which stay in the processor's cache.
        block
            .chunks(PIECE)
            .try_for_each(|piece| self.take_in(piece))
    }

    fn take_in(&mut self, block: &[f32]) -> Result<()> {
        self.intake.take_in(block)?;
        for (plan, group) in self.plan.groups.iter().zip(&mut self.groups) {
            group.frames.push(block);
            group.advance(plan);
        }
        Ok(())
    }

    /// Ends the signal and gives its row: for each feature, each of its columns, each statistic.
    ///
    /// # Errors
    /// [`Error::Empty`] without a sample, [`Error::Overflow`] if a value is not a finite number.
    pub fn finish(mut self) -> Result<Vec<f32>> {
        if self.intake.samples == 0 {
            return Err(Error::Empty);
        }
        for (plan, group) in self.plan.groups.iter().zip(&mut self.groups) {
            group.frames.finish();
            group.advance(plan);
        }
        let mut row = Vec::with_capacity(self.plan.columns.len());
        for &(group, place) in &self.plan.order {
            let feature = self.plan.groups[group].features[place].as_ref();
            let track = &mut self.groups[group].tracks[place];
            track.append_row(feature, &self.plan.stats, &mut row);
        }
        match row.iter().position(|value| !value.is_finite()) {
            None => Ok(row.into_iter().map(|value| value as f32).collect()),
            Some(i) => Err(Error::Overflow {
                column: self.plan.columns[i].clone(),
                value: row[i],
                peak: self.intake.peak,
            }),
        }
    }
}

/// Frames and running statistics of the features of one [`GroupPlan`].
struct Group {
    frames: GroupFrames,
    tracks: Vec<Track>,
    /// Whether a statistic needs the energy of frames.
    weighed: bool,
}

impl Group {
    fn new(plan: &GroupPlan, stats: &[Statistic]) -> Self {
        let tracks = plan.features.iter().map(|f| Track::new(f.as_ref(), stats));
        Self {
            frames: GroupFrames::new(plan),
            tracks: tracks.collect(),
            weighed: stats.contains(&Statistic::Parts),
        }
    }

    /// Takes the frames that are complete and updates the statistics.
    fn advance(&mut self, plan: &GroupPlan) {
        self.frames.advance(plan, |frame| {
            let energy = if self.weighed {
                f64::from(frame.level.sum_of_squares(frame.samples))
            } else {
                0.0
            };
            for (feature, track) in plan.features.iter().zip(&mut self.tracks) {
                track.push(feature.as_ref(), frame, energy);
            }
        });
    }
}

/// The running statistics of one feature.
struct Track {
    /// The bands, followed by zeros.
    bands: Vec<f32>,
    columns: Vec<f32>,
    /// One for each column; empty if no statistic needs them.
    moments: Vec<Moments>,
    floored: Option<Floored>,
    parts: Option<Parts>,
}

impl Track {
    fn new(feature: &dyn Feature, stats: &[Statistic]) -> Self {
        let mean = stats.contains(&Statistic::Mean);
        let floored = feature.floor().filter(|_| mean).map(Floored::new);
        let from_moments = |s: &Statistic| match s {
            Statistic::Parts => false,
            Statistic::Mean => floored.is_none(),
            _ => true,
        };
        let moments = stats.iter().any(from_moments);
        let parts = stats.contains(&Statistic::Parts);
        let n_columns = feature.n_columns();
        Self {
            bands: vec![0.0; feature.n_bands().next_multiple_of(LANES)],
            columns: vec![0.0; n_columns],
            moments: vec![Moments::default(); if moments { n_columns } else { 0 }],
            floored,
            parts: parts.then(|| Parts::new(n_columns)),
        }
    }

    fn push(&mut self, feature: &dyn Feature, frame: &Frame<'_>, energy: f64) {
        if !feature.counts(frame) {
            return;
        }
        let bands = &mut self.bands[..feature.n_bands()];
        feature.bands(frame, bands);
        if let Some(floored) = &mut self.floored {
            floored.push(bands);
        }
        if self.moments.is_empty() && self.parts.is_none() {
            return;
        }
        feature.project(&self.bands, &mut self.columns);
        for (moments, &value) in self.moments.iter_mut().zip(&self.columns) {
            moments.push(f64::from(value));
        }
        if let Some(parts) = &mut self.parts {
            parts.push(energy, &self.columns);
        }
    }

    fn append_row(&mut self, feature: &dyn Feature, stats: &[Statistic], row: &mut Vec<f64>) {
        if let Some(floored) = &mut self.floored {
            for (band, mean) in self.bands.iter_mut().zip(floored.means()) {
                *band = mean as f32;
            }
            feature.project(&self.bands, &mut self.columns);
        }
        let parts = self.parts.as_ref().map_or_else(Vec::new, Parts::means);
        for (column, &floored_mean) in self.columns.iter().enumerate() {
            for &statistic in stats {
                match statistic {
                    Statistic::Mean if self.floored.is_some() => row.push(f64::from(floored_mean)),
                    Statistic::Parts => row.extend(parts[column]),
                    _ => row.extend(self.moments[column].get(statistic)),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tests_analysis;
    use crate::extract::plan::Request;
    use crate::feature::all_columns_once;
    use crate::simd::Level;
    use proptest::prelude::*;

    fn plan(stats: &[Statistic]) -> Arc<Plan> {
        let analysis = tests_analysis(22050.0, 2048, 512);
        let requests: Vec<Request> = all_columns_once()
            .map(|s| (s.name, analysis.clone()))
            .collect();
        Arc::new(Plan::new(&requests, stats).unwrap())
    }

    fn noise(n: usize) -> Vec<f32> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        (0..n).map(|_| next()).collect()
    }

    fn row(plan: &Arc<Plan>, blocks: &[&[f32]]) -> Result<Vec<f32>> {
        let mut extractor = Extractor::new(Arc::clone(plan));
        for block in blocks {
            extractor.push(block)?;
        }
        extractor.finish()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn the_row_does_not_depend_on_the_blocks(cut in 0usize..6000, n in 1usize..6000) {
            let plan = plan(&Statistic::ALL);
            let y = noise(n);
            let (a, b) = y.split_at(cut.min(n));
            prop_assert_eq!(row(&plan, &[&y]), row(&plan, &[a, b]));
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let analysis = tests_analysis(22050.0, 2048, 512);
        let requests: Vec<Request> = all_columns_once()
            .map(|s| (s.name, analysis.clone()))
            .collect();
        let y = noise(100_000);
        let rows: Vec<_> = Level::all()
            .into_iter()
            .map(|level| Plan::with_level(level, &requests, &[Statistic::Mean]).unwrap())
            .map(|plan| row(&Arc::new(plan), &[&y]).unwrap())
            .collect();
        assert!(rows.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn the_first_coefficients_are_those_of_all() {
        let analysis = tests_analysis(22050.0, 2048, 512);
        let of = |name| {
            let plan = Plan::new(&[(name, analysis.clone())], &Statistic::ALL).unwrap();
            let names = plan.columns().to_vec();
            (names, row(&Arc::new(plan), &[&noise(70_000)]).unwrap())
        };
        let ((all_names, all), (names, first)) = (of("mfcc"), of("mfcc12"));
        assert_eq!(names, all_names[..names.len()]);
        assert_eq!(first, all[..first.len()]);
    }

    #[test]
    fn silence_a_constant_and_a_single_sample_give_finite_numbers() {
        let plan = plan(&Statistic::ALL);
        for y in [
            vec![0.0; 5000],
            vec![0.5; 5000],
            vec![-1.0],
            vec![1e-30; 3000],
        ] {
            let row = row(&plan, &[&y]).unwrap();
            assert_eq!(row.len(), plan.columns().len());
            assert!(row.iter().all(|value| value.is_finite()));
        }
    }

    #[test]
    fn what_cannot_be_analysed_is_said() {
        let plan = plan(&[Statistic::Mean]);
        let error = |y: &[f32]| row(&plan, &[&[0.0; 10], y]).unwrap_err();
        assert_eq!(row(&plan, &[]), Err(Error::Empty));
        assert_eq!(
            error(&[0.0, f32::INFINITY]).to_string(),
            "sample 11 is inf: expected a finite number"
        );
        assert!(matches!(
            error(&[f32::NAN]),
            Error::NonFiniteSample { index: 10, .. }
        ));
        assert!(matches!(error(&[1e38; 4000]), Error::Overflow { .. }));
    }
}
