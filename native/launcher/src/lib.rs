//! A program in one file: a launcher, with a runtime, its script and further files as a compressed payload. The first
//! start unpacks them into a folder of the user's cache; every start runs the runtime there.

pub mod cache;
pub mod payload;
pub mod private;
pub mod problem;
