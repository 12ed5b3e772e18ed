// deno-lint-ignore-file no-control-regex
import { deepStrictEqual } from "node:assert";
import { figuresAfter, NO_FIGURES } from "../../src/app/transfers/figures.ts";
import type { TransferEvent } from "../../src/engine/mod.ts";
import { Output } from "../../src/cli/report/output.ts";
import { ProgressDisplay } from "../../src/cli/report/progress.ts";
import { CliFixture } from "./cli_fixture.ts";

const ABOUT = { side: "receiving", label: null, totalFiles: 1 } as const;
const MODE = { json: false, quiet: false, color: false, isDataOutput: false, isPlain: false };

/** The output while `use` runs, with a virtual clock and ticks. */
async function drawn(
  isTerminal: boolean,
  use: (view: ProgressDisplay, pass: (seconds: number) => void) => void,
): Promise<string[]> {
  const { setInterval, clearInterval } = globalThis;
  const fixture = new CliFixture("", { isTerminal });
  const output = new Output(fixture.terminal, MODE);
  let nowMs = 0;
  const ticks = new Set<() => void>();
  try {
    globalThis.setInterval = ((tick: () => void) => (ticks.add(tick), tick)) as unknown as typeof setInterval;
    globalThis.clearInterval = ((tick: () => void) => ticks.delete(tick)) as unknown as typeof clearInterval;
    using view = new ProgressDisplay(output, () => nowMs);
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
  return fixture.error.text.split(/\r\x1b\[K|\n/).filter((line) => line !== "");
}

Deno.test("progress view: a long wait has its duration, on one line", async () => {
  const lines = await drawn(true, (view, pass) => {
    view.waitLong("Lost…");
    pass(2);
    view.waitLong("Lost…");
    pass(1);
    const progress = { type: "progress", bytes: 1, total: 1, files: 1 } as const;
    view.transfer(figuresAfter(NO_FIGURES, progress, 0).shown, ABOUT);
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

Deno.test("progress view: without a drawn line, a long wait is reported once", async () => {
  const lines = await drawn(false, (view, pass) => {
    view.waitLong("Lost…");
    pass(5);
    view.waitLong("Lost…");
    pass(5);
  });
  deepStrictEqual(lines, ["Lost…"]);
});

Deno.test("E.26 progress view: a stalled transfer has no speed and no time left, but the duration of the stall", async () => {
  const lines = await drawn(true, (view, pass) => {
    let [figures, nowMs] = [NO_FIGURES, 0];
    const show = (event: TransferEvent) => {
      figures = figuresAfter(figures, event, nowMs);
      view.transfer(figures.shown, { ...ABOUT, totalFiles: 3 });
    };
    const progress = (bytes: number) => show({ type: "progress", bytes, total: 1_000_000, files: 1 });
    const passed = (seconds: number) => {
      nowMs += seconds * 1_000;
      pass(seconds);
    };
    progress(0);
    passed(1);
    progress(100_000);
    passed(1);
    progress(200_000);
    passed(2);
    show({ type: "stalled", seconds: 2 });
    passed(1);
    show({ type: "stalled", seconds: 3 });
    passed(1);
    progress(250_000);
  });
  deepStrictEqual(lines.map((line) => line.replace(/^[█░]+ {2}/, "")), [
    "0%  0 bytes of 1.0 MB  1 of 3 files",
    "10%  100 kB of 1.0 MB  100 kB/s  9 sec left  1 of 3 files",
    "20%  200 kB of 1.0 MB  100 kB/s  8 sec left  1 of 3 files",
    "20%  200 kB of 1.0 MB  Nothing has arrived for 2 sec  1 of 3 files",
    "20%  200 kB of 1.0 MB  Nothing has arrived for 3 sec  1 of 3 files",
    "25%  250 kB of 1.0 MB  1 of 3 files",
  ]);
});
