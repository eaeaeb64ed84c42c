//! Thread pools that last for one call.

use crate::{Error, Result};

/// Runs `work` with its parallel parts on `n_threads` threads, which end with it.
///
/// No pool outlives a call. If a process forked after a call, as Python's `multiprocessing` does,
/// the child would wait for threads of that pool that it does not have.
///
/// # Errors
/// [`Error::Parameter`] if `n_threads` is 0, or more than the system provides.
pub fn on_threads<T: Send>(n_threads: usize, work: impl FnOnce() -> T + Send) -> Result<T> {
    if n_threads == 0 {
        return Err(Error::parameter("n_jobs", 0, "at least 1"));
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(n_threads)
        .thread_name(|i| format!("audioclust-{i}"))
        .build()
        .map_err(|why| Error::parameter("n_jobs", n_threads, format!("fewer: {why}")))?;
    Ok(pool.install(work))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_runs_on_as_many_threads_as_were_asked_for() {
        assert_eq!(on_threads(3, rayon::current_num_threads), Ok(3));
        assert_eq!(
            on_threads(0, || ()).unwrap_err().to_string(),
            "n_jobs=0: expected at least 1"
        );
    }
}
