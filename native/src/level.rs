//! The level by which pli recognises an addon of its own sources.

use napi_derive::napi;

/// Increased with every change of native/patches and of the addon's exports; equal to `PATCH_LEVEL` of
/// src/engine/native/choice.ts.
const PATCH_LEVEL: u32 = 6;

/// An addon of another level is refused.
#[napi(catch_unwind)]
pub fn patch_level() -> u32 {
    PATCH_LEVEL
}
