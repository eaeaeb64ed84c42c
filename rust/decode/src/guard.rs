//! A decoder's panic as an error.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use crate::error::{Error, Result};

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Calls into a decoder. If it panics, as some do on broken files, the file is corrupt.
///
/// Nothing is written to the terminal about it. What panicked must not be used again.
///
/// # Errors
/// What `call` gives, and [`Error::Corrupt`] on a panic.
pub fn guarded<T>(call: impl FnOnce() -> Result<T>) -> Result<T> {
    install_hook();
    let before = QUIET.replace(true);
    let done = catch_unwind(AssertUnwindSafe(call));
    QUIET.set(before);
    done.unwrap_or_else(|panic| {
        let message = panic_message(panic.as_ref());
        Err(Error::corrupt(format!("the decoder failed: {message}")))
    })
}

/// A panic's message would be printed before it is caught. This hook keeps those of decoders quiet
/// and leaves others as they were.
fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let other = take_hook();
        set_hook(Box::new(move |info| {
            if !QUIET.get() {
                other(info);
            }
        }));
    });
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason is known")
}
