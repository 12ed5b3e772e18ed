//! Folders that no other user of the computer can change: what is executed lies in them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Makes a folder, with those above it, that only this user can open. Returns its path without links.
pub fn make(folder: &Path) -> io::Result<PathBuf> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    // On Windows that would be a path of another form.
    if cfg!(windows) { Ok(folder.to_path_buf()) } else { fs::canonicalize(folder) }
}

/// Why another user could replace what lies in a folder; None if none can. The path must be absolute and without links:
/// the folders above a link's target decide too.
#[cfg(unix)]
pub fn weakness(folder: &Path) -> io::Result<Option<String>> {
    use std::os::unix::fs::MetadataExt;

    const GROUP_OR_OTHERS_WRITE: u32 = 0o022;
    const GROUP_WRITE: u32 = 0o020;
    const OTHERS_WRITE: u32 = 0o002;
    /// In such a folder, an entry can be renamed by its owner only.
    const STICKY: u32 = 0o1000;
    // SAFETY: the call has no arguments and cannot fail.
    let user = unsafe { libc::geteuid() };
    let own = fs::symlink_metadata(folder)?;
    if !own.is_dir() {
        return Ok(Some("it is not a folder".into()));
    }
    if own.uid() != user {
        return Ok(Some(format!("it belongs to the user with number {}", own.uid())));
    }
    if own.mode() & GROUP_OR_OTHERS_WRITE != 0 {
        return Ok(Some("other users can write in it".into()));
    }
    for above in folder.ancestors().skip(1) {
        let metadata = fs::metadata(above)?;
        // By convention the group with the number of a user has no other members.
        let is_group_open = metadata.mode() & GROUP_WRITE != 0 && metadata.gid() != metadata.uid();
        let is_open = (is_group_open || metadata.mode() & OTHERS_WRITE != 0) && metadata.mode() & STICKY == 0;
        if is_open || (metadata.uid() != user && metadata.uid() != 0) {
            return Ok(Some(format!("other users can replace it, because of {}", above.display())));
        }
    }
    Ok(None)
}

/// The folders of Windows that are used belong to one user.
#[cfg(windows)]
pub fn weakness(_: &Path) -> io::Result<Option<String>> {
    Ok(None)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_folder_that_others_can_change_is_weak() {
        let parent = std::env::temp_dir().join(format!("pli-launcher-private-{}", std::process::id()));
        let folder = parent.join("a/b");
        make(&folder).expect("a folder");
        assert_eq!(weakness(&folder).expect("readable"), None);
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o770)).expect("changed");
        assert_eq!(weakness(&folder).expect("readable").as_deref(), Some("other users can write in it"));
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).expect("changed");
        fs::set_permissions(&parent, fs::Permissions::from_mode(0o777)).expect("changed");
        assert!(weakness(&folder).expect("readable").is_some_and(|reason| reason.contains("replace")));
        fs::set_permissions(&parent, fs::Permissions::from_mode(0o1777)).expect("changed");
        assert_eq!(weakness(&folder).expect("readable"), None);
        std::os::unix::fs::symlink(&folder, parent.join("link")).expect("a link");
        assert_eq!(weakness(&parent.join("link")).expect("readable").as_deref(), Some("it is not a folder"));
        fs::remove_dir_all(parent).expect("removed");
    }
}
