// Real processes and real signals: what a test inside this process could not survive.

import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { join } from "node:path";
import { TICKET } from "./fake_world.ts";

const SCRIPT = join(import.meta.dirname!, "hanging_pli.ts");

interface Running {
  process: Deno.ChildProcess;
  home: string;
  /** Reads standard error until it has said this. */
  said(text: string): Promise<void>;
  /** All of standard error, when the process has ended. */
  rest(): Promise<string>;
}

async function withPli(
  argv: string[],
  environment: Record<string, string>,
  use: (pli: Running) => Promise<void>,
) {
  const home = await Deno.makeTempDir();
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", SCRIPT, ...argv],
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
    await Deno.remove(home, { recursive: true });
  }
}

const isUnix = Deno.build.os !== "windows";

Deno.test({
  name: "interruption: Ctrl-C and SIGTERM end a share with their exit codes, and keep its record",
  ignore: !isUnix,
  fn: async () => {
    for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      await withPli(["send", SCRIPT, "--keep"], {}, async ({ process, home, said, rest }) => {
        await said("Ctrl-C ends it");
        const startMs = performance.now();
        process.kill(signal);
        strictEqual((await process.status).code, code);
        ok(performance.now() - startMs < 2_000);
        match(await rest(), /Stopped\. Run the same command again/);
        const names = [...Deno.readDirSync(join(home, "shares"))].map(({ name }) => name);
        strictEqual(names.length, 1);
        match(names[0], /^[0-9a-f]{64}\.json$/);
      });
    }
  },
});

Deno.test({
  name: "interruption: a second Ctrl-C does not wait for the clean-up, nor does the first for ever",
  ignore: !isUnix,
  fn: async () => {
    await withPli(["send", SCRIPT], { STUCK: "1" }, async ({ process, said }) => {
      await said("Keep this open");
      process.kill("SIGINT");
      await new Promise((resolve) => setTimeout(resolve, 200));
      process.kill("SIGINT");
      const startMs = performance.now();
      strictEqual((await process.status).code, 130);
      ok(performance.now() - startMs < 1_000);
    });
    await withPli(["send", SCRIPT], { STUCK: "1" }, async ({ process, said }) => {
      await said("Keep this open");
      const startMs = performance.now();
      process.kill("SIGINT");
      strictEqual((await process.status).code, 130);
      ok(performance.now() - startMs < 3_000);
    });
  },
});

Deno.test({
  name: "interruption: standard output that nobody reads any more ends pli quietly",
  ignore: !isUnix,
  fn: async () => {
    await withPli(["receive", TICKET, "--json"], {}, async ({ process, rest }) => {
      await process.stdout.cancel();
      strictEqual((await process.status).code, 141);
      deepStrictEqual(await rest(), "");
    });
  },
});
