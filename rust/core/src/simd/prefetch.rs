//! Asking for memory before it is needed.

/// Asks for rows that will soon be read: what bounds leave out makes holes that the machine's own
/// foresight stumbles over.
#[inline]
pub(crate) fn prefetch<T>(row: &[T]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        const LINE: usize = 64;
        let start = row.as_ptr().cast::<i8>();
        for at in (0..size_of_val(row)).step_by(LINE) {
            // SAFETY: it reads nothing, and every x86-64 has it.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(at)) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = row;
}
