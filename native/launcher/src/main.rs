//! The launcher of a one-file program (see `payload`). It unpacks the runtime if needed, and runs it with the arguments of
//! the payload, the script, and those of the user.

mod start;

use pli_launcher::cache::{self, Unpacked};
use pli_launcher::payload::Payload;
use pli_launcher::problem::Problem;
use std::env;
use std::fs::File;
use std::process::{Command, ExitCode};

/// As pli's own exit code for a disk that fails.
const DISK_FAILED: u8 = 5;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(problem) => {
            eprintln!("pli: {problem}");
            ExitCode::from(DISK_FAILED)
        }
    }
}

fn run() -> Result<ExitCode, Problem> {
    let program = env::current_exe().and_then(File::open).map_err(Problem::Unreadable)?;
    let mut payload = Payload::open(program)?;
    let mut problems = Vec::new();
    for folder in cache::folders() {
        let outcome = cache::unpack(&mut payload, &folder).and_then(|unpacked| {
            let command = command(&payload, &unpacked);
            // A folder from which nothing may be executed shows only here.
            start::start(command, unpacked.lock).map_err(|error| Problem::folder(&folder, error))
        });
        match outcome {
            Ok(code) => return Ok(code),
            Err(problem @ Problem::Folder(..)) => problems.push(problem),
            Err(problem) => return Err(problem),
        }
    }
    Err(Problem::NoFolder(problems))
}

fn command(payload: &Payload, unpacked: &Unpacked) -> Command {
    let path = |at: usize| unpacked.folder.join(&payload.index.files[at].name);
    let mut command = Command::new(path(0));
    command.args(&payload.index.arguments).arg(path(1)).args(env::args_os().skip(1));
    // The runtime's caches belong to this version, and it looks for no update.
    command.env("DENO_DIR", unpacked.folder.join("runtime_cache"));
    command.env("DENO_NO_UPDATE_CHECK", "1");
    // For links and menus that start it again.
    if let Ok(program) = env::current_exe() {
        command.env("PLI_PROGRAM_PATH", program);
    }
    command
}
