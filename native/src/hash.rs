//! BLAKE3 values of subtrees (crate blake3, module hazmat). Chunk numbers are below 2^43; callers check the bounds of
//! a subtree. Results are written into arrays of the caller.

use blake3::Hasher;
use blake3::hazmat::{ChainingValue, HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root};
use napi::bindgen_prelude::Uint8ArraySlice;
use napi_derive::napi;
use rayon::prelude::*;

use crate::fault::fault;

const CHUNK_BYTES: u64 = 1024;
const GROUP_BYTES: usize = 16 * 1024;
const BLOCK_BYTES: usize = 1024 * 1024;
const VALUE_BYTES: usize = 32;

fn chaining_value(bytes: &[u8], first_chunk: u64) -> ChainingValue {
    Hasher::new().set_input_offset(first_chunk * CHUNK_BYTES).update(bytes).finalize_non_root()
}

fn merge(left: &ChainingValue, right: &ChainingValue, is_root: bool) -> ChainingValue {
    if is_root {
        *merge_subtrees_root(left, right, Mode::Hash).as_bytes()
    } else {
        merge_subtrees_non_root(left, right, Mode::Hash)
    }
}

fn value(bytes: &[u8]) -> napi::Result<&ChainingValue> {
    bytes.try_into().map_err(fault)
}

fn put(out: &mut [u8], value: ChainingValue) -> napi::Result<()> {
    *<&mut ChainingValue>::try_from(out).map_err(fault)? = value;
    Ok(())
}

/// An array for a result. Callers pass arrays that do not overlap the input.
fn writable<'a>(array: &'a mut Uint8ArraySlice) -> &'a mut [u8] {
    // SAFETY: JavaScript does not run during a synchronous call, so no other code accesses the array.
    unsafe { array.as_mut() }
}

/// The value of one subtree, or the hash of the blob.
#[napi(catch_unwind)]
pub fn hash_leaf(bytes: &[u8], first_chunk: f64, is_root: bool, mut out: Uint8ArraySlice) -> napi::Result<()> {
    put(
        writable(&mut out),
        if is_root { *blake3::hash(bytes).as_bytes() } else { chaining_value(bytes, first_chunk as u64) },
    )
}

/// The values of the consecutive pairs of a level; an odd last one is carried up.
#[napi(catch_unwind)]
pub fn hash_parents(level: &[u8], is_root: bool, mut out: Uint8ArraySlice) -> napi::Result<()> {
    for (pair, above) in level.chunks(2 * VALUE_BYTES).zip(writable(&mut out).chunks_mut(VALUE_BYTES)) {
        let (left, right) = pair.split_at(VALUE_BYTES);
        put(above, if right.is_empty() { *value(left)? } else { merge(value(left)?, value(right)?, is_root) })?;
    }
    Ok(())
}

/// The value of a subtree, and the hash pairs of its parents above its chunk groups, in pre-order.
#[napi(catch_unwind)]
pub fn hash_subtree(
    bytes: &[u8],
    first_chunk: f64,
    is_root: bool,
    mut pairs: Uint8ArraySlice,
    mut out: Uint8ArraySlice,
) -> napi::Result<()> {
    let pairs = writable(&mut pairs);
    if pairs.len() != 2 * VALUE_BYTES * (bytes.len().div_ceil(GROUP_BYTES).max(1) - 1) {
        return Err(fault("the pairs' array does not fit"));
    }
    put(writable(&mut out), subtree(bytes, first_chunk as u64, is_root, pairs)?)
}

fn subtree(bytes: &[u8], first_chunk: u64, is_root: bool, pairs: &mut [u8]) -> napi::Result<ChainingValue> {
    if bytes.len() <= GROUP_BYTES {
        return Ok(if is_root { *blake3::hash(bytes).as_bytes() } else { chaining_value(bytes, first_chunk) });
    }
    let groups = bytes.len().div_ceil(GROUP_BYTES);
    let left_groups = groups.next_power_of_two() / 2;
    let (left_bytes, right_bytes) = bytes.split_at(left_groups * GROUP_BYTES);
    let right_chunk = first_chunk + left_bytes.len() as u64 / CHUNK_BYTES;
    let (pair, below) = pairs.split_at_mut(2 * VALUE_BYTES);
    let (left_pairs, right_pairs) = below.split_at_mut(2 * VALUE_BYTES * (left_groups - 1));
    let left = subtree(left_bytes, first_chunk, false, left_pairs)?;
    let right = subtree(right_bytes, right_chunk, false, right_pairs)?;
    pair[..VALUE_BYTES].copy_from_slice(&left);
    pair[VALUE_BYTES..].copy_from_slice(&right);
    Ok(merge(&left, &right, is_root))
}

/// The chaining values of consecutive blocks of 1 MiB, on all cores.
#[napi(catch_unwind)]
pub fn hash_blocks(bytes: &[u8], first_chunk: f64, mut out: Uint8ArraySlice) -> napi::Result<()> {
    let first_chunk = first_chunk as u64;
    let block_chunks = BLOCK_BYTES as u64 / CHUNK_BYTES;
    bytes.par_chunks(BLOCK_BYTES).zip(writable(&mut out).par_chunks_mut(VALUE_BYTES)).enumerate().try_for_each(
        |(index, (block, out))| put(out, chaining_value(block, first_chunk + index as u64 * block_chunks)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [usize; 9] = [
        1,
        CHUNK_BYTES as usize,
        GROUP_BYTES,
        GROUP_BYTES + 1,
        2 * GROUP_BYTES,
        3 * GROUP_BYTES + 5,
        5 * GROUP_BYTES,
        BLOCK_BYTES - 1,
        BLOCK_BYTES,
    ];

    fn bytes_of(size: usize) -> Vec<u8> {
        (0..size).map(|index| (index % 251) as u8).collect()
    }

    fn pairs_for(bytes: &[u8]) -> Vec<u8> {
        vec![0; 2 * VALUE_BYTES * (bytes.len().div_ceil(GROUP_BYTES) - 1)]
    }

    #[test]
    fn a_whole_blob_has_the_hash_of_blake3() {
        for bytes in SIZES.map(bytes_of) {
            let hash = subtree(&bytes, 0, true, &mut pairs_for(&bytes)).expect("it fits");
            assert_eq!(hash, *blake3::hash(&bytes).as_bytes(), "{} bytes", bytes.len());
        }
    }

    #[test]
    fn a_subtree_has_the_value_that_blake3_gives_all_of_its_bytes() {
        for first_chunk in [1024, 1 << 20] {
            for bytes in SIZES.map(bytes_of) {
                let value = subtree(&bytes, first_chunk, false, &mut pairs_for(&bytes)).expect("it fits");
                assert_eq!(value, chaining_value(&bytes, first_chunk), "{} bytes", bytes.len());
            }
        }
    }

    #[test]
    fn the_first_pair_merges_to_the_value() {
        let bytes = bytes_of(7 * GROUP_BYTES);
        let mut pairs = pairs_for(&bytes);
        let found = subtree(&bytes, 0, true, &mut pairs).expect("it fits");
        let (left, right) = pairs[..2 * VALUE_BYTES].split_at(VALUE_BYTES);
        assert_eq!(merge(value(left).expect("a value"), value(right).expect("a value"), true), found);
    }
}
