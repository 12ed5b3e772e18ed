// Flushes a folder, so that its names survive a crash of the system. Does nothing where a system or a volume does not
// support that.

import { platform } from "./platform.ts";
import { systemCode } from "./system_code.ts";

/** The system's codes for a folder or a file that cannot be flushed. */
const UNSUPPORTED: ReadonlySet<string> = new Set([
  "EINVAL",
  "ENOTSUP",
  "EOPNOTSUPP",
  "EISDIR",
  "EBADF",
  "EPERM",
  "EACCES",
]);

/** Flushes a folder. Throws the system's errors. */
export async function syncFolder(path: string): Promise<void> {
  try {
    await platform.syncFolder(path);
  } catch (error) {
    if (!isSyncUnsupported(error)) throw error;
  }
}

/** Whether an error means that flushing is not supported. */
export function isSyncUnsupported(error: unknown): boolean {
  return UNSUPPORTED.has(systemCode(error));
}
