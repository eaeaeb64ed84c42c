//! The module `audioclust._core`: one thin wrapper for each function, and no algorithm.

use pyo3::prelude::*;

mod array;
mod cluster;
mod decode;
mod describe;
mod error;
mod extract;
mod feature;
mod fingerprint;
mod inspect;
mod layout;
mod measure;
mod onset;
mod options;
mod parted;
mod prepare;
mod segment;
mod shared;
mod som;

#[pymodule]
mod _core {
    #[pymodule_export]
    use super::cluster::{
        assign, check_distinct, check_rows, exact_sums, kmeans, multiplied, neighbor_scatter,
        neighbors, partial, silhouettes, ward,
    };
    #[pymodule_export]
    use super::decode::{Decoder, sniff};
    #[pymodule_export]
    use super::describe::Describer;
    #[pymodule_export]
    use super::extract::{Analysis, Extractor, Plan, column_names};
    #[pymodule_export]
    use super::feature::registry;
    #[pymodule_export]
    use super::fingerprint::{Fingerprinter, fingerprint_matches};
    #[pymodule_export]
    use super::inspect::{Inspection, Inspector};
    #[pymodule_export]
    use super::layout::{tsne, tsne_place};
    #[pymodule_export]
    use super::measure::{Framing, Measure, mark_crossings, power_to_db, stft};
    #[pymodule_export]
    use super::onset::{estimate_tuning, onset_growth, onset_peaks};
    #[pymodule_export]
    use super::parted::{
        lloyd_check, lloyd_farthest, lloyd_fillers, lloyd_labels, lloyd_largest, lloyd_moments,
        lloyd_moved, lloyd_next, lloyd_offset, lloyd_shifted, lloyd_step, lloyd_total,
        lloyd_variance,
    };
    #[pymodule_export]
    use super::prepare::{Front, Gain, Trim};
    #[pymodule_export]
    use super::segment::{Bands, Gaussians, Projection, Viterbi, WindowMeans, moments};
    #[pymodule_export]
    use super::som::{Som, epoch_order};

    #[pymodule_export]
    const FINGERPRINT_RATE: u32 = audioclust_core::fingerprint::words::RATE;

    #[pymodule_export]
    const FINGERPRINT_HOP: usize = audioclust_core::fingerprint::words::HOP;

    #[pymodule_export]
    #[allow(non_upper_case_globals)] // Python's name for it.
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
