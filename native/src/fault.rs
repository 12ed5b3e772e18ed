//! Faults as JavaScript errors, by `code`:
//!
//! - `stream_reset`: the other side has reset a stream, or has stopped reading it. `streamCode` is its code.
//! - `connection_lost`: the connection is gone.
//! - `stream_closed`: this side has ended the stream.
//! - `GenericFailure`: anything else, a wrong argument among them.

use std::fmt::Debug;

use iroh::endpoint::{ConnectionError, ReadError, StoppedError, VarInt, WriteError};
use napi::JsValue;
use napi::bindgen_prelude::{BigInt, Env, PromiseRaw, ToNapiValue};

/// napi's code of an error without another one.
const OTHER: &str = "GenericFailure";

/// An error with more than its text. It is kept where a later call may return it again.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    code: &'static str,
    stream_code: Option<u64>,
    /// For people: the Rust error's debug form.
    text: String,
}

impl Fault {
    fn new(code: &'static str, error: &dyn Debug) -> Self {
        Self { code, stream_code: None, text: format!("{error:?}") }
    }

    /// This side has ended a stream, in this way.
    pub fn closed(how: &str) -> Self {
        Self { code: "stream_closed", stream_code: None, text: how.to_owned() }
    }

    fn reset(code: VarInt, error: &dyn Debug) -> Self {
        Self { stream_code: Some(code.into_inner()), ..Self::new("stream_reset", error) }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The JavaScript error. Must be called on JavaScript's thread.
    pub fn thrown(self, env: &Env) -> napi::Error {
        let made = || {
            let mut error = env.create_error(napi::Error::from_reason(&self.text))?;
            error.set("code", self.code)?;
            if let Some(code) = self.stream_code {
                error.set("streamCode", code as f64)?;
            }
            napi::Result::Ok(error.to_unknown())
        };
        made().map_or_else(|fault| fault, napi::Error::from)
    }
}

impl From<WriteError> for Fault {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Stopped(code) => Self::reset(code, &error),
            WriteError::ConnectionLost(_) => Self::new("connection_lost", &error),
            WriteError::ClosedStream => Self::new("stream_closed", &error),
            WriteError::ZeroRttRejected => Self::new(OTHER, &error),
        }
    }
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Reset(code) => Self::reset(code, &error),
            ReadError::ConnectionLost(_) => Self::new("connection_lost", &error),
            ReadError::ClosedStream => Self::new("stream_closed", &error),
            ReadError::ZeroRttRejected => Self::new(OTHER, &error),
        }
    }
}

impl From<StoppedError> for Fault {
    fn from(error: StoppedError) -> Self {
        match error {
            StoppedError::ConnectionLost(_) => Self::new("connection_lost", &error),
            StoppedError::ZeroRttRejected => Self::new(OTHER, &error),
        }
    }
}

impl From<ConnectionError> for Fault {
    fn from(error: ConnectionError) -> Self {
        Self::new("connection_lost", &error)
    }
}

/// A promise of a future's result. An error of it has its code.
pub fn promised<'env, T: ToNapiValue + Send + 'static>(
    env: &'env Env,
    future: impl Future<Output = Result<T, Fault>> + Send + 'static,
) -> napi::Result<PromiseRaw<'env, T>> {
    env.spawn_future_with_callback(async { Ok(future.await) }, |env, outcome| {
        outcome.map_err(|fault: Fault| fault.thrown(env))
    })
}

/// An error with only a text.
pub fn fault(error: impl Debug) -> napi::Error {
    napi::Error::from_reason(format!("{error:?}"))
}

/// An application code, which in QUIC is below 2^62.
pub fn code(number: &BigInt) -> napi::Result<VarInt> {
    match number.get_u64() {
        (_, code, true) => VarInt::from_u64(code).map_err(fault),
        _ => Err(fault("a code from 0 to 2^62 is wanted")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reset_and_a_stop_have_the_code_of_the_other_side() {
        for number in [0, 7, 1 << 40] {
            let code = VarInt::from_u64(number).expect("below 2^62");
            for fault in [Fault::from(ReadError::Reset(code)), Fault::from(WriteError::Stopped(code))] {
                assert_eq!((fault.code, fault.stream_code), ("stream_reset", Some(number)));
            }
        }
    }

    #[test]
    fn a_connection_that_is_gone_is_told_as_such_by_every_call() {
        let lost = || ConnectionError::TimedOut;
        let faults = [
            Fault::from(lost()),
            Fault::from(ReadError::ConnectionLost(lost())),
            Fault::from(WriteError::ConnectionLost(lost())),
            Fault::from(StoppedError::ConnectionLost(lost())),
        ];
        for fault in faults {
            assert_eq!((fault.code, fault.stream_code), ("connection_lost", None));
            assert!(fault.text().contains("TimedOut"));
        }
    }

    #[test]
    fn a_stream_that_this_side_ended_is_no_lost_connection() {
        assert_eq!(Fault::from(WriteError::ClosedStream).code, "stream_closed");
        assert_eq!(Fault::from(ReadError::ClosedStream).code, "stream_closed");
        assert_eq!(Fault::closed("reset").code, "stream_closed");
    }
}
