//! Faults as JavaScript errors. Their text is the Rust error's debug form, as in the stock binding: the codes of
//! streams stand in it as `Reset(3)` and `Stopped(3)`.

use std::fmt::Debug;

use iroh::endpoint::VarInt;
use napi::bindgen_prelude::BigInt;

pub fn fault(error: impl Debug) -> napi::Error {
    napi::Error::from_reason(format!("{error:?}"))
}

/// An application code, which QUIC allows up to 2^62.
pub fn code(number: &BigInt) -> napi::Result<VarInt> {
    match number.get_u64() {
        (_, code, true) => VarInt::from_u64(code).map_err(fault),
        _ => Err(fault("a code from 0 to 2^62 is wanted")),
    }
}
