use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// Becomes the command: the process, its signals and its exit code are those of the runtime, which inherits the lock.
pub fn start(mut command: Command, lock: Option<File>) -> io::Result<ExitCode> {
    if let Some(lock) = &lock {
        // SAFETY: the descriptor is open, and the call has no pointers.
        unsafe { libc::fcntl(lock.as_raw_fd(), libc::F_SETFD, 0) };
    }
    Err(command.exec())
}
