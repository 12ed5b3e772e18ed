import { match, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import { ENGLISH } from "../../src/cli/words.ts";
import { progressLine, type ProgressState, waitingLine } from "../../src/cli/report/progress.ts";

const HALF: ProgressState = {
  doing: null,
  bytes: 50_000_000,
  totalBytes: 100_000_000,
  bytesPerSecond: 10_000_000,
  stalled: null,
  files: 3,
  totalFiles: 12,
  path: "direct 203.0.113.7",
};

Deno.test("progress line: a wide window shows all parts", () => {
  strictEqual(
    progressLine(HALF, 120, ENGLISH),
    "████████████░░░░░░░░░░░░  50%  50.0 MB of 100 MB  10.0 MB/s  5 sec left  direct 203.0.113.7  3 of 12 files",
  );
});

Deno.test("progress line: narrower windows omit the least important parts", () => {
  strictEqual(
    progressLine(HALF, 80, ENGLISH),
    "██████░░░░░░  50%  50.0 MB of 100 MB  10.0 MB/s  5 sec left  direct 203.0.113.7",
  );
  strictEqual(
    progressLine(HALF, 60, ENGLISH),
    "██████░░░░░░  50%  50.0 MB of 100 MB  10.0 MB/s  5 sec left",
  );
  strictEqual(progressLine(HALF, 46, ENGLISH), "█████░░░░░  50%  50.0 MB of 100 MB  10.0 MB/s");
  strictEqual(progressLine(HALF, 30, ENGLISH), "50%  50.0 MB of 100 MB");
  strictEqual(progressLine(HALF, 20, ENGLISH), "███████░░░░░░░  50%");
  strictEqual(progressLine(HALF, 6, ENGLISH), "50%");
  strictEqual(progressLine(HALF, 3, ENGLISH), "50");
});

Deno.test("progress line: is always shorter than the window", () => {
  const state = fc.record({
    doing: fc.constantFrom(null, "Hashing"),
    bytes: fc.nat(),
    totalBytes: fc.nat(),
    bytesPerSecond: fc.option(fc.double({ min: 0, max: 1e12, noNaN: true })),
    stalled: fc.option(fc.string()),
    files: fc.nat(),
    totalFiles: fc.option(fc.nat()),
    path: fc.option(fc.string()),
  });
  fc.assert(fc.property(state, fc.integer({ min: 1, max: 200 }), (given, columns) => {
    ok(progressLine(given, columns, ENGLISH).length < columns);
  }));
});

Deno.test("progress line: an empty transfer is complete", () => {
  match(
    progressLine({ ...HALF, bytes: 0, totalBytes: 0, bytesPerSecond: null }, 80, ENGLISH),
    /100% {2}0 bytes of 0 bytes/,
  );
});

Deno.test("progress line: waiting is clipped too", () => {
  strictEqual(waitingLine("Connecting…", 6), "Conne");
});
