// The inhibition of sleep, by programs in PATH that record their arguments and their process, and end with their input.

import assert from "node:assert/strict";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inhibitionTools, keepingAwake, SleepInhibitor } from "../../src/app/sleep_inhibitor.ts";
import type { TransferEngine } from "../../src/app/transfers/context.ts";
import type { Logger, TransferEvent } from "../../src/engine/mod.ts";
import { needing, NOT_LINUX } from "../left_out.ts";
import { eventually, inTime } from "../time_limits.ts";

/** A clock whose time a test sets. */
class SetClock {
  ms = 0;
  wake: (() => void) | null = null;
  readonly nowMs = () => this.ms;
  readonly timer = (delayMs: number, wake: () => void) => {
    const atMs = this.ms + delayMs;
    this.wake = () => {
      if (this.ms >= atMs) wake();
    };
    return () => this.wake = null;
  };
}

/** Runs a test with programs in front of those in PATH; each is the text of a script. */
async function withPrograms(
  programs: Record<string, string>,
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "pli-inhibit-" });
  const before = Deno.env.get("PATH")!;
  try {
    for (const [name, script] of Object.entries(programs)) {
      await Deno.writeTextFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    Deno.env.set("PATH", `${folder}${delimiter}${before}`);
    await test(folder);
  } finally {
    Deno.env.set("PATH", before);
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes its arguments and its process id beside itself, and is then the last of its arguments: `cat`. */
const HOLDING =
  'echo "$@" >> "$(dirname "$0")/arguments"; echo $$ > "$(dirname "$0")/started"; mv "$(dirname "$0")/started" "$(dirname "$0")/process"; for last; do :; done; exec "$last"';
/** Writes its arguments, and fails. */
const FAILING = 'echo "$@" >> "$(dirname "$0")/arguments"; exit 1';

const read = (path: string) => Deno.readTextFile(path).then((text) => text.trim(), () => "");
const runs = (pid: string) => Deno.stat(`/proc/${pid}`).then(() => true, () => false);

async function pidIn(folder: string): Promise<string> {
  await eventually(async () => await read(join(folder, "process")) !== "", "the program's start");
  return await read(join(folder, "process"));
}

/** A logger that keeps the lines. */
function recorder(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    logger: {
      isOn: () => true,
      log: (level, _, message, fields) => lines.push(`${level} ${message} ${fields?.program}`),
    },
  };
}

Deno.test("sleep inhibitor: every system has a program that ends with its input", () => {
  assert.deepEqual(inhibitionTools("darwin"), [["caffeinate", "-i", "cat"]]);
  assert.deepEqual(inhibitionTools("linux").map(([name, what]) => `${name} ${what}`), [
    "systemd-inhibit --what=idle:sleep",
    "systemd-inhibit --what=idle",
    "elogind-inhibit --what=idle:sleep",
  ]);
  const [[program, ...args]] = inhibitionTools("windows");
  assert.equal(program, "powershell.exe");
  assert.match(args.at(-1)!, /^[^"\n]*SetThreadExecutionState\(2147483649\)[^"\n]*In\.ReadToEnd\(\)$/);
  assert.deepEqual(inhibitionTools("freebsd"), []);
});

Deno.test({
  ...needing(
    "sleep inhibitor: begins after some seconds of movement, and ends a minute after the last",
    NOT_LINUX,
  ),
  fn: () =>
    withPrograms({ "systemd-inhibit": HOLDING }, async (folder) => {
      const clock = new SetClock();
      using inhibitor = new SleepInhibitor({ clock });
      for (clock.ms of [0, 2_000, 4_900]) inhibitor.moved();
      assert.equal(inhibitor.isHeld, false);
      // A pause of more than a minute begins a new movement.
      for (clock.ms of [70_000, 74_000]) inhibitor.moved();
      assert.equal(inhibitor.isHeld, false);
      clock.ms = 75_000;
      inhibitor.moved();
      assert.equal(inhibitor.isHeld, true);
      const pid = await pidIn(folder);
      assert.equal(
        await read(join(folder, "arguments")),
        "--what=idle:sleep --mode=block --who=pli --why=Files are being transferred cat",
      );
      clock.ms = 130_000;
      inhibitor.moved();
      clock.ms = 135_000;
      clock.wake!();
      assert.equal(inhibitor.isHeld, true);
      clock.ms = 189_999;
      clock.wake!();
      assert.ok(await runs(pid));
      clock.ms = 190_000;
      clock.wake!();
      assert.equal(inhibitor.isHeld, false);
      await eventually(async () => !await runs(pid), "the program's end");
    }),
});

Deno.test({
  ...needing(
    "sleep inhibitor: a program that fails is replaced by the next, and the last by none",
    NOT_LINUX,
  ),
  fn: () =>
    withPrograms({ "systemd-inhibit": FAILING, "elogind-inhibit": FAILING }, async (folder) => {
      const clock = new SetClock();
      const { logger, lines } = recorder();
      using inhibitor = new SleepInhibitor({ clock, logger });
      for (const [at, expected] of [1, 2, 3, 3].entries()) {
        inhibitor.moved();
        clock.ms += 5_000;
        inhibitor.moved();
        await eventually(() => !inhibitor.isHeld, `the end of program ${at}`);
        const started = (await read(join(folder, "arguments"))).split("\n");
        assert.equal(started.length, expected);
      }
      assert.deepEqual(lines.filter((line) => line.startsWith("info")), [
        "info cannot keep the computer awake by this program systemd-inhibit",
        "info cannot keep the computer awake by this program systemd-inhibit",
        "info cannot keep the computer awake by this program elogind-inhibit",
      ]);
    }),
});

Deno.test("sleep inhibitor: a system without such a program is no error", () => {
  const clock = new SetClock();
  const { logger, lines } = recorder();
  using inhibitor = new SleepInhibitor({ clock, logger, tools: [["pli-no-such-program"]] });
  for (clock.ms of [0, 5_000, 6_000]) inhibitor.moved();
  assert.equal(inhibitor.isHeld, false);
  assert.deepEqual(lines, ["info cannot keep the computer awake by this program pli-no-such-program"]);
});

Deno.test({
  ...needing("sleep inhibitor: its program ends with a pli that is killed", NOT_LINUX),
  fn: () =>
    withPrograms({ "systemd-inhibit": HOLDING }, async (folder) => {
      const script = fileURLToPath(new URL("inhibiting_process.ts", import.meta.url));
      const process = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", script],
        stdin: "null",
        stdout: "piped",
      }).spawn();
      const lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
      assert.equal((await inTime(lines.read(), "the inhibition")).value, "true\n");
      const pid = await pidIn(folder);
      assert.ok(await runs(pid));
      process.kill("SIGKILL");
      await process.status;
      await lines.cancel();
      await eventually(async () => !await runs(pid), "the program's end");
    }),
});

Deno.test("sleep inhibitor: bytes that move keep the computer awake, and waiting does not", async () => {
  let moves = 0;
  const inhibitor = { moved: () => moves++ } as unknown as SleepInhibitor;
  const events: TransferEvent[] = [];
  const engine = {
    share: (options: { onEvent: (event: TransferEvent) => void }) => {
      const movesAfter = (event: TransferEvent) => {
        options.onEvent(event);
        return moves;
      };
      const progress = (bytes: number, id: string): TransferEvent => {
        return { type: "progress", bytes, total: 9, files: 0, id };
      };
      assert.equal(movesAfter({ type: "hashing", bytes: 1, total: 9, files: 1 }), 1);
      assert.equal(movesAfter({ type: "hashing", bytes: 1, total: 9, files: 1 }), 1);
      assert.equal(movesAfter({ type: "waiting", reason: "relay" }), 1);
      assert.equal(movesAfter({ type: "receiver", id: "a", state: "connected" }), 1);
      assert.equal(movesAfter(progress(1, "a")), 2);
      assert.equal(movesAfter(progress(1, "b")), 3);
      assert.equal(movesAfter(progress(1, "a")), 3);
      assert.equal(movesAfter({ type: "stalled", seconds: 5, id: "a" }), 3);
      assert.equal(movesAfter(progress(2, "a")), 4);
      return Promise.resolve();
    },
  } as unknown as TransferEngine;
  const onEvent = (event: TransferEvent) => void events.push(event);
  await keepingAwake(engine, inhibitor).share({ onEvent } as Parameters<TransferEngine["share"]>[0]);
  assert.equal(events.length, 9);
});
