//! The receiving half of a stream: `ready` waits until enough bytes are buffered, `take` copies them into arrays of
//! JavaScript. The buffer consists of the packets' own memory, so each byte is copied once.

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

use crate::fault::{Fault, code, fault, promised};

/// More bytes than fit into memory.
const MAXIMUM_COUNT: f64 = u32::MAX as f64;
/// Packets that are taken from the stream in one call.
const PACKETS: usize = 64;
/// The size of a request, which may arrive slowly.
const COMPACTED_BYTES: usize = 4 * 1024;

/// A stream keeps its connection alive, also when that is closed, and JavaScript may keep this object for long. So it
/// is dropped as soon as nothing more will arrive.
enum Source {
    Open(endpoint::RecvStream),
    /// The peer has finished the stream.
    Ended,
    /// The stream was not finished, with the reason.
    Failed(Fault),
}

struct State {
    source: Source,
    /// Buffered bytes.
    waiting: VecDeque<Bytes>,
    waiting_bytes: usize,
    /// Bytes received so far.
    received_bytes: u64,
    /// The waker of a pending `ready`: the stream drops it, without waking it, when this side stops reading.
    reader: Option<Waker>,
}

struct Half {
    state: Mutex<State>,
    /// A copy of the state's counter, outside of the lock, which is held while packets are taken.
    received_bytes: AtomicU64,
}

impl State {
    /// Takes packets from the stream. Ready when `count` bytes are buffered, or when no more will arrive.
    fn poll_ready(&mut self, context: &mut Context<'_>, count: usize) -> Poll<Result<usize, Fault>> {
        self.reader = Some(context.waker().clone());
        loop {
            let stream = match &mut self.source {
                Source::Failed(reason) => return Poll::Ready(Err(reason.clone())),
                Source::Open(stream) if self.waiting_bytes < count => stream,
                Source::Open(_) | Source::Ended => return Poll::Ready(Ok(self.waiting_bytes)),
            };
            let mut packets: [Bytes; PACKETS] = [const { Bytes::new() }; PACKETS];
            // The stream keeps the waker of a blocked read, also after this future is dropped.
            let Poll::Ready(taken) = pin!(stream.read_many_chunks(&mut packets)).poll(context) else {
                self.compact();
                return Poll::Pending;
            };
            match taken {
                Err(error) => drop(self.fail(error.into())),
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

    /// Ends the stream and drops the buffer. Returns the former source.
    fn fail(&mut self, reason: Fault) -> Source {
        self.waiting = VecDeque::new();
        self.waiting_bytes = 0;
        std::mem::replace(&mut self.source, Source::Failed(reason))
    }

    /// A small buffer is copied, because otherwise each byte would keep the memory of a whole packet.
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

    fn poll_ready(&self, context: &mut Context<'_>, count: usize) -> Poll<Result<usize, Fault>> {
        let mut state = self.locked();
        let ready = state.poll_ready(context, count);
        self.received_bytes.store(state.received_bytes, Ordering::Relaxed);
        ready
    }
}

#[napi]
impl RecvStream {
    /// Resolves when at least `count` bytes are buffered, or the stream has ended, to the number of buffered bytes.
    /// Not in the stock binding.
    #[napi(catch_unwind)]
    pub fn ready<'env>(&self, env: &'env Env, count: f64) -> napi::Result<PromiseRaw<'env, f64>> {
        // The conversion to an integer of JavaScript would silently drop the upper bits.
        if !(0.0..=MAXIMUM_COUNT).contains(&count) {
            return Err(fault("that many bytes cannot be waited for"));
        }
        let half = self.0.clone();
        promised(env, async move {
            let waiting = poll_fn(|context| half.poll_ready(context, count as usize)).await?;
            Ok(waiting as f64)
        })
    }

    /// Fills the arrays in order with buffered bytes. Throws if fewer are buffered. Not in the stock binding.
    #[napi(catch_unwind)]
    pub fn take(&self, into: Vec<Uint8ArraySlice>) -> napi::Result<()> {
        let mut state = self.0.locked();
        if into.iter().map(|part| part.len()).sum::<usize>() > state.waiting_bytes {
            return Err(fault("fewer bytes wait"));
        }
        for mut part in into {
            // SAFETY: JavaScript does not run during a synchronous call, so no other code accesses the array.
            state.take(unsafe { part.as_mut() });
        }
        Ok(())
    }

    /// Bytes received so far. Not in the stock binding.
    #[napi(getter, catch_unwind)]
    pub fn received_bytes(&self) -> f64 {
        self.0.received_bytes.load(Ordering::Relaxed) as f64
    }

    /// Asks the peer to stop sending. Ends a pending `ready`.
    #[napi(catch_unwind)]
    pub fn stop(&self, error_code: BigInt) -> napi::Result<()> {
        let code = code(&error_code)?;
        let mut state = self.0.locked();
        // Different from a stream that the peer has ended.
        if let Source::Open(mut stream) = state.fail(Fault::closed("this side has stopped reading")) {
            let _ = stream.stop(code);
        }
        state.reader.take().into_iter().for_each(Waker::wake);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended_with(packets: &[&'static [u8]]) -> State {
        let waiting: VecDeque<Bytes> = packets.iter().map(|packet| Bytes::from_static(packet)).collect();
        let waiting_bytes = waiting.iter().map(Bytes::len).sum();
        State { source: Source::Ended, waiting, waiting_bytes, received_bytes: 0, reader: None }
    }

    #[test]
    fn bytes_are_taken_across_packets_and_in_parts_of_them() {
        let mut state = ended_with(&[b"ab", b"cde", b"f"]);
        let (mut first, mut second) = ([0; 3], [0; 3]);
        state.take(&mut first);
        assert_eq!((&first, state.waiting_bytes), (b"abc", 3));
        state.take(&mut second);
        assert_eq!((&second, state.waiting_bytes), (b"def", 0));
        assert!(state.waiting.is_empty());
    }

    #[test]
    fn few_bytes_are_copied_out_of_their_packets_and_many_are_not() {
        let mut few = ended_with(&[b"ab", b"cd"]);
        few.compact();
        assert_eq!(few.waiting, [Bytes::from_static(b"abcd")]);
        let mut many = ended_with(&[&[1; COMPACTED_BYTES], b"x"]);
        many.compact();
        assert_eq!(many.waiting.len(), 2);
    }

    #[test]
    fn after_the_end_all_that_waits_is_ready_however_much_is_asked_for() {
        let mut state = ended_with(&[b"ab"]);
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(state.poll_ready(&mut context, 100), Poll::Ready(Ok(2)));
    }

    #[test]
    fn a_stream_that_failed_has_no_bytes_and_says_why_each_time() {
        let mut state = ended_with(&[b"ab"]);
        state.fail(Fault::closed("stopped"));
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..2 {
            assert_eq!(state.poll_ready(&mut context, 1), Poll::Ready(Err(Fault::closed("stopped"))));
        }
        assert_eq!(state.waiting_bytes, 0);
    }
}
