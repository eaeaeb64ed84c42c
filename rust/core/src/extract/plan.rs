//! What an extraction needs besides the signal: filters, tables and the names of columns.

use crate::extract::statistics::Statistic;
use crate::feature::{self, ChromaFilter, Feature, FeatureSpec, MelFilter, Product};
use crate::signal::spectrum::{Precision, SpectrumPlan};
use crate::simd::Level;
use crate::{Analysis, Error, Result};

/// A feature's name and the analysis to compute it with.
pub type Request<'a> = (&'a str, Analysis);

/// Everything about an extraction that does not depend on the signal: filters, tables, names.
/// One plan serves any number of extractors, on any thread.
pub struct Plan {
    pub(crate) level: Level,
    pub(crate) groups: Vec<GroupPlan>,
    pub(crate) stats: Vec<Statistic>,
    pub(crate) columns: Vec<String>,
    /// For each requested feature, the index of its group and its index in that group.
    pub(crate) order: Vec<(usize, usize)>,
}

/// The features that share an analysis, and therefore frames and FFT.
pub(crate) struct GroupPlan {
    pub(crate) level: Level,
    pub(crate) analysis: Analysis,
    pub(crate) spectrum: Option<SpectrumPlan>,
    pub(crate) chroma: Option<ChromaFilter>,
    pub(crate) mel: Option<MelFilter>,
    pub(crate) features: Vec<Box<dyn Feature>>,
}

impl Plan {
    /// A plan for statistics of features. Columns are in the order of the requests.
    ///
    /// # Errors
    /// [`Error::Parameter`] for an unknown or repeated feature, for no feature or no statistic, or
    /// for an analysis that a feature does not support.
    pub fn new(requests: &[Request<'_>], stats: &[Statistic]) -> Result<Self> {
        Self::with_level(Level::best(), requests, stats)
    }

    pub(crate) fn with_level(
        level: Level,
        requests: &[Request<'_>],
        stats: &[Statistic],
    ) -> Result<Self> {
        let names: Vec<&str> = requests.iter().map(|(name, _)| *name).collect();
        let columns = column_names(&names, stats)?;
        let mut members: Vec<(Analysis, Vec<&FeatureSpec>)> = Vec::new();
        let mut order = Vec::new();
        for (name, analysis) in requests {
            let spec = feature::find(name)?;
            let equal = members.iter().position(|(other, _)| other == analysis);
            let group = equal.unwrap_or_else(|| {
                members.push((analysis.clone(), Vec::new()));
                members.len() - 1
            });
            order.push((group, members[group].1.len()));
            members[group].1.push(spec);
        }
        let groups = members
            .into_iter()
            .map(|(analysis, specs)| GroupPlan::new(level, analysis, &specs));
        Ok(Self {
            level,
            groups: groups.collect::<Result<_>>()?,
            columns,
            stats: stats.to_vec(),
            order,
        })
    }

    /// The columns' names, in the order of a row.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }
}

/// The names of a row's columns: for each feature, each of its columns, each statistic. If the mean
/// is the only statistic, a name is that of the column alone; otherwise it ends in the statistic's
/// name, or in the part's, such as `part_1`.
///
/// # Errors
/// [`Error::Parameter`] for an unknown or repeated feature, for features that have a column in
/// common, or for no feature or no statistic.
pub fn column_names(features: &[&str], stats: &[Statistic]) -> Result<Vec<String>> {
    if features.is_empty() {
        return Err(Error::parameter("features", "()", "at least one name"));
    }
    if stats.is_empty() {
        return Err(Error::parameter("stats", "()", "at least one name"));
    }
    for (i, statistic) in stats.iter().enumerate() {
        if stats[..i].contains(statistic) {
            let twice = format!("{:?} twice", statistic.name());
            return Err(Error::parameter("stats", twice, "each name once"));
        }
    }
    let mut columns: Vec<String> = Vec::new();
    for (i, name) in features.iter().enumerate() {
        if features[..i].contains(name) {
            let twice = format!("{name:?} twice");
            return Err(Error::parameter("features", twice, "each name once"));
        }
        let own = feature::find(name)?.columns();
        if let Some(column) = own.iter().find(|column| columns.contains(column)) {
            let both = format!("{name:?} beside another feature with {column}");
            return Err(Error::parameter("features", both, "each column once"));
        }
        columns.extend(own);
    }
    if stats == [Statistic::Mean] {
        return Ok(columns);
    }
    let names: Vec<String> = stats.iter().flat_map(|s| s.suffixes()).collect();
    let suffixed = columns
        .iter()
        .flat_map(|column| names.iter().map(move |name| format!("{column}_{name}")));
    Ok(suffixed.collect())
}

impl GroupPlan {
    fn new(level: Level, analysis: Analysis, specs: &[&FeatureSpec]) -> Result<Self> {
        let features: Vec<Box<dyn Feature>> = specs
            .iter()
            .map(|spec| (spec.build)(&analysis))
            .collect::<Result<_>>()?;
        let needs = |product| features.iter().any(|f| f.needs().contains(&product));
        let (chroma, mel) = (needs(Product::Chroma), needs(Product::MelDb));
        let transform = || SpectrumPlan::new(level, Precision::Double, analysis.window());
        Ok(Self {
            spectrum: needs(Product::Spectrum).then(transform),
            chroma: chroma
                .then(|| feature::default_chroma_filter(level, &analysis))
                .transpose()?,
            mel: mel
                .then(|| feature::default_mel_filter(level, &analysis))
                .transpose()?,
            features,
            level,
            analysis,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tests_analysis;

    #[test]
    fn equal_analyses_share_a_group_and_others_do_not() {
        let one = tests_analysis(22050.0, 2048, 512);
        let other = tests_analysis(22050.0, 1024, 512);
        let requests = [("rms", one.clone()), ("mfcc", other), ("chroma", one)];
        let plan = Plan::new(&requests, &[Statistic::Mean]).unwrap();
        assert_eq!(plan.order, [(0, 0), (1, 0), (0, 1)]);
        assert_eq!(plan.columns.len(), 33);
    }

    #[test]
    fn columns_are_bare_for_the_mean_alone() {
        let analysis = tests_analysis(22050.0, 2048, 512);
        let requests = [("rms", analysis)];
        let names = |stats: &[Statistic]| Plan::new(&requests, stats).unwrap().columns;
        assert_eq!(names(&[Statistic::Mean]), ["rms"]);
        assert_eq!(names(&[Statistic::Std]), ["rms_std"]);
        assert_eq!(
            names(&[Statistic::Mean, Statistic::Change]),
            ["rms_mean", "rms_change"]
        );
    }
}
