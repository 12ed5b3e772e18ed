//! The sending half of a stream. Its lock is held only while a step is taken, never across an await, so a reset
//! goes through while a write is blocked.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use iroh::endpoint::{self, StoppedError, VarInt, WriteError};
use napi::bindgen_prelude::{BigInt, Env, PromiseRaw};
use napi_derive::napi;

use crate::fault::{code, fault};

/// What a stream is reset with that was collected before it was finished: the code for "cut short".
const UNFINISHED: VarInt = VarInt::from_u32(3);

/// Bytes that are copied together.
const CHUNK_BYTES: usize = 64 * 1024;

struct State {
    /// None once nothing can be said any more: a stream keeps all of its connection, also when that is closed, and
    /// JavaScript may keep this for long.
    stream: Option<endpoint::SendStream>,
    /// Everything has been written.
    is_finished: bool,
    is_abandoned: bool,
    /// Who waits to write, and who for the other side to have everything or to stop: the stream wakes neither
    /// when this side abandons it.
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
        // A stream that is merely dropped would end as if everything had been said.
        if !self.is_finished {
            self.reset(UNFINISHED);
        }
    }
}

struct Half {
    state: Mutex<State>,
    taken_bytes: AtomicU64,
}

impl Half {
    fn with<T>(&self, step: impl FnOnce(&mut State) -> T) -> T {
        step(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes as much of the chunks from `done` on as fits now, and moves `done` to the first that is left.
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
            // The stream keeps the waker of a write that is blocked, also when this future is gone.
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
    ) -> Poll<napi::Result<Option<f64>>> {
        self.with(|state| {
            if state.is_abandoned {
                // The stream would say that the other side has everything.
                return Poll::Ready(Err(fault("this side has abandoned the stream")));
            }
            state.asker = Some(context.waker().clone());
            stopped.poll(context).map_ok(|code| code.map(|code| code.into_inner() as f64)).map_err(fault)
        })
    }
}

/// All parts in chunks of memory that the allocator keeps and gives out again: larger ones it would get from the
/// system each time, and touching new pages takes longer than the copy.
fn copied(parts: &[&[u8]]) -> Vec<Bytes> {
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
                chunks.push(std::mem::take(&mut chunk).freeze());
            }
        }
    }
    chunks
}

#[napi]
pub struct SendStream(Arc<Half>);

impl SendStream {
    pub fn new(stream: endpoint::SendStream) -> Self {
        let state =
            State { stream: Some(stream), is_finished: false, is_abandoned: false, writer: None, asker: None };
        Self(Arc::new(Half { state: Mutex::new(state), taken_bytes: AtomicU64::new(0) }))
    }
}

#[napi]
impl SendStream {
    /// Writes all parts, in order. They are copied before this returns; it resolves when the stream has taken
    /// them.
    #[napi(catch_unwind)]
    pub fn write_all<'env>(&self, env: &'env Env, parts: Vec<&[u8]>) -> napi::Result<PromiseRaw<'env, ()>> {
        let mut chunks = copied(&parts);
        let mut done = 0;
        let half = self.0.clone();
        env.spawn_future(async move {
            while done < chunks.len() {
                let write = poll_fn(|context| half.poll_write(context, &mut chunks, &mut done));
                let taken = write.await.map_err(fault)?;
                half.taken_bytes.fetch_add(taken as u64, Ordering::Relaxed);
            }
            Ok(())
        })
    }

    /// How many bytes the stream has ever taken. Not in the stock binding.
    #[napi(getter, catch_unwind)]
    pub fn taken_bytes(&self) -> f64 {
        self.0.taken_bytes.load(Ordering::Relaxed) as f64
    }

    /// Everything has been written.
    #[napi(catch_unwind)]
    pub fn finish(&self) -> napi::Result<()> {
        self.0.with(|state| {
            let stream = state.stream.as_mut().ok_or_else(|| fault(WriteError::ClosedStream))?;
            stream.finish().map_err(fault)?;
            state.is_finished = true;
            Ok(())
        })
    }

    /// Abandons the stream; a stream that has ended already stays as it is. Ends calls that wait.
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

    /// Resolves with the other side's code when it has stopped reading, or with null when it has everything.
    #[napi(catch_unwind)]
    pub fn stopped<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, Option<f64>>> {
        let half = self.0.clone();
        let stopped = half.with(|state| {
            let stopped = state.stream.as_ref().map(endpoint::SendStream::stopped);
            // What waits keeps what it needs.
            if state.is_finished {
                state.stream = None;
            }
            stopped
        });
        let mut stopped = Box::pin(stopped.ok_or_else(|| fault(WriteError::ClosedStream))?);
        env.spawn_future(poll_fn(move |context| half.poll_stopped(context, stopped.as_mut())))
    }
}
