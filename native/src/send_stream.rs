//! The sending half of a stream. Its lock is held only during a step, never across an await, so a reset succeeds while
//! a write is blocked.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use iroh::endpoint::{self, StoppedError, VarInt, WriteError};
use napi::bindgen_prelude::{BigInt, Env, PromiseRaw};
use napi_derive::napi;

use crate::backlog::{Backlog, counted};
use crate::fault::{Fault, code, promised};

/// The code of the reset of a stream that is collected before it was finished: "cut short".
const UNFINISHED: VarInt = VarInt::from_u32(3);

/// Maximum size of a copied chunk.
const CHUNK_BYTES: usize = 64 * 1024;

struct State {
    /// None after the end of the stream: a stream keeps its connection alive, also when that is closed, and JavaScript
    /// may keep this object for long.
    stream: Option<endpoint::SendStream>,
    /// Everything has been written.
    is_finished: bool,
    is_abandoned: bool,
    /// The wakers of a pending write and of a pending `stopped`: the stream wakes neither when this side abandons it.
    writer: Option<Waker>,
    asker: Option<Waker>,
}

impl State {
    fn reset(&mut self, code: VarInt) {
        if let Some(mut stream) = self.stream.take() {
            let _ = stream.reset(code);
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        // A stream that is only dropped would end as if it were finished.
        if !self.is_finished {
            self.reset(UNFINISHED);
        }
    }
}

struct Half {
    backlog: Arc<Backlog>,
    state: Mutex<State>,
    taken_bytes: AtomicU64,
}

impl Half {
    fn with<T>(&self, step: impl FnOnce(&mut State) -> T) -> T {
        step(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes as much of the chunks from `done` on as fits now, and advances `done`.
    fn poll_write(
        &self,
        context: &mut Context<'_>,
        chunks: &mut [Bytes],
        done: &mut usize,
    ) -> Poll<Result<usize, WriteError>> {
        let count = chunks.len();
        let mut rest = &mut chunks[*done..];
        let taken = self.with(|state| {
            state.writer = Some(context.waker().clone());
            let Some(stream) = &mut state.stream else { return Poll::Ready(Err(WriteError::ClosedStream)) };
            // The stream keeps the waker of a blocked write, also after this future is dropped.
            let taken = pin!(stream.write_many_chunks(&mut rest)).poll(context);
            if let Poll::Ready(Err(WriteError::ConnectionLost(_))) = taken {
                state.stream = None;
            }
            taken
        });
        *done = count - rest.len();
        taken
    }

    fn poll_stopped(
        &self,
        context: &mut Context<'_>,
        stopped: Pin<&mut impl Future<Output = Result<Option<VarInt>, StoppedError>>>,
    ) -> Poll<Result<Option<f64>, Fault>> {
        self.with(|state| {
            if state.is_abandoned {
                // The stream would report that the peer has everything.
                return Poll::Ready(Err(Fault::closed("this side has abandoned the stream")));
            }
            state.asker = Some(context.waker().clone());
            stopped.poll(context).map_ok(|code| code.map(|code| code.into_inner() as f64)).map_err(Fault::from)
        })
    }
}

/// The parts as chunks of a size that the allocator reuses: larger ones it would get from the system each time, and
/// touching new pages takes longer than the copy.
fn copied(parts: &[&[u8]], backlog: &Arc<Backlog>) -> Vec<Bytes> {
    let mut chunks = Vec::new();
    let mut chunk = BytesMut::new();
    let mut left: usize = parts.iter().map(|part| part.len()).sum();
    for part in parts {
        let mut part = *part;
        while !part.is_empty() {
            if chunk.is_empty() {
                chunk = BytesMut::with_capacity(left.min(CHUNK_BYTES));
            }
            let (fitting, rest) = part.split_at(part.len().min(CHUNK_BYTES - chunk.len()));
            chunk.extend_from_slice(fitting);
            left -= fitting.len();
            part = rest;
            if chunk.len() == CHUNK_BYTES || left == 0 {
                chunks.push(counted(std::mem::take(&mut chunk).freeze(), backlog));
            }
        }
    }
    chunks
}

#[napi]
pub struct SendStream(Arc<Half>);

impl SendStream {
    pub fn new(stream: endpoint::SendStream, backlog: Arc<Backlog>) -> Self {
        let state = State { stream: Some(stream), is_finished: false, is_abandoned: false, writer: None, asker: None };
        Self(Arc::new(Half { backlog, state: Mutex::new(state), taken_bytes: AtomicU64::new(0) }))
    }
}

#[napi]
impl SendStream {
    /// Writes all parts, in order. They are copied before this returns. It resolves when the stream has taken them.
    #[napi(catch_unwind)]
    pub fn write_all<'env>(&self, env: &'env Env, parts: Vec<&[u8]>) -> napi::Result<PromiseRaw<'env, ()>> {
        let mut chunks = copied(&parts, &self.0.backlog);
        let mut done = 0;
        let half = self.0.clone();
        promised(env, async move {
            while done < chunks.len() {
                let write = poll_fn(|context| half.poll_write(context, &mut chunks, &mut done));
                let taken = write.await?;
                half.taken_bytes.fetch_add(taken as u64, Ordering::Relaxed);
            }
            Ok(())
        })
    }

    /// Bytes that the stream has taken so far. Not in the stock binding.
    #[napi(getter, catch_unwind)]
    pub fn taken_bytes(&self) -> f64 {
        self.0.taken_bytes.load(Ordering::Relaxed) as f64
    }

    /// Finishes the stream.
    #[napi(catch_unwind)]
    pub fn finish(&self, env: &Env) -> napi::Result<()> {
        let finished = self.0.with(|state| {
            state.stream.as_mut().ok_or(WriteError::ClosedStream)?.finish()?;
            state.is_finished = true;
            Ok(())
        });
        finished.map_err(|error: WriteError| Fault::from(error).thrown(env))
    }

    /// Abandons the stream, unless it has ended. Ends pending calls.
    #[napi(catch_unwind)]
    pub fn reset(&self, error_code: BigInt) -> napi::Result<()> {
        let code = code(&error_code)?;
        self.0.with(|state| {
            state.reset(code);
            state.is_abandoned = true;
            [state.writer.take(), state.asker.take()].into_iter().flatten().for_each(Waker::wake);
        });
        Ok(())
    }

    /// Resolves to the peer's code when it has stopped reading, or to null when it has everything.
    #[napi(catch_unwind)]
    pub fn stopped<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, Option<f64>>> {
        let half = self.0.clone();
        let stopped = half.with(|state| {
            let stopped = state.stream.as_ref().map(endpoint::SendStream::stopped);
            // Pending calls keep what they need.
            if state.is_finished {
                state.stream = None;
            }
            stopped
        });
        let stopped = stopped.ok_or_else(|| Fault::from(WriteError::ClosedStream).thrown(env))?;
        let mut stopped = Box::pin(stopped);
        promised(env, poll_fn(move |context| half.poll_stopped(context, stopped.as_mut())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_copied_in_order_into_chunks_that_are_full_but_the_last() {
        let bytes: Vec<u8> = (0..3 * CHUNK_BYTES + 7).map(|index| (index % 251) as u8).collect();
        let cuts = [0, 1, 1, CHUNK_BYTES, CHUNK_BYTES + 3, 3 * CHUNK_BYTES, bytes.len()];
        let parts: Vec<&[u8]> = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]).collect();
        let backlog = Arc::default();
        let chunks = copied(&parts, &backlog);
        assert_eq!(chunks.concat(), bytes);
        let lengths: Vec<usize> = chunks.iter().map(Bytes::len).collect();
        assert_eq!(lengths, [CHUNK_BYTES, CHUNK_BYTES, CHUNK_BYTES, 7]);
        assert_eq!(backlog.snapshot().held_bytes, bytes.len() as f64);
        drop(chunks);
        assert_eq!(backlog.snapshot().held_bytes, 0.0);
    }

    #[test]
    fn nothing_makes_no_chunk() {
        assert!(copied(&[], &Arc::default()).is_empty());
        assert!(copied(&[b"", b""], &Arc::default()).is_empty());
    }
}
