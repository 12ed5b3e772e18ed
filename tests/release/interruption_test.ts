// Ctrl-C reaches pli on every system, also where a launcher has started it: by a signal, and on Windows by an event of
// the console.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Bench } from "../product/processes.ts";
import { pliCommand } from "../product/program.ts";

const CONSOLE = fileURLToPath(new URL("windows_console.ts", import.meta.url));
const INTERRUPTED = 130;

Deno.test("release: Ctrl-C ends a share in order, with the exit code for it", async () => {
  await using bench = await Bench.make();
  await Deno.writeTextFile(bench.path("letter.txt"), "A letter.\n");
  const args = ["send", "--relay", "disabled", "--json", bench.path("letter.txt")];
  const { code, output } = Deno.build.os === "windows"
    ? await typed(bench, args)
    : await signalled(bench, args);
  assert.equal(code, INTERRUPTED, output);
  assert.match(output, /"type":"ended","state":"stopped"/);
});

async function signalled(bench: Bench, args: string[]) {
  const [program, ...before] = pliCommand;
  const running = bench.run(program, [...before, ...args], { env: { PLI_HOME: bench.path("home") } });
  await running.stdout.first((line) => line.includes('"type":"ticket"') || undefined);
  running.process.kill("SIGINT");
  const code = await running.ended();
  return { code, output: running.output };
}

async function typed(bench: Bench, args: string[]): Promise<{ code: number; output: string }> {
  const result = bench.path("result.json");
  const own = ["run", "-A", "--no-check", CONSOLE, result, '"type":"ticket"', ...pliCommand];
  const running = bench.run(Deno.execPath(), [...own, ...args], { env: { PLI_HOME: bench.path("home") } });
  assert.equal(await running.ended(), 0, running.output);
  return JSON.parse(await Deno.readTextFile(result));
}
