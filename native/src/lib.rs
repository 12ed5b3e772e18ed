//! The native side of pli: the part of the `@number0/iroh` surface that pli uses, under the same names, with
//! `Uint8Array` where that package has arrays of numbers, and the values of BLAKE3 subtrees. It contains no
//! policy: TypeScript decides what is sent and what is accepted.
//!
//! Memory: a byte array of JavaScript is read or written only while a synchronous call runs. Across an await
//! this side holds its own `Bytes`, so nothing that JavaScript does to its buffers can reach freed memory.
//! Panics: synchronous functions carry `catch_unwind`, and the runtime turns a panic of a future into a
//! rejection, so that none ends the process.

// Tests are built without napi's registrations, which use most of this.
#![cfg_attr(test, allow(dead_code))]

mod address;
mod backlog;
mod congestion;
mod connection;
mod disk;
mod endpoint;
mod fault;
mod hash;
mod level;
mod log;
mod packet_size;
mod qlog;
mod receive_stream;
mod send_stream;
