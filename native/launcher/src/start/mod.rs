//! Runs the runtime in place of the launcher: `start` returns only if it could not, or with the exit code.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::start;
#[cfg(windows)]
pub use windows::start;
