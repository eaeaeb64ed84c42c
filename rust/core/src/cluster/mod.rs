//! Grouping rows of numbers.

mod distance;
mod kmeans;
mod rows;
mod silhouette;

pub use distance::{Assignment, assign, useful_threads};
pub use kmeans::{KMeans, KMeansSettings, kmeans};
pub use rows::{check_finite, count_distinct};
pub use silhouette::silhouettes;
