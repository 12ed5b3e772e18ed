// deno-lint-ignore-file no-control-regex
import { deepStrictEqual } from "node:assert";
import { Output } from "../../src/cli/output.ts";
import { ProgressView } from "../../src/cli/progress_view.ts";
import { FakeWorld } from "./fake_world.ts";

const MANNERS = { json: false, quiet: false, color: false, isDataOutput: false };

/** What is written while `use` runs, with a clock and ticks of its own. */
async function drawn(
  isTerminal: boolean,
  use: (view: ProgressView, pass: (seconds: number) => void) => void,
): Promise<string[]> {
  const { setInterval, clearInterval } = globalThis;
  const world = new FakeWorld("", { isTerminal });
  const output = new Output(world.terminal, MANNERS);
  let nowMs = 0;
  const ticks = new Set<() => void>();
  try {
    globalThis.setInterval = ((tick: () => void) => (ticks.add(tick), tick)) as unknown as typeof setInterval;
    globalThis.clearInterval = ((tick: () => void) => ticks.delete(tick)) as unknown as typeof clearInterval;
    using view = new ProgressView(output, () => nowMs);
    use(view, (seconds) => {
      for (let second = 0; second < seconds; second++) {
        nowMs += 1_000;
        ticks.forEach((tick) => tick());
      }
    });
  } finally {
    Object.assign(globalThis, { setInterval, clearInterval });
  }
  deepStrictEqual(ticks.size, 0, "nothing ticks when it is over");
  await output.flush();
  return world.error.text.split(/\r\x1b\[K|\n/).filter((line) => line !== "");
}

Deno.test("progress view: a long wait says for how long it has been, on one line", async () => {
  const lines = await drawn(true, (view, pass) => {
    view.waitLong("Lost…");
    pass(2);
    view.waitLong("Lost…");
    pass(1);
    view.transfer({ type: "progress", bytes: 1, total: 1, files: 1 }, 1);
    pass(2);
    view.waitLong("Lost…");
    pass(1);
    view.moved();
    pass(1);
  });
  deepStrictEqual(lines.filter((line) => line.startsWith("Lost")), [
    "Lost…",
    "Lost… 1 sec",
    "Lost… 2 sec",
    "Lost… 3 sec",
    "Lost…",
    "Lost… 1 sec",
  ]);
});

Deno.test("progress view: where nothing is drawn, a long wait is said once", async () => {
  const lines = await drawn(false, (view, pass) => {
    view.waitLong("Lost…");
    pass(5);
    view.waitLong("Lost…");
    pass(5);
  });
  deepStrictEqual(lines, ["Lost…"]);
});
