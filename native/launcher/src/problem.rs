//! Why the program could not be started, as sentences for its user.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub enum Problem {
    /// The program's own file is not what was built.
    Damaged(&'static str),
    /// The program's own file cannot be read.
    Unreadable(io::Error),
    /// A folder for the unpacked files cannot be used.
    Folder(PathBuf, String),
    /// None of the folders can be used.
    NoFolder(Vec<Problem>),
}

impl Problem {
    pub fn folder(path: &Path, reason: impl fmt::Display) -> Self {
        Self::Folder(path.to_path_buf(), reason.to_string())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(what) => write!(f, "this program's file is damaged ({what}). Download it again."),
            Self::Unreadable(error) => write!(f, "this program's file cannot be read: {error}."),
            Self::Folder(path, reason) => write!(f, "{}: {reason}", path.display()),
            Self::NoFolder(problems) => {
                writeln!(f, "there is no folder in which this program can unpack itself.")?;
                for problem in problems {
                    writeln!(f, "  {problem}")?;
                }
                write!(f, "  Set PLI_UNPACK to a folder of your own with 200 MB of space.")
            }
        }
    }
}
