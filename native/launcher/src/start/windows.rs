use std::fs::File;
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::process::{Command, ExitCode};
use std::ptr;
use windows_sys::Win32::Foundation::TRUE;
use windows_sys::Win32::System::Console::SetConsoleCtrlHandler;
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK, JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation,
    SetInformationJobObject,
};

/// Runs the command as a child that ends with the launcher. The console sends its events, such as Ctrl-C, to both
/// processes: the child handles them, and the launcher waits for its exit code.
pub fn start(mut command: Command, _lock: Option<File>) -> io::Result<ExitCode> {
    let job = job_that_ends_its_processes()?;
    // SAFETY: a handler that is a function of this program, which is never unloaded.
    unsafe { SetConsoleCtrlHandler(Some(ignore_event), TRUE) };
    let mut child = command.spawn()?;
    // It fails in a job that permits no other: the child then does not end with the launcher.
    // SAFETY: both handles are open.
    let _ = unsafe { AssignProcessToJobObject(job.as_raw_handle(), child.as_raw_handle()) };
    let status = child.wait()?;
    // Codes of the system, such as that of a crash, have more than eight bits.
    std::process::exit(status.code().unwrap_or(1));
}

unsafe extern "system" fn ignore_event(_event: u32) -> i32 {
    TRUE
}

/// When its last handle is closed, also by the end of the launcher, the child in it is ended. What the child starts, such
/// as a browser, is not in it.
fn job_that_ends_its_processes() -> io::Result<OwnedHandle> {
    let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
    // SAFETY: the pointers are null, or to a structure of the size given, and live during the calls.
    unsafe {
        let handle = CreateJobObjectW(ptr::null(), ptr::null());
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        let job = OwnedHandle::from_raw_handle(handle);
        let size = size_of::<JOBOBJECT_EXTENDED_LIMIT_INFORMATION>() as u32;
        if SetInformationJobObject(handle, JobObjectExtendedLimitInformation, ptr::from_ref(&limits).cast(), size) == 0
        {
            return Err(io::Error::last_os_error());
        }
        Ok(job)
    }
}
