//! Refuses to build with crates that were patched otherwise than native/patches says, or not at all.

use std::fs;
use std::path::{Path, PathBuf};

/// Made by scripts/patched_crates.mjs: the crates' versions, then the texts of the patches that they have.
const MADE_OF: &str = "patched-by-npm-run-native/made-of.txt";

fn main() {
    println!("cargo:rerun-if-changed=patches");
    println!("cargo:rerun-if-changed={MADE_OF}");
    let made_of = fs::read_to_string(MADE_OF).unwrap_or_default();
    if !made_of.ends_with(&patches(Path::new("patches"))) {
        eprintln!("The patched crates are not those of native/patches. `npm run native -- --prepare` makes them anew.");
        std::process::exit(1);
    }
    napi_build::setup();
}

/// The texts of all patches in the order of their names, with LF as the end of each line.
fn patches(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("native/patches can be read");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "patch"));
    paths.sort();
    let text = |path: &PathBuf| fs::read_to_string(path).expect("a patch can be read").replace("\r\n", "\n");
    paths.iter().map(text).collect()
}
