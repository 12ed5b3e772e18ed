// The signals that were ignored when pli was started: by `nohup`, by `trap '' INT`, or by a shell script that started
// it in the background. pli ignores them too. Linux lists them in /proc/self/status. A compiled program without all
// permissions cannot read that, so a tool, which inherits them, reads its own. On other systems the shell lists the
// signals that it inherited (as bash does; with a shell that does not, pli has the system's defaults).

const SHELL_LIMIT_MS = 1_000;
/** `SigIgn:\t0000000000001003`: bit n - 1 is signal n. */
const LINUX_LINE = /^SigIgn:\s*([0-9a-f]+)$/m;
/** `trap -- '' HUP`, or `SIGHUP` */
const SHELL_LINE = /^trap -- '' (?:SIG)?([A-Z]+)$/gm;

const NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type EndingSignal = keyof typeof NUMBERS;

/**
 * The ignored ones of SIGHUP, SIGINT and SIGTERM. Must be called before a handler is installed. Empty if they are
 * unknown, and on Windows.
 */
export async function ignoredSignals(os = Deno.build.os): Promise<ReadonlySet<Deno.Signal>> {
  if (os === "windows") return new Set();
  if (os === "linux") return fromMask(await linuxStatus());
  return fromTraps(await textFrom("/bin/sh", ["-c", "trap"]));
}

async function linuxStatus(): Promise<string> {
  try {
    return await Deno.readTextFile("/proc/self/status");
  } catch {
    return await textFrom("grep", ["SigIgn", "/proc/self/status"]);
  }
}

/** The signals in the text of /proc/PID/status. */
export function fromMask(status: string): ReadonlySet<EndingSignal> {
  const mask = BigInt(`0x${LINUX_LINE.exec(status)?.[1] ?? "0"}`);
  return new Set(names().filter((name) => (mask >> BigInt(NUMBERS[name] - 1) & 1n) === 1n));
}

/** The signals in the output of `trap`. */
export function fromTraps(traps: string): ReadonlySet<EndingSignal> {
  const ignored = new Set([...traps.matchAll(SHELL_LINE)].map(([, name]) => `SIG${name}`));
  return new Set(names().filter((name) => ignored.has(name)));
}

function names(): EndingSignal[] {
  return Object.keys(NUMBERS) as EndingSignal[];
}

async function textFrom(command: string, args: string[]): Promise<string> {
  try {
    const signal = AbortSignal.timeout(SHELL_LIMIT_MS);
    const tool = new Deno.Command(command, { args, stdin: "null", stdout: "piped", stderr: "null", signal });
    return new TextDecoder().decode((await tool.output()).stdout);
  } catch {
    // The file does not exist, or may not be read.
    return "";
  }
}
