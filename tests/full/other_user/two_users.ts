// Two users of one computer: ada, who runs pli, and an intruder. Both are user ids without an account; a test with them
// has to be root.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Bench, type Running, type StartOptions } from "../../product/processes.ts";
import { pliCommand } from "../../product/program.ts";

/** Different for each run, so that runs do not share processes. */
export const ADA = 100_000 + 2 * (Deno.pid % 50_000);
export const INTRUDER = ADA + 1;
const SCRIPT = fileURLToPath(new URL("intruder.ts", import.meta.url));
/** A fake xdg-open, which stores its argument, its environment, and the file that it should show. */
const XDG_OPEN = `#!/bin/sh
umask 077
env > "$HOME/browser.environment"
case "$1" in file://*) cat "\${1#file://}" > "$HOME/browser.file" ;; esac
printf '%s' "$1" > "$HOME/browser.argument.new"
mv "$HOME/browser.argument.new" "$HOME/browser.argument"
sleep 3
`;

/** Whether this process can run programs as other users. */
export const canBeOthers = Deno.build.os === "linux" && Deno.uid() === 0 && isRunnableBy(ADA);

function isRunnableBy(uid: number): boolean {
  try {
    const [program, ...before] = asUser(uid);
    const args = [...before, pliCommand[0], "--version"];
    return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

function asUser(uid: number): [string, ...string[]] {
  return [
    "setpriv",
    `--reuid=${uid}`,
    `--regid=${uid}`,
    "--clear-groups",
    "--inh-caps=-all",
    "--no-new-privs",
  ];
}

export class TwoUsers implements AsyncDisposable {
  private constructor(readonly bench: Bench, readonly intruder: Intruder) {}

  static async create(): Promise<TwoUsers> {
    const bench = await Bench.make();
    // Like homes on many systems: others can enter and list them.
    await Deno.chmod(bench.folder, 0o755);
    for (const [name, uid] of [["ada", ADA], ["intruder", INTRUDER]] as const) {
      await Deno.mkdir(bench.path(name));
      await Deno.chown(bench.path(name), uid, uid);
    }
    // A terminal is private to its user, and so is the file for it here.
    await Deno.mkdir(bench.path("ada", "terminal"), { mode: 0o700 });
    await Deno.chown(bench.path("ada", "terminal"), ADA, ADA);
    await Deno.mkdir(bench.path("shared"));
    await Deno.chmod(bench.path("shared"), 0o1777);
    await Deno.mkdir(bench.path("tools"));
    await Deno.writeTextFile(bench.path("tools", "xdg-open"), XDG_OPEN, { mode: 0o755 });
    await Deno.chmod(bench.path("tools"), 0o755);
    const running = bench.run("setpriv", [
      ...asUser(INTRUDER).slice(1),
      Deno.execPath(),
      "run",
      "-A",
      "--no-check",
      SCRIPT,
    ], {
      env: environmentOf(bench, "intruder"),
      takesInput: true,
    });
    return new TwoUsers(bench, new Intruder(running));
  }

  /** The home of pli. */
  get home(): string {
    return this.bench.path("ada", "pli");
  }

  /** A file of ada, read by root. */
  async adas(name: string): Promise<string> {
    return await Deno.readTextFile(this.bench.path("ada", name));
  }

  /** Runs pli as ada; at a terminal with a desktop, if it is to be seen. */
  pli(
    args: readonly string[],
    { env = {}, isSeen = false }: Pick<StartOptions, "env"> & { isSeen?: boolean } = {},
  ): Running {
    const [program, ...before] = asUser(ADA);
    const line = [...pliCommand, ...args];
    const command = isSeen
      ? [
        "script",
        "-qefc",
        `exec ${line.map(quoted).join(" ")}`,
        this.bench.path("ada", "terminal", "typescript"),
      ]
      : line;
    return this.bench.run(program, [...before, ...command], {
      cwd: this.bench.path("ada"),
      env: {
        ...environmentOf(this.bench, "ada"),
        PLI_HOME: this.home,
        ...isSeen && { DISPLAY: ":0", TERM: "xterm", SHELL: "/bin/sh" },
        ...env,
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A program at a terminal is no child of this process.
    for (const pid of await pidsOf(ADA)) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch {
        // It has ended.
      }
    }
    await until(async () => (await pidsOf(ADA)).length === 0 ? true : null, () => "a process of ada's stays");
    await this.bench[Symbol.asyncDispose]();
  }
}

function environmentOf(bench: Bench, user: string): Record<string, string> {
  return {
    HOME: bench.path(user),
    TMPDIR: bench.path("shared"),
    DENO_DIR: bench.path(user, "deno"),
    PATH: `${bench.path("tools")}:${Deno.env.get("PATH")}`,
    SSH_CONNECTION: "",
  };
}

/** The program of the other user. */
export class Intruder {
  #answers = 0;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(readonly running: Running) {
    this.#writer = running.process.stdin.getWriter();
  }

  /** Sends an order. Resolves to its result. */
  async does<T>(what: string, parameters: Record<string, unknown> = {}): Promise<T> {
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify({ do: what, ...parameters })}\n`));
    const index = this.#answers++;
    const { stdout } = this.running;
    let seen = 0;
    const line = await stdout.first((text) => seen++ === index ? text : undefined);
    assert.ok(line !== undefined, this.running.output);
    return JSON.parse(line);
  }
}

/** The processes of a user. */
export async function pidsOf(uid: number): Promise<number[]> {
  const pids: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const status = await Deno.readTextFile(`/proc/${name}/status`).catch(() => "");
    const isAlive = !/^State:\tZ/m.test(status);
    if (isAlive && new RegExp(`^Uid:\t${uid}\t`, "m").test(status)) pids.push(Number(name));
  }
  return pids;
}

/** A folder and everything in it, read by root. */
export async function treeOf(folder: string): Promise<string[]> {
  const paths = [folder];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    paths.push(...isDirectory ? await treeOf(path) : [path]);
  }
  return paths;
}

/** Resolves when something is there. */
export async function until<T>(
  look: () => Promise<T | null>,
  whatElse: () => string,
  limitMs = 60_000,
): Promise<T> {
  const untilMs = performance.now() + limitMs;
  for (;;) {
    const found = await look().catch(() => null);
    if (found !== null) return found;
    assert.ok(performance.now() < untilMs, whatElse());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
