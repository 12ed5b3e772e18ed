//! The file format of a one-file program:
//!
//! ```text
//! launcher, an executable | contents | index | length of the contents, u64 | length of the index, u32 | MAGIC
//! ```
//!
//! Numbers are little-endian. Contents and index are frames of zstd with a checksum. The contents are those of all files,
//! one after the other. The index is lines of text: `id ID`, the name of the folder of the unpacked files; `file LENGTH NAME` for each file,
//! the runtime first and the script second; and `argument TEXT` for each argument of the runtime before the script.

use crate::problem::Problem;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

pub const MAGIC: [u8; 8] = *b"pli-one1";
const TRAILER_BYTES: u64 = 8 + 4 + MAGIC.len() as u64;
/// Maximum size of an index, compressed and not.
const INDEX_LIMIT_BYTES: u32 = 16 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub length: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    pub id: String,
    /// The runtime, the script, and further files.
    pub files: Vec<Entry>,
    /// Arguments of the runtime.
    pub arguments: Vec<String>,
}

impl Index {
    pub fn text(&self) -> String {
        let mut text = format!("id {}\n", self.id);
        for Entry { name, length } in &self.files {
            text.push_str(&format!("file {length} {name}\n"));
        }
        for argument in &self.arguments {
            text.push_str(&format!("argument {argument}\n"));
        }
        text
    }

    /// None if the text is not an index: an unknown line, a name that is a path, or less than two files.
    pub fn parse(text: &str) -> Option<Self> {
        let mut index = Self { id: String::new(), files: Vec::new(), arguments: Vec::new() };
        for line in text.lines() {
            let (kind, value) = line.split_once(' ')?;
            match kind {
                "id" => index.id = value.to_string(),
                "file" => {
                    let (length, name) = value.split_once(' ')?;
                    index.files.push(Entry { name: name.to_string(), length: length.parse().ok()? });
                }
                "argument" => index.arguments.push(value.to_string()),
                _ => return None,
            }
        }
        let are_plain = is_plain_name(&index.id) && index.files.iter().all(|entry| is_plain_name(&entry.name));
        (are_plain && index.files.len() >= 2).then_some(index)
    }
}

/// Whether a text is the name of a file on every system, and not a hidden one.
fn is_plain_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !name.is_empty() && name.len() <= 100 && !name.starts_with('.') && name.bytes().all(is_plain)
}

/// The payload of an open program.
#[derive(Debug)]
pub struct Payload {
    pub index: Index,
    program: File,
    frame_start: u64,
    frame_bytes: u64,
}

impl Payload {
    pub fn open(mut program: File) -> Result<Self, Problem> {
        let damaged = Problem::Damaged;
        let end = program.seek(SeekFrom::End(0)).map_err(Problem::Unreadable)?;
        let trailer_start = end.checked_sub(TRAILER_BYTES).ok_or(damaged("it is too short"))?;
        let trailer = read_at(&mut program, trailer_start, TRAILER_BYTES)?;
        if trailer[12..] != MAGIC {
            return Err(damaged("its end is missing"));
        }
        let frame_bytes = u64::from_le_bytes(trailer[..8].try_into().expect("eight bytes"));
        let index_bytes = u32::from_le_bytes(trailer[8..12].try_into().expect("four bytes"));
        if index_bytes > INDEX_LIMIT_BYTES {
            return Err(damaged("its index is too long"));
        }
        let index_start = trailer_start.checked_sub(index_bytes.into()).ok_or(damaged("its index is incomplete"))?;
        let frame_start = index_start.checked_sub(frame_bytes).ok_or(damaged("its content is incomplete"))?;
        let frame = read_at(&mut program, index_start, index_bytes.into())?;
        let mut text = String::new();
        let is_read = zstd::Decoder::new(&frame[..])
            .and_then(|decoder| decoder.take(INDEX_LIMIT_BYTES.into()).read_to_string(&mut text))
            .is_ok();
        let index = Index::parse(&text).filter(|_| is_read).ok_or(damaged("its index is invalid"))?;
        Ok(Self { index, program, frame_start, frame_bytes })
    }

    /// Calls `write` with each file and a reader of its content, in order. `write` must read it to its end. Errors of
    /// the content are of kind `InvalidData`.
    pub fn unpack(&mut self, mut write: impl FnMut(&Entry, &mut dyn Read) -> io::Result<()>) -> io::Result<()> {
        self.program.seek(SeekFrom::Start(self.frame_start))?;
        let frame = (&self.program).take(self.frame_bytes);
        let mut content = Content(zstd::Decoder::new(frame)?);
        for entry in &self.index.files {
            let mut part = (&mut content).take(entry.length);
            write(entry, &mut part)?;
            if part.limit() > 0 {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a file of it is incomplete"));
            }
        }
        // The checksum is behind the last byte.
        match content.read(&mut [0])? {
            0 => Ok(()),
            _ => Err(io::Error::new(io::ErrorKind::InvalidData, "it is longer than its index says")),
        }
    }
}

/// Gives errors of decompression a kind of their own, which errors of the disk do not have.
struct Content<R>(R);

impl<R: Read> Read for Content<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.raw_os_error() {
            None => io::Error::new(io::ErrorKind::InvalidData, error),
            Some(_) => error,
        })
    }
}

fn read_at(file: &mut File, start: u64, length: u64) -> Result<Vec<u8>, Problem> {
    let mut bytes = vec![0; length as usize];
    file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut bytes)).map_err(Problem::Unreadable)?;
    Ok(bytes)
}

/// Writes the payload of files behind what `output` has already. `contents` are of the files of the index, in order.
pub fn append(output: &mut File, index: &Index, contents: &mut [File], level: i32) -> io::Result<()> {
    output.seek(SeekFrom::End(0))?;
    let frame_bytes = append_frame(output, contents, level)?;
    let index_bytes = append_frame(output, &mut [index.text().as_bytes()], level)?;
    output.write_all(&frame_bytes.to_le_bytes())?;
    output.write_all(&(index_bytes as u32).to_le_bytes())?;
    output.write_all(&MAGIC)
}

/// Returns the length of the frame.
fn append_frame(output: &mut File, contents: &mut [impl Read], level: i32) -> io::Result<u64> {
    let start = output.stream_position()?;
    let mut encoder = zstd::Encoder::new(&mut *output, level)?;
    encoder.include_checksum(true)?;
    for content in contents {
        io::copy(content, &mut encoder)?;
    }
    encoder.finish()?;
    Ok(output.stream_position()? - start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        Index {
            id: "1.0-a".into(),
            files: vec![
                Entry { name: "runtime".into(), length: 3 },
                Entry { name: "script.js".into(), length: 5 },
                Entry { name: "empty".into(), length: 0 },
            ],
            arguments: vec!["run".into(), "--allow-net=127.0.0.1,[::1]".into()],
        }
    }

    fn temporary(name: &str) -> (std::path::PathBuf, File) {
        let path = std::env::temp_dir().join(format!("pli-launcher-{}-{name}", std::process::id()));
        let mut options = File::options();
        (path.clone(), options.read(true).write(true).create(true).truncate(true).open(path).expect("a file"))
    }

    /// A program of nine bytes and the payload of three files.
    fn program(name: &str) -> Vec<u8> {
        let contents = ["one", "three", ""];
        let mut files: Vec<File> = contents
            .iter()
            .enumerate()
            .map(|(at, text)| {
                let (path, mut file) = temporary(&format!("{name}-{at}"));
                file.write_all(text.as_bytes()).expect("written");
                file.rewind().expect("rewound");
                std::fs::remove_file(path).expect("removed");
                file
            })
            .collect();
        let (path, mut output) = temporary(name);
        output.write_all(b"launcher.").expect("written");
        append(&mut output, &index(), &mut files, 3).expect("a payload");
        let bytes = std::fs::read(&path).expect("a program");
        std::fs::remove_file(path).expect("removed");
        bytes
    }

    /// The files of a program; None if it is damaged.
    fn unpacked(name: &str, program: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
        let (path, mut file) = temporary(name);
        file.write_all(program).expect("written");
        std::fs::remove_file(path).expect("removed");
        let mut payload = Payload::open(file).ok()?;
        let mut files = Vec::new();
        let outcome = payload.unpack(|entry, content| {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes)?;
            files.push((entry.name.clone(), bytes));
            Ok(())
        });
        outcome.ok().map(|()| files)
    }

    #[test]
    fn an_index_is_read_back() {
        assert_eq!(Index::parse(&index().text()), Some(index()));
    }

    #[test]
    fn an_index_with_a_path_in_it_is_refused() {
        for name in ["../a", "a/b", "a\\b", ".", "..", ".hidden", "", "C:a"] {
            assert_eq!(Index::parse(&format!("id 1\nfile 1 a\nfile 1 {name}\n")), None, "{name}");
            assert_eq!(Index::parse(&format!("id {name}\nfile 1 a\nfile 1 b\n")), None, "{name}");
        }
    }

    #[test]
    fn files_are_unpacked_as_they_were_packed() {
        let files = unpacked("whole-read", &program("whole")).expect("files");
        let expected = [("runtime", "one"), ("script.js", "three"), ("empty", "")];
        assert_eq!(files, expected.map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())));
    }

    #[test]
    fn a_payload_with_any_bit_changed_is_damaged_or_unchanged() {
        let whole = program("changed");
        let expected = unpacked("changed-read", &whole);
        for at in 9..whole.len() {
            for bit in 0..8 {
                let mut changed = whole.clone();
                changed[at] ^= 1 << bit;
                let files = unpacked("changed-bit", &changed);
                assert!(files.is_none() || files == expected, "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn a_payload_that_is_cut_is_damaged() {
        let whole = program("cut");
        for length in 0..whole.len() {
            assert_eq!(unpacked("cut-read", &whole[..length]), None, "{length} bytes");
        }
    }
}
