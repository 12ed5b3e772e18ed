//! The bytes that a connection keeps of its streams' written data: each chunk is counted when it is created, and again
//! when it is dropped, which is when the peer has acknowledged it or its stream has ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use napi_derive::napi;

#[derive(Default)]
pub struct Backlog {
    written_bytes: AtomicU64,
    released_bytes: AtomicU64,
}

/// Bytes that are kept now, and bytes that were released.
#[napi(object)]
pub struct BacklogSnapshot {
    pub held_bytes: f64,
    pub released_bytes: f64,
}

impl Backlog {
    pub fn snapshot(&self) -> BacklogSnapshot {
        // In this order, so that bytes written meanwhile do not count as released.
        let released = self.released_bytes.load(Ordering::Acquire);
        let written = self.written_bytes.load(Ordering::Acquire);
        BacklogSnapshot { held_bytes: written.saturating_sub(released) as f64, released_bytes: released as f64 }
    }
}

/// A chunk that is counted as long as anything refers to its memory.
struct Counted {
    chunk: Bytes,
    backlog: Arc<Backlog>,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.chunk
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.backlog.released_bytes.fetch_add(self.chunk.len() as u64, Ordering::AcqRel);
    }
}

/// The same bytes, counted.
pub fn counted(chunk: Bytes, backlog: &Arc<Backlog>) -> Bytes {
    backlog.written_bytes.fetch_add(chunk.len() as u64, Ordering::AcqRel);
    Bytes::from_owner(Counted { chunk, backlog: backlog.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_is_held_until_its_last_part_is_dropped() {
        let backlog = Arc::default();
        let chunk = counted(Bytes::from_static(b"12345"), &backlog);
        let part = chunk.slice(1..2);
        drop(chunk);
        assert_eq!(backlog.snapshot().held_bytes, 5.0);
        assert_eq!(backlog.snapshot().released_bytes, 0.0);
        drop(part);
        assert_eq!(backlog.snapshot().held_bytes, 0.0);
        assert_eq!(backlog.snapshot().released_bytes, 5.0);
    }
}
