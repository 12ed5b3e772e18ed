// The options of Deno with which the released programs run pli's bundle.

/** The program's permissions. It reads and writes files and runs programs; its server listens on this computer only. */
export const PERMISSIONS = [
  "--allow-read",
  "--allow-write",
  "--allow-env",
  // The addon, which does its own networking.
  "--allow-ffi",
  // The page.
  "--allow-net=127.0.0.1,[::1],localhost",
  // The host's name, and the free space of a disk.
  "--allow-sys",
  // The clipboard, the browser, showing a folder, and keeping the computer awake.
  "--allow-run",
];

/** Without questions, and without the settings and the lock file of the folder in which pli is started. */
export const ALONE = ["--no-config", "--no-lock", "--no-prompt", "--no-check"];

/** Without modules other than the bundle. */
export const WITHOUT_PACKAGES = ["--no-remote", "--no-npm"];
