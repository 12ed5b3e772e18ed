//! `pack LAUNCHER OUTPUT ID LEVEL FILE… -- ARGUMENT…` makes a one-file program (see `payload`): the launcher, and the
//! files, of which the first is the runtime and the second its script, compressed at a level of zstd.

use pli_launcher::payload::{self, Entry, Index};
use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (before, after) = match arguments.iter().position(|argument| argument == "--") {
        Some(at) => (&arguments[..at], arguments[at + 1..].to_vec()),
        None => (&arguments[..], Vec::new()),
    };
    let [launcher, output, id, level, paths @ ..] = before else {
        return Err("usage: pack LAUNCHER OUTPUT ID LEVEL FILE… -- ARGUMENT…".into());
    };
    let mut files = paths.iter().map(File::open).collect::<Result<Vec<_>, _>>()?;
    let entries = paths
        .iter()
        .zip(&files)
        .map(|(path, file)| {
            let name = Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or_default();
            Ok(Entry { name: name.to_string(), length: file.metadata()?.len() })
        })
        .collect::<Result<_, std::io::Error>>()?;
    let index = Index { id: id.clone(), files: entries, arguments: after };
    if Index::parse(&index.text()).as_ref() != Some(&index) {
        return Err("these names cannot be in an index".into());
    }
    fs::copy(launcher, output)?;
    let mut program = File::options().read(true).write(true).open(output)?;
    payload::append(&mut program, &index, &mut files, level.parse()?)?;
    Ok(())
}
