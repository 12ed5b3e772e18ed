// The limit on the size of files (`ulimit -f`): without a listener the system ends the process by SIGXFSZ; with one
// the write fails (EFBIG) like any other.

/** Makes writes beyond the limit fail instead of ending the process. */
export function failAtFileSizeLimit(): void {
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGXFSZ", () => {});
}
