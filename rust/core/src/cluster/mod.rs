//! Grouping rows of numbers.

mod assign;
mod centers;
mod exact;
mod kmeans;
mod neighbors;
mod parts;
mod product;
mod rows;
mod silhouette;
pub mod som;
mod total;
pub mod tsne;
mod ward;

pub use assign::{Assignment, Partial, TwoNearest, assign, partial, two_nearest};
pub use exact::exact_sums;
pub use kmeans::{ClusterSums, Far, Frame, largest, mean_variance, middle, nearest_in_part};
pub use kmeans::{KMeans, KMeansSettings, Progress, Report, Start, kmeans};
pub use neighbors::{Neighbors, neighbor_scatter, neighbors};
pub use parts::useful_threads;
pub use product::multiplied;
pub use rows::{check_distinct, check_finite, check_rows, count_distinct};
pub use silhouette::silhouettes;
pub use total::Total;
pub use ward::{MAX_WARD_ROWS, Merges, ward};
