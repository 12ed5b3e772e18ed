// Real processes and real signals, which would end the process of the tests.

import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { join } from "node:path";
import { needing, NOT_UNIX } from "../left_out.ts";
import { atMost, inTime } from "../time_limits.ts";
import { WITH_DEFAULT_SIGNALS } from "../product/program.ts";
import { TICKET } from "./cli_fixture.ts";

const SCRIPT = join(import.meta.dirname!, "hanging_pli.ts");

interface Running {
  process: Deno.ChildProcess;
  home: string;
  /** Reads standard error until it contains this. */
  said(text: string): Promise<void>;
  /** All of standard error, when the process has ended. */
  rest(): Promise<string>;
}

async function withPli(
  argv: string[],
  environment: Record<string, string>,
  use: (pli: Running) => Promise<void>,
  wrapper: readonly string[] = WITH_DEFAULT_SIGNALS,
) {
  const home = await Deno.makeTempDir();
  const line = [...wrapper, Deno.execPath(), "run", "-A", "--no-check", SCRIPT, ...argv];
  const process = new Deno.Command(line[0], {
    args: line.slice(1),
    env: { PLI_HOME: home, LC_ALL: "C", ...environment },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = process.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let heard = "";
  const hear = async () => {
    const { value, done } = await reader.read();
    heard += value ?? "";
    return !done;
  };
  const said = async (text: string) => {
    while (!heard.includes(text)) {
      if (!await hear()) throw new Error(`ended without saying ${text}: ${heard}`);
    }
  };
  const rest = async () => {
    while (await hear());
    return heard;
  };
  try {
    await use({ process, home, said, rest });
    await rest();
    if (!process.stdout.locked) await process.stdout.cancel();
    await process.status;
  } finally {
    try {
      process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test({
  ...needing(
    "interruption: Ctrl-C and SIGTERM end a share with their exit codes, and keep its record",
    NOT_UNIX,
  ),
  fn: async () => {
    for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      await withPli(["send", SCRIPT, "--keep"], {}, async ({ process, home, said, rest }) => {
        await said("Ctrl-C ends it");
        const startMs = performance.now();
        process.kill(signal);
        strictEqual((await process.status).code, code);
        ok(performance.now() - startMs < atMost(2_000));
        match(await rest(), /Stopped\. Run the same command again/);
        const names = [...Deno.readDirSync(join(home, "shares"))].map(({ name }) => name);
        strictEqual(names.length, 1);
        match(names[0], /^[0-9a-f]{64}\.json$/);
      });
    }
  },
});

Deno.test({
  ...needing(
    "interruption: the advice after a share states whether the same command makes the same ticket",
    NOT_UNIX,
  ),
  fn: async () => {
    const key = { IROH_SECRET: "11".repeat(32) };
    const noHome = { PLI_HOME: join(SCRIPT, "none") };
    const cases: [string[], Record<string, string>, RegExp][] = [
      [["--new", SCRIPT], {}, /Stopped\. Run the same command without --new to go on\./],
      [["-"], {}, /Stopped\. Its ticket is void; the same command makes another one\./],
      [[SCRIPT], noHome, /Stopped\. Its ticket is void; the same command makes another one\./],
      [[SCRIPT], { ...noHome, ...key }, /Stopped\. Run the same command again to go on\./],
      [["-"], key, /Stopped\. Run the same command again to go on\./],
    ];
    for (const [line, environment, expected] of cases) {
      await withPli(["send", "--keep", ...line], environment, async ({ process, said, rest }) => {
        await said("Ctrl-C ends it");
        process.kill("SIGINT");
        match(await rest(), expected);
      });
    }
  },
});

Deno.test({
  ...needing(
    "interruption: a second Ctrl-C skips the clean-up, and the first limits its time",
    NOT_UNIX,
  ),
  fn: async () => {
    // Only the second signal can end it.
    const forEver = `${2 ** 31 - 1}`;
    await withPli(["send", SCRIPT], { STUCK: "1", CLEANUP_MS: forEver }, async ({ process, said }) => {
      await said("Keep this open");
      process.kill("SIGINT");
      // Equal pending signals are delivered once.
      await said("closing");
      process.kill("SIGINT");
      const startMs = performance.now();
      strictEqual((await inTime(process.status, "the second Ctrl-C")).code, 130);
      ok(performance.now() - startMs < atMost(1_000));
    });
    await withPli(["send", SCRIPT], { STUCK: "1" }, async ({ process, said }) => {
      await said("Keep this open");
      const startMs = performance.now();
      process.kill("SIGINT");
      strictEqual((await process.status).code, 130);
      ok(performance.now() - startMs < atMost(3_000));
    });
  },
});

Deno.test({
  ...needing("interruption: standard output without a reader ends pli without a message", NOT_UNIX),
  fn: async () => {
    await withPli(["receive", TICKET, "--json"], {}, async ({ process, rest }) => {
      await process.stdout.cancel();
      strictEqual((await process.status).code, 141);
      deepStrictEqual(await rest(), "");
    });
  },
});

Deno.test({
  ...needing(
    "E.13 interruption: signals that were ignored at the start stay ignored, the others end it",
    NOT_UNIX,
  ),
  fn: async () => {
    const cases = [["HUP", "SIGHUP", "SIGINT", 130], ["INT", "SIGINT", "SIGHUP", 129]] as const;
    for (const [name, ignored, other, code] of cases) {
      const wrapper = [...WITH_DEFAULT_SIGNALS, "sh", "-c", `trap '' ${name}; exec "$@"`, "sh"];
      await withPli(["send", SCRIPT, "--keep"], {}, async ({ process, said }) => {
        await said("Ctrl-C ends it");
        process.kill(ignored);
        process.kill("SIGUSR1");
        await said("handled");
        // The first handled signal determines the exit code.
        process.kill(other);
        strictEqual((await process.status).code, code);
      }, wrapper);
    }
  },
});
