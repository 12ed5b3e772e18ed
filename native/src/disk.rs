//! What Deno's file API lacks.

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::os::fd::AsRawFd;

    use napi::bindgen_prelude::{Env, PromiseRaw, spawn_blocking};
    use napi_derive::napi;

    use crate::fault::fault;

    /// Flushes the file system that holds a path. The error says why it could not, as `(os error N)`.
    #[napi(catch_unwind)]
    pub fn sync_volume<'env>(env: &'env Env, path: String) -> napi::Result<PromiseRaw<'env, ()>> {
        env.spawn_future(async move {
            let flush = move || -> std::io::Result<()> {
                let folder = File::open(path)?;
                // SAFETY: the descriptor is open for as long as the call runs.
                if unsafe { libc::syncfs(folder.as_raw_fd()) } == 0 {
                    return Ok(());
                }
                Err(std::io::Error::last_os_error())
            };
            spawn_blocking(flush).await.map_err(fault)?.map_err(fault)
        })
    }
}
