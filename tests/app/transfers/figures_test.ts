import { deepStrictEqual, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import type { TransferEvent } from "../../../src/engine/mod.ts";
import { type Figures, figuresAfter, NO_FIGURES } from "../../../src/app/transfers/figures.ts";

const TOTAL = 1_000_000;

/** The figures after each of a sequence of events. */
class Followed {
  #figures = NO_FIGURES;

  after(event: TransferEvent, nowMs: number): Figures {
    return (this.#figures = figuresAfter(this.#figures, event, nowMs)).shown;
  }
}

const progress = (bytes: number, files = 0) => ({ type: "progress", bytes, total: TOTAL, files }) as const;

Deno.test("E.26 figures: a stalled transfer has no speed until a new measurement", () => {
  const figures = new Followed();
  figures.after(progress(0), 0);
  strictEqual(figures.after(progress(100_000), 1_000).bytesPerSecond, 100_000);
  const stalled = figures.after({ type: "stalled", seconds: 2 }, 3_000);
  deepStrictEqual([stalled.bytes, stalled.bytesPerSecond, stalled.stalledSeconds], [100_000, null, 2]);
  strictEqual(figures.after({ type: "stalled", seconds: 30 }, 31_000).stalledSeconds, 30);
  const moving = figures.after(progress(110_000), 31_500);
  deepStrictEqual([moving.bytesPerSecond, moving.stalledSeconds], [null, null]);
  strictEqual(
    figures.after(progress(310_000), 32_500).bytesPerSecond,
    200_000,
    "the time of the stall does not count",
  );
});

Deno.test("E.26 figures: a lost connection has no speed either", () => {
  const figures = new Followed();
  figures.after(progress(0), 0);
  figures.after(progress(100_000), 1_000);
  deepStrictEqual(figures.after({ type: "waiting", reason: "reconnecting" }, 1_100), {
    bytes: 100_000,
    totalBytes: TOTAL,
    files: 0,
    bytesPerSecond: null,
    stalledSeconds: null,
  });
});

Deno.test("E.26 figures: no event lowers a count", () => {
  const reported = fc.array(fc.tuple(fc.nat(TOTAL), fc.nat(10), fc.nat(5_000), fc.boolean()));
  fc.assert(fc.property(reported, (events) => {
    const figures = new Followed();
    let [nowMs, bytes, files] = [0, 0, 0];
    for (const [doneBytes, doneFiles, afterMs, isStall] of events) {
      nowMs += afterMs;
      const shown = figures.after(
        isStall ? { type: "stalled", seconds: 2 } : progress(doneBytes, doneFiles),
        nowMs,
      );
      ok(shown.bytes >= bytes && shown.files >= files);
      ok(shown.bytesPerSecond === null || shown.bytesPerSecond >= 0);
      [bytes, files] = [shown.bytes, shown.files];
    }
  }));
});

Deno.test("E.26 figures: a complete transfer has no speed", () => {
  const figures = new Followed();
  figures.after(progress(0), 0);
  strictEqual(figures.after(progress(TOTAL), 1_000).bytesPerSecond, null);
});
