//! The receiving half of a stream: `ready` waits until enough bytes are here, `take` copies them into arrays of
//! JavaScript's. What has come is kept as the packets' own memory, so each byte is copied once on its way.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::{Buf, Bytes};
use iroh::endpoint;
use napi::bindgen_prelude::{BigInt, Env, PromiseRaw, Uint8ArraySlice};
use napi_derive::napi;

use crate::fault::{code, fault};

/// More bytes than anybody could hold.
const MAXIMUM_COUNT: f64 = u32::MAX as f64;
/// Packets that are taken over from the stream at a time.
const PACKETS: usize = 64;

struct State {
    stream: endpoint::RecvStream,
    /// What has come and was not taken yet.
    waiting: VecDeque<Bytes>,
    waiting_bytes: usize,
    has_ended: bool,
    is_stopped: bool,
    /// Who waits for bytes: the stream forgets it, without waking it, when this side stops reading.
    reader: Option<Waker>,
}

struct Half {
    state: Mutex<State>,
    /// Everything that ever came. Beside the lock, which is held while packets are taken over.
    received_bytes: AtomicU64,
}

impl State {
    /// Takes over what the stream has. Ready when `count` bytes wait, or all that will ever come.
    fn poll_ready(&mut self, context: &mut Context<'_>, count: usize) -> Poll<napi::Result<usize>> {
        if self.is_stopped {
            // Not as if the other side had ended the stream.
            return Poll::Ready(Err(fault("this side has stopped reading")));
        }
        self.reader = Some(context.waker().clone());
        while self.waiting_bytes < count && !self.has_ended {
            let mut packets: [Bytes; PACKETS] = [const { Bytes::new() }; PACKETS];
            // The stream keeps the waker of a read that is blocked, also when this future is gone.
            let Poll::Ready(taken) = pin!(self.stream.read_many_chunks(&mut packets)).poll(context) else {
                return Poll::Pending;
            };
            match taken.map_err(fault)? {
                None => self.has_ended = true,
                Some(taken) => {
                    for packet in packets.into_iter().take(taken) {
                        self.waiting_bytes += packet.len();
                        self.waiting.push_back(packet);
                    }
                }
            }
        }
        Poll::Ready(Ok(self.waiting_bytes))
    }

    fn take(&mut self, mut into: &mut [u8]) {
        while let Some(packet) = self.waiting.front_mut().filter(|_| !into.is_empty()) {
            let count = packet.len().min(into.len());
            packet.copy_to_slice(&mut into[..count]);
            if packet.is_empty() {
                self.waiting.pop_front();
            }
            self.waiting_bytes -= count;
            into = &mut into[count..];
        }
    }
}

#[napi]
pub struct RecvStream(Arc<Half>);

impl RecvStream {
    pub fn new(stream: endpoint::RecvStream) -> Self {
        let state = State {
            stream,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            has_ended: false,
            is_stopped: false,
            reader: None,
        };
        Self(Arc::new(Half { state: Mutex::new(state), received_bytes: AtomicU64::new(0) }))
    }
}

impl Half {
    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll_ready(&self, context: &mut Context<'_>, count: usize) -> Poll<napi::Result<usize>> {
        let mut state = self.locked();
        let before = state.waiting_bytes;
        let ready = state.poll_ready(context, count);
        self.received_bytes.fetch_add((state.waiting_bytes - before) as u64, Ordering::Relaxed);
        ready
    }
}

#[napi]
impl RecvStream {
    /// Resolves when at least `count` bytes wait to be taken, or the stream has ended: with how many wait.
    /// Not in the stock binding.
    #[napi(catch_unwind)]
    pub fn ready<'env>(&self, env: &'env Env, count: f64) -> napi::Result<PromiseRaw<'env, f64>> {
        // As an integer of JavaScript's it would lose its upper bits without a word.
        if !(0.0..=MAXIMUM_COUNT).contains(&count) {
            return Err(fault("that many bytes cannot be waited for"));
        }
        let half = self.0.clone();
        env.spawn_future(async move {
            let waiting = poll_fn(|context| half.poll_ready(context, count as usize)).await?;
            Ok(waiting as f64)
        })
    }

    /// Fills the arrays, one after the other, with bytes that wait. Throws when there are fewer. Not in the
    /// stock binding.
    #[napi(catch_unwind)]
    pub fn take(&self, into: Vec<Uint8ArraySlice>) -> napi::Result<()> {
        let mut state = self.0.locked();
        if into.iter().map(|part| part.len()).sum::<usize>() > state.waiting_bytes {
            return Err(fault("fewer bytes wait"));
        }
        for mut part in into {
            // SAFETY: JavaScript does not run while a synchronous call does, so nobody else looks at the array.
            state.take(unsafe { part.as_mut() });
        }
        Ok(())
    }

    /// How many bytes ever came. Not in the stock binding.
    #[napi(getter, catch_unwind)]
    pub fn received_bytes(&self) -> f64 {
        self.0.received_bytes.load(Ordering::Relaxed) as f64
    }

    /// Tells the other side to stop sending. Ends a `ready` that waits.
    #[napi(catch_unwind)]
    pub fn stop(&self, error_code: BigInt) -> napi::Result<()> {
        let code = code(&error_code)?;
        let mut state = self.0.locked();
        let _ = state.stream.stop(code);
        state.is_stopped = true;
        state.reader.take().into_iter().for_each(Waker::wake);
        Ok(())
    }
}
