//! The launcher of a one-file program (see `payload`). It unpacks the runtime if needed, and runs it with the arguments of
//! the payload, the script, and those of the user.

mod start;

use pli_launcher::cache::{self, Unpacked};
use pli_launcher::payload::Payload;
use pli_launcher::problem::Problem;
use std::env;
use std::fs::{self, File};
use std::io;
use std::process::{Command, ExitCode};

/// The user's folder, for `main.ts`.
const USER_HOME: &str = "PLI_USER_HOME";
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
    let program = own_file().map_err(Problem::Unreadable)?;
    let mut payload = Payload::open(program)?;
    let mut problems = Vec::new();
    for folder in cache::folders() {
        let outcome = cache::unpack(&mut payload, &folder).and_then(|unpacked| {
            let command = command(&payload, &unpacked);
            start::start(command, unpacked.lock).map_err(|error| {
                // A folder from which nothing may be executed shows only here.
                if error.kind() == io::ErrorKind::PermissionDenied {
                    let _ = fs::remove_dir_all(&unpacked.folder);
                }
                Problem::folder(&folder, error)
            })
        });
        match outcome {
            Ok(code) => return Ok(code),
            Err(problem @ Problem::Folder(..)) => problems.push(problem),
            Err(problem) => return Err(problem),
        }
    }
    Err(Problem::NoFolder(problems))
}

/// The file of this program, on Linux also after its name was removed.
fn own_file() -> io::Result<File> {
    #[cfg(target_os = "linux")]
    if let Ok(file) = File::open("/proc/self/exe") {
        return Ok(file);
    }
    File::open(env::current_exe()?)
}

/// Whether a variable would change how the runtime runs pli: with other permissions, with other code, or not at all. Such
/// variables are set for other programs of the same runtime.
fn is_of_runtime(name: &str) -> bool {
    const OTHERS: [&str; 3] = ["NODE_OPTIONS", "NODE_V8_COVERAGE", "NODE_CHANNEL_FD"];
    let name = name.to_ascii_uppercase();
    name.starts_with("DENO_") || name.starts_with("OTEL_") || OTHERS.contains(&name.as_str())
}

fn command(payload: &Payload, unpacked: &Unpacked) -> Command {
    let path = |at: usize| unpacked.folder.join(&payload.index.files[at].name);
    let mut command = Command::new(path(0));
    command.args(&payload.index.arguments).arg(path(1)).args(env::args_os().skip(1));
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(is_of_runtime) {
            command.env_remove(name);
        }
    }
    command.env_remove(USER_HOME);
    // The runtime's caches belong to this version, and it looks for no update.
    command.env("DENO_DIR", unpacked.folder.join("runtime_cache"));
    command.env("DENO_NO_UPDATE_CHECK", "1");
    // It would read npm's settings in the user's folder, and end where it cannot. pli restores the variable, which must
    // be UTF-8 for that.
    #[cfg(unix)]
    if let Ok(home) = env::var("HOME") {
        command.env(USER_HOME, home).env("HOME", &unpacked.folder);
    }
    // For links and menus that start it again.
    if let Ok(program) = env::current_exe() {
        command.env("PLI_PROGRAM_PATH", program);
    }
    command
}
