//! What Deno's file API lacks, and many small files in one call. System errors are told by their numbers.

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::{File, Metadata, OpenOptions, remove_file, symlink_metadata};
    use std::io::{self, Read, Write};
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

    use napi::bindgen_prelude::{Env, Float64Array, Float64ArraySlice, PromiseRaw, Uint8ArraySlice, spawn_blocking};
    use napi_derive::napi;

    use crate::fault::fault;

    /// Not through a symlink in the last part, and not waiting for the other end of a FIFO.
    const SAFE: i32 = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    /// What stands for a file that was not begun, and for an error without a number.
    const NOT_BEGUN: f64 = -1.0;
    const NO_NUMBER: i32 = libc::EIO;

    /// What pli keeps of a file's status: size, modified and changed in whole milliseconds, inode, device, links.
    const STATUS_LENGTH: usize = 6;
    type Status = [f64; STATUS_LENGTH];

    fn status_of(found: &Metadata) -> Status {
        let ms = |seconds: i64, nanoseconds: i64| (seconds * 1000 + nanoseconds / 1_000_000) as f64;
        [
            found.size() as f64,
            ms(found.mtime(), found.mtime_nsec()),
            ms(found.ctime(), found.ctime_nsec()),
            found.ino() as f64,
            found.dev() as f64,
            found.nlink() as f64,
        ]
    }

    fn number(error: &io::Error) -> i32 {
        error.raw_os_error().unwrap_or(NO_NUMBER)
    }

    /// Reads a regular file whole that is not larger than `bytes`. Writes its status into `status`, and after that
    /// how many bytes were read, or -1 for what is no regular file. Returns the number of the error, 0 for none.
    #[napi(catch_unwind)]
    pub fn read_whole(path: String, mut bytes: Uint8ArraySlice, mut status: Float64ArraySlice) -> napi::Result<i32> {
        // SAFETY: JavaScript does not run while a synchronous call does, so nobody else looks at the arrays.
        let (bytes, status) = unsafe { (bytes.as_mut(), status.as_mut()) };
        if status.len() != STATUS_LENGTH + 1 {
            return Err(fault("the status' array does not fit"));
        }
        match read_into(path, bytes, status) {
            Ok(()) => Ok(0),
            Err(error) => Ok(number(&error)),
        }
    }

    fn read_into(path: String, bytes: &mut [u8], status: &mut [f64]) -> io::Result<()> {
        let mut file = OpenOptions::new().read(true).custom_flags(SAFE).open(path)?;
        let found = file.metadata()?;
        status[..STATUS_LENGTH].copy_from_slice(&status_of(&found));
        status[STATUS_LENGTH] = -1.0;
        if !found.is_file() {
            return Ok(());
        }
        let wanted = if found.size() <= bytes.len() as u64 { found.size() as usize } else { 0 };
        let mut done = 0;
        while done < wanted {
            match file.read(&mut bytes[done..wanted]) {
                Ok(0) => break,
                Ok(count) => done += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        status[STATUS_LENGTH] = done as f64;
        Ok(())
    }

    /// Makes files where nothing is, with all of their bytes, one after the other on another thread. `paths` has a
    /// NUL after each; `bytes`, which is copied, has what is in them one after the other. Gives for each file the
    /// number of its error, 0 for none, and its status. After an error that is not about a taken name no further one
    /// is begun: -1. A file that could not be written whole is removed again.
    #[napi(catch_unwind)]
    pub fn create_files<'env>(
        env: &'env Env,
        paths: String,
        sizes: &[u32],
        bytes: &[u8],
    ) -> napi::Result<PromiseRaw<'env, Float64Array>> {
        let total: u64 = sizes.iter().map(|size| u64::from(*size)).sum();
        if paths.split_terminator('\0').count() != sizes.len() || total != bytes.len() as u64 {
            return Err(fault("paths, sizes and bytes do not fit together"));
        }
        let (sizes, bytes) = (sizes.to_vec(), bytes.to_vec());
        env.spawn_future(async move {
            spawn_blocking(move || Float64Array::new(create_all(&paths, &sizes, &bytes))).await.map_err(fault)
        })
    }

    fn create_all(paths: &str, sizes: &[u32], bytes: &[u8]) -> Vec<f64> {
        let mut outcomes = vec![NOT_BEGUN; sizes.len() * (1 + STATUS_LENGTH)];
        let mut rest = bytes;
        let told = outcomes.chunks_mut(1 + STATUS_LENGTH);
        for ((path, size), told) in paths.split_terminator('\0').zip(sizes).zip(told) {
            let (content, after) = rest.split_at(*size as usize);
            rest = after;
            match create(path, content) {
                Ok(status) => {
                    told[0] = 0.0;
                    told[1..].copy_from_slice(&status);
                }
                Err(error) => {
                    told[0] = f64::from(number(&error));
                    if error.kind() != io::ErrorKind::AlreadyExists {
                        break;
                    }
                }
            }
        }
        outcomes
    }

    fn create(path: &str, bytes: &[u8]) -> io::Result<Status> {
        let mut file = OpenOptions::new().write(true).create_new(true).custom_flags(libc::O_NOFOLLOW).open(path)?;
        let made = file.write_all(bytes).and_then(|()| file.metadata());
        if made.is_err() {
            take_back(&file, path);
        }
        made.map(|found| status_of(&found))
    }

    /// Removes a file that could not be written whole, if it still has its name. A fault of that would only hide the
    /// one that led here.
    fn take_back(file: &File, path: &str) {
        let (Ok(made), Ok(named)) = (file.metadata(), symlink_metadata(path)) else { return };
        if made.ino() == named.ino() && made.dev() == named.dev() {
            let _ = remove_file(path);
        }
    }

    /// Flushes the file system that holds a path. The error says why it could not, as `(os error N)`.
    #[napi(catch_unwind)]
    pub fn sync_volume<'env>(env: &'env Env, path: String) -> napi::Result<PromiseRaw<'env, ()>> {
        env.spawn_future(async move {
            let flush = move || -> std::io::Result<()> {
                let folder = File::open(path)?;
                // SAFETY: the descriptor is open for as long as the call runs.
                if unsafe { libc::syncfs(folder.as_raw_fd()) } == 0 {
                    return Ok(());
                }
                Err(std::io::Error::last_os_error())
            };
            spawn_blocking(flush).await.map_err(fault)?.map_err(fault)
        })
    }
}
