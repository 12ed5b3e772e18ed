//! A qlog file for each connection: its packets and frames, without their content.

use std::fs::OpenOptions;
use std::io::LineWriter;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use iroh::endpoint::{QlogConfig, QlogFactory};
use noq_proto::{ConnectionId, Side};

/// The folder that the files are made in.
pub struct QlogFolder(PathBuf);

impl QlogFolder {
    pub fn new(path: String) -> Self {
        Self(path.into())
    }

    fn path(&self, side: Side, initial_destination: ConnectionId) -> PathBuf {
        let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis());
        let side = if side == Side::Client { "client" } else { "server" };
        self.0.join(format!("pli-{now_ms}-{initial_destination}-{side}.sqlog"))
    }
}

impl QlogFactory for QlogFolder {
    /// None if the file cannot be created. The connection is not affected.
    fn for_connection(
        &self,
        side: Side,
        _remote: SocketAddr,
        initial_destination: ConnectionId,
        _now: Instant,
    ) -> Option<QlogConfig> {
        let path = self.path(side, initial_destination);
        let mut options = OpenOptions::new();
        // An existing link is not followed.
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options
            .open(&path)
            .inspect_err(|error| tracing::warn!(target: "qlog", folder = %self.0.display(), %error, "no file made"))
            .ok()?;
        // A record is a line, so a killed process leaves whole records.
        Some(QlogConfig::new(Box::new(LineWriter::new(file))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(folder: &QlogFolder) -> Option<QlogConfig> {
        let remote = SocketAddr::from(([127, 0, 0, 1], 1));
        folder.for_connection(Side::Client, remote, ConnectionId::new(&[1; 8]), Instant::now())
    }

    #[test]
    fn a_file_is_made_for_this_user_alone_and_a_folder_that_is_not_there_gives_none() {
        let path = std::env::temp_dir().join(format!("pli-qlog-{}", std::process::id()));
        std::fs::create_dir(&path).expect("a new folder");
        assert!(config(&QlogFolder(path.clone())).is_some());
        let entries: Vec<_> =
            std::fs::read_dir(&path).expect("the folder").map(|entry| entry.expect("an entry")).collect();
        assert_eq!(entries.len(), 1);
        assert!(entries[0].file_name().to_string_lossy().ends_with("-0101010101010101-client.sqlog"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(entries[0].metadata().expect("its metadata").permissions().mode() & 0o777, 0o600);
        }
        std::fs::remove_dir_all(&path).expect("removed");
        assert!(config(&QlogFolder(path)).is_none());
    }
}
