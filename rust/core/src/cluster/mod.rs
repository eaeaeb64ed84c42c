//! Grouping rows of numbers.

mod distance;
mod kmeans;
mod rows;
pub mod som;

pub use distance::{Assignment, assign, useful_threads};
pub use kmeans::{KMeans, KMeansSettings, kmeans};
pub use rows::{check_finite, count_distinct};
