//! The folders of the unpacked files. Each version has one, named by the id of its payload, in one of these: the folder
//! that PLI_UNPACK names, the user's cache folder, the folder for temporary files.
//!
//! A folder gets its name when it is complete, by a rename. One process at a time writes one: it holds a lock on the file
//! `.turn`. A running program holds a shared lock on the file `lock` in the folder of its version. A folder that has not
//! been used for some time and is not locked is removed.

use crate::payload::{Entry, Index, Payload};
use crate::private;
use crate::problem::Problem;
use std::env;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const LOCK: &str = "lock";
const TURN: &str = ".turn";
/// How a name begins while files are unpacked, and while they are removed.
const UNFINISHED: &str = ".new-";
const OBSOLETE: &str = ".old-";
/// A version that was not started for this time is removed.
const UNUSED: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// What a killed process left behind is removed after this time, and before the next version is written.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// The unpacked files of a version, locked against their removal.
pub struct Unpacked {
    pub folder: PathBuf,
    /// Released when it is closed. None where the file system has no locks.
    pub lock: Option<File>,
}

/// The folders of this user that can hold versions, the preferred one first.
pub fn folders() -> Vec<PathBuf> {
    if let Some(named) = variable("PLI_UNPACK") {
        return vec![named];
    }
    let mut folders = Vec::new();
    #[cfg(windows)]
    {
        folders.extend(variable("LOCALAPPDATA").map(|folder| folder.join("pli").join("program")));
        folders.push(env::temp_dir().join("pli-program"));
    }
    #[cfg(unix)]
    {
        let cache = variable("XDG_CACHE_HOME").or_else(|| {
            let below = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
            variable("HOME").map(|home| home.join(below))
        });
        folders.extend(cache.map(|folder| folder.join("pli").join("program")));
        // SAFETY: the call has no arguments and cannot fail.
        folders.push(env::temp_dir().join(format!("pli-program-{}", unsafe { libc::geteuid() })));
    }
    folders
}

fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Unpacks into a folder, unless that was done before, and removes older versions there.
pub fn unpack(payload: &mut Payload, folder: &Path) -> Result<Unpacked, Problem> {
    if !folder.is_absolute() {
        return Err(Problem::folder(folder, "it is not an absolute path"));
    }
    let folder = &private::make(folder).map_err(|error| Problem::folder(folder, error))?;
    if let Some(reason) = private::weakness(folder).map_err(|error| Problem::folder(folder, error))? {
        return Err(Problem::folder(folder, reason));
    }
    let own = folder.join(&payload.index.id);
    // Another process may remove the version between the look at it and the lock.
    for _ in 0..3 {
        if !is_complete(&own, &payload.index) {
            let turn = turn(folder);
            // Another process may have written it meanwhile.
            if !is_complete(&own, &payload.index) {
                // What is not used any more may have the room that is needed.
                clean(folder, &payload.index.id, turn.is_some());
                write(payload, folder, &own)?;
            }
        }
        let lock = locked(&own.join(LOCK));
        if is_complete(&own, &payload.index) {
            clean(folder, &payload.index.id, false);
            return Ok(Unpacked { folder: own, lock });
        }
    }
    Err(Problem::folder(&own, "its files disappear"))
}

/// Whether every file is there with its length.
fn is_complete(own: &Path, index: &Index) -> bool {
    let has_length = |entry: &Entry| {
        fs::symlink_metadata(own.join(&entry.name))
            .is_ok_and(|metadata| metadata.is_file() && metadata.len() == entry.length)
    };
    own.join(LOCK).is_file() && index.files.iter().all(has_length)
}

/// Writes the files into a new folder, which then replaces `own`.
fn write(payload: &mut Payload, folder: &Path, own: &Path) -> Result<(), Problem> {
    let new = folder.join(unique(UNFINISHED));
    let outcome = private::make(&new)
        .and_then(|_| payload.unpack(|entry, content| write_file(&new.join(&entry.name), content)))
        .and_then(|()| File::create(new.join(LOCK)).map(drop));
    let outcome = match outcome {
        Ok(()) => replace(&new, own, &payload.index).map_err(|error| Problem::folder(own, error)),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(Problem::Damaged("its content has changed")),
        Err(error) => Err(Problem::folder(folder, error)),
    };
    let _ = fs::remove_dir_all(&new);
    outcome
}

fn write_file(path: &Path, content: &mut dyn Read) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o700);
    let mut file = options.open(path)?;
    io::copy(content, &mut file)?;
    // A folder that survives a power failure must be complete.
    file.sync_all()
}

fn replace(new: &Path, own: &Path, index: &Index) -> io::Result<()> {
    let Err(error) = fs::rename(new, own) else { return Ok(()) };
    if is_complete(own, index) {
        return Ok(());
    }
    if !own.exists() {
        return Err(error);
    }
    // Files of it are missing.
    let obsolete = own.with_file_name(unique(OBSOLETE));
    fs::rename(own, &obsolete)?;
    let _ = fs::remove_dir_all(obsolete);
    fs::rename(new, own)
}

/// Waits until no other process writes in a folder, and keeps them from it. None where the file system has no locks.
fn turn(folder: &Path) -> Option<File> {
    let file = File::options().write(true).create(true).truncate(false).open(folder.join(TURN)).ok()?;
    file.lock().ok()?;
    Some(file)
}

/// A shared lock, with the time of its last use.
fn locked(path: &Path) -> Option<File> {
    let file = File::options().read(true).write(true).open(path).ok()?;
    let _ = file.set_modified(SystemTime::now());
    file.lock_shared().ok()?;
    Some(file)
}

/// Removes what is not used any more; during a turn also what is unfinished, which no process writes then. A failure of it
/// is none of the start.
fn clean(folder: &Path, id: &str, has_turn: bool) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| *name != id) else { continue };
        if name.starts_with(UNFINISHED) || name.starts_with(OBSOLETE) {
            if has_turn || is_older(&path, ABANDONED) {
                let _ = fs::remove_dir_all(path);
            }
        } else if is_older(&path.join(LOCK), UNUSED) {
            remove_version(&path);
        }
    }
}

fn remove_version(path: &Path) {
    let Ok(lock) = File::options().read(true).write(true).open(path.join(LOCK)) else { return };
    if lock.try_lock().is_err() {
        return;
    }
    let obsolete = path.with_file_name(unique(OBSOLETE));
    if fs::rename(path, &obsolete).is_ok() {
        drop(lock);
        let _ = fs::remove_dir_all(obsolete);
    }
}

fn is_older(path: &Path, age: Duration) -> bool {
    let modified = fs::symlink_metadata(path).and_then(|metadata| metadata.modified());
    modified.is_ok_and(|time| time.elapsed().is_ok_and(|elapsed| elapsed > age))
}

/// A name that no other process uses.
fn unique(prefix: &str) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("{prefix}{}-{}", std::process::id(), now.as_nanos())
}
