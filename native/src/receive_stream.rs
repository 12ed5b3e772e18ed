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
/// As much as a request has, which may take its time.
const COMPACTED_BYTES: usize = 4 * 1024;

/// A stream keeps all of its connection, also when that is closed, and JavaScript may keep this for long: it is let
/// go as soon as nothing more will come.
enum Source {
    Open(endpoint::RecvStream),
    /// The other side has said everything.
    Ended,
    /// It has not, and why.
    Failed(String),
}

struct State {
    source: Source,
    /// What has come and was not taken yet.
    waiting: VecDeque<Bytes>,
    waiting_bytes: usize,
    /// Everything that ever came.
    received_bytes: u64,
    /// Who waits for bytes: the stream forgets it, without waking it, when this side stops reading.
    reader: Option<Waker>,
}

struct Half {
    state: Mutex<State>,
    /// The state's, beside the lock, which is held while packets are taken over.
    received_bytes: AtomicU64,
}

impl State {
    /// Takes over what the stream has. Ready when `count` bytes wait, or all that will ever come.
    fn poll_ready(&mut self, context: &mut Context<'_>, count: usize) -> Poll<napi::Result<usize>> {
        self.reader = Some(context.waker().clone());
        loop {
            let stream = match &mut self.source {
                Source::Failed(reason) => return Poll::Ready(Err(napi::Error::from_reason(reason.clone()))),
                Source::Open(stream) if self.waiting_bytes < count => stream,
                Source::Open(_) | Source::Ended => return Poll::Ready(Ok(self.waiting_bytes)),
            };
            let mut packets: [Bytes; PACKETS] = [const { Bytes::new() }; PACKETS];
            // The stream keeps the waker of a read that is blocked, also when this future is gone.
            let Poll::Ready(taken) = pin!(stream.read_many_chunks(&mut packets)).poll(context) else {
                self.compact();
                return Poll::Pending;
            };
            match taken {
                Err(error) => drop(self.fail(format!("{error:?}"))),
                Ok(None) => self.source = Source::Ended,
                Ok(Some(taken)) => {
                    for packet in packets.into_iter().take(taken) {
                        self.waiting_bytes += packet.len();
                        self.received_bytes += packet.len() as u64;
                        self.waiting.push_back(packet);
                    }
                }
            }
        }
    }

    /// Nothing more will come, and what waits is not asked for any more. Gives what there was.
    fn fail(&mut self, reason: String) -> Source {
        self.waiting = VecDeque::new();
        self.waiting_bytes = 0;
        std::mem::replace(&mut self.source, Source::Failed(reason))
    }

    /// A few bytes that wait for more are copied: each is a part of many packets' memory, which it would keep.
    fn compact(&mut self) {
        if (1..=COMPACTED_BYTES).contains(&self.waiting_bytes) {
            let bytes: Vec<u8> = self.waiting.drain(..).flatten().collect();
            self.waiting.push_back(bytes.into());
        }
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
        let source = Source::Open(stream);
        let state = State { source, waiting: VecDeque::new(), waiting_bytes: 0, received_bytes: 0, reader: None };
        Self(Arc::new(Half { state: Mutex::new(state), received_bytes: AtomicU64::new(0) }))
    }
}

impl Half {
    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll_ready(&self, context: &mut Context<'_>, count: usize) -> Poll<napi::Result<usize>> {
        let mut state = self.locked();
        let ready = state.poll_ready(context, count);
        self.received_bytes.store(state.received_bytes, Ordering::Relaxed);
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
        // Not as if the other side had ended the stream.
        if let Source::Open(mut stream) = state.fail("this side has stopped reading".to_owned()) {
            let _ = stream.stop(code);
        }
        state.reader.take().into_iter().for_each(Waker::wake);
        Ok(())
    }
}
