//! Calls that Deno's file API lacks, and many small files in one call. System errors are reported by their numbers.

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::CString;
    use std::fs::{File, Metadata, OpenOptions, remove_file, symlink_metadata};
    use std::io::{self, Read, Write};
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

    use napi::bindgen_prelude::{Env, Float64Array, Float64ArraySlice, PromiseRaw, Uint8ArraySlice, spawn_blocking};
    use napi_derive::napi;

    use crate::fault::fault;

    /// Does not follow a symlink in the last part, and does not wait for the other end of a FIFO.
    const SAFE: i32 = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    /// The number for a file that was not begun, and for an error without a number.
    const NOT_BEGUN: f64 = -1.0;
    const NO_NUMBER: i32 = libc::EIO;

    /// Numbers of a file's status: size, modified and changed in whole milliseconds, inode, device, links.
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

    /// Reads a regular file that is not larger than `bytes`. Writes its status into `status`, followed by the number
    /// of bytes that were read, or -1 if it is no regular file. Returns the error number, 0 for none.
    #[napi(catch_unwind)]
    pub fn read_whole(path: String, mut bytes: Uint8ArraySlice, mut status: Float64ArraySlice) -> napi::Result<i32> {
        // SAFETY: JavaScript does not run during a synchronous call, so no other code accesses the arrays.
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

    /// Creates files under free names with their content, one after the other on another thread. `paths` has a NUL
    /// after each path; `bytes`, which is copied, has the concatenated contents. Returns for each file the error
    /// number, 0 for none, and its status. After an error that is not about a taken name no further file is begun: -1.
    /// A file that could not be written completely is removed.
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

    /// Removes a file that could not be written completely, if it still has its name. An error of that is ignored,
    /// because it would hide the first one.
    fn take_back(file: &File, path: &str) {
        let (Ok(made), Ok(named)) = (file.metadata(), symlink_metadata(path)) else { return };
        if made.ino() == named.ino() && made.dev() == named.dev() {
            let _ = remove_file(path);
        }
    }

    /// The number for a folder other than the expected one.
    const OTHER_FOLDER: i32 = -1;

    /// Links the file `part` of a folder to another name, or with `moves` renames it, or a folder: through a
    /// descriptor of the folder, and only if that has this inode and device. Returns the error number, 0 for none, -1
    /// for another folder.
    #[napi(catch_unwind)]
    pub fn publish<'env>(
        env: &'env Env,
        folder: String,
        inode: f64,
        device: f64,
        part: String,
        to: String,
        moves: bool,
    ) -> napi::Result<PromiseRaw<'env, i32>> {
        let publish = move || match publish_from(&folder, (inode, device), part, to, moves) {
            Ok(true) => 0,
            Ok(false) => OTHER_FOLDER,
            Err(error) => number(&error),
        };
        env.spawn_future(async move { spawn_blocking(publish).await.map_err(fault) })
    }

    fn publish_from(
        folder: &str,
        (inode, device): (f64, f64),
        part: String,
        to: String,
        moves: bool,
    ) -> io::Result<bool> {
        let folder = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_PATH | libc::O_DIRECTORY | libc::O_NOFOLLOW)
            .open(folder)?;
        let found = folder.metadata()?;
        // As numbers of JavaScript, which the caller compares.
        if found.ino() as f64 != inode || found.dev() as f64 != device {
            return Ok(false);
        }
        let (part, to) = (CString::new(part)?, CString::new(to)?);
        let (descriptor, part, to) = (folder.as_raw_fd(), part.as_ptr(), to.as_ptr());
        // SAFETY: the descriptor is open, and both texts end with a NUL, during the call.
        let result = unsafe {
            if moves {
                libc::renameat(descriptor, part, libc::AT_FDCWD, to)
            } else {
                libc::linkat(descriptor, part, libc::AT_FDCWD, to, 0)
            }
        };
        if result == 0 { Ok(true) } else { Err(io::Error::last_os_error()) }
    }

    /// Flushes the file system of a path. Returns the error number, 0 for none.
    #[napi(catch_unwind)]
    pub fn sync_volume<'env>(env: &'env Env, path: String) -> napi::Result<PromiseRaw<'env, i32>> {
        let flush = move || flush_volume(&path).map_or_else(|error| number(&error), |()| 0);
        env.spawn_future(async move { spawn_blocking(flush).await.map_err(fault) })
    }

    fn flush_volume(path: &str) -> io::Result<()> {
        let folder = File::open(path)?;
        // SAFETY: the descriptor is open during the call.
        if unsafe { libc::syncfs(folder.as_raw_fd()) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    #[cfg(test)]
    mod tests {
        use std::fs;
        use std::path::PathBuf;

        use super::*;

        /// A folder of a test, which is removed on drop.
        struct Folder(PathBuf);

        impl Folder {
            fn new(name: &str) -> Self {
                let path = std::env::temp_dir().join(format!("pli-native-{}-{name}", std::process::id()));
                fs::create_dir(&path).expect("a new folder");
                Self(path)
            }

            fn path(&self, name: &str) -> String {
                self.0.join(name).into_os_string().into_string().expect("a path in Unicode")
            }
        }

        impl Drop for Folder {
            fn drop(&mut self) {
                let _ = fs::remove_dir_all(&self.0);
            }
        }

        #[test]
        fn files_are_made_until_one_fails_and_taken_names_are_left() {
            let folder = Folder::new("create");
            fs::write(folder.path("taken"), "old").expect("a file");
            let names = ["a", "taken", "b", "missing/c", "d"].map(|name| folder.path(name) + "\0").concat();
            let outcomes = create_all(&names, &[2, 1, 0, 1, 1], b"xyzuv");
            let numbers: Vec<f64> = outcomes.chunks(1 + STATUS_LENGTH).map(|outcome| outcome[0]).collect();
            assert_eq!(numbers, [0.0, f64::from(libc::EEXIST), 0.0, f64::from(libc::ENOENT), NOT_BEGUN]);
            assert_eq!(outcomes[1], 2.0);
            assert_eq!(fs::read(folder.path("a")).expect("made"), b"xy");
            assert_eq!(fs::read(folder.path("taken")).expect("there before"), b"old");
            assert_eq!(fs::read(folder.path("b")).expect("made"), b"");
        }

        #[test]
        fn a_file_is_read_whole_or_not_at_all() {
            let folder = Folder::new("read");
            fs::write(folder.path("a"), "12345").expect("a file");
            for (room, read) in [(5, 5.0), (9, 5.0), (4, 0.0)] {
                let (mut bytes, mut status) = (vec![0; room], [0.0; STATUS_LENGTH + 1]);
                read_into(folder.path("a"), &mut bytes, &mut status).expect("it can be read");
                assert_eq!((status[0], status[STATUS_LENGTH]), (5.0, read));
                assert_eq!(&bytes[..read as usize], &b"12345"[..read as usize]);
            }
        }

        #[test]
        fn no_link_is_followed_and_a_folder_is_no_file() {
            let folder = Folder::new("link");
            fs::write(folder.path("a"), "1").expect("a file");
            std::os::unix::fs::symlink("a", folder.path("b")).expect("a link");
            let (mut bytes, mut status) = ([0; 9], [0.0; STATUS_LENGTH + 1]);
            let followed = read_into(folder.path("b"), &mut bytes, &mut status);
            assert_eq!(number(&followed.expect_err("a link")), libc::ELOOP);
            read_into(folder.path(""), &mut bytes, &mut status).expect("it can be opened");
            assert_eq!(status[STATUS_LENGTH], -1.0);
        }

        #[test]
        fn a_file_is_published_from_the_folder_that_is_meant_alone() {
            let folder = Folder::new("publish");
            fs::write(folder.path("a"), "1").expect("a file");
            let here = fs::metadata(&folder.0).expect("the folder");
            let (inode, device) = (here.ino() as f64, here.dev() as f64);
            let publish =
                |inode, to| publish_from(&folder.path(""), (inode, device), "a".into(), folder.path(to), false);
            assert!(!publish(inode + 1.0, "b").expect("another folder is no error"));
            assert!(publish(inode, "b").expect("it has its name"));
            assert_eq!(number(&publish(inode, "b").expect_err("a taken name")), libc::EEXIST);
            assert_eq!(fs::read(folder.path("b")).expect("published"), b"1");
        }

        #[test]
        fn a_volume_is_flushed_by_any_folder_on_it() {
            let folder = Folder::new("flush");
            flush_volume(&folder.path("")).expect("flushed");
            let missing = flush_volume(&folder.path("missing"));
            assert_eq!(number(&missing.expect_err("nothing is there")), libc::ENOENT);
        }
    }
}
