// The counts in the JSON lines of reports: how often they are printed, and that none is left out for good.

import assert from "node:assert/strict";
import fc from "fast-check";
import { jsonEvents, Output } from "../../src/cli/report/output.ts";
import type { TransferEvent } from "../../src/engine/mod.ts";
import { CliFixture } from "./cli_fixture.ts";

const MODE = { json: true, quiet: false, color: false, isDataOutput: false, isPlain: false };
const [A, B] = ["0a".repeat(32), "0b".repeat(32)];
const TOTAL = 1_000;
const INTERVAL_MS = 100;

type Line = TransferEvent & { atMs: number };

/** JSON lines with a virtual clock. */
class Lines {
  nowMs = 0;
  readonly #fixture = new CliFixture("", {});
  readonly output = new Output(this.#fixture.terminal, MODE);
  readonly #print = jsonEvents(this.output, () => this.nowMs);

  event(event: TransferEvent, passedMs = 0): void {
    this.nowMs += passedMs;
    this.#print(event);
  }

  /** The lines so far, without those that a flush would print. */
  async soFar(): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve));
    return this.#fixture.output.text;
  }

  async all(): Promise<Line[]> {
    await this.output.flush();
    return this.#fixture.output.text.trim().split("\n").filter((line) => line !== "").map((line) =>
      JSON.parse(line)
    );
  }
}

const progress = (bytes: number, id?: string): TransferEvent => {
  return { type: "progress", bytes, total: TOTAL, files: 0, ...(id !== undefined && { id }) };
};
const brief = (lines: readonly TransferEvent[]) =>
  lines.map((line) =>
    line.type === "progress" ? `${line.id?.slice(0, 2) ?? ""} ${line.bytes}`.trim() : line.type
  );

Deno.test("JSON lines: each of several receivers has its counts", async () => {
  const lines = new Lines();
  for (let turn = 0; turn < 5; turn++) {
    lines.event(progress(100 * turn + 10, A), 110);
    lines.event(progress(100 * turn + 5, B), 1);
  }
  assert.deepEqual(
    brief(await lines.all()),
    [0, 1, 2, 3, 4].flatMap((turn) => [
      `0a ${100 * turn + 10}`,
      `0b ${100 * turn + 5}`,
    ]),
  );
});

Deno.test("JSON lines: the last count is printed before the next other line about it, and at the end", async () => {
  const path = { type: "path", kind: "direct", address: "192.0.2.7:1", rttMs: 1 } as const;
  const cases: [TransferEvent[], string[]][] = [
    [[progress(5, A), progress(6, A), { type: "receiver", id: A, state: "gone" }], [
      "0a 5",
      "0a 6",
      "receiver",
    ]],
    [[progress(5, A), progress(6, A), { type: "stalled", id: A, seconds: 2 }], ["0a 5", "0a 6", "stalled"]],
    [[progress(5, A), progress(6, A), { type: "receiver", id: B, state: "gone" }], [
      "0a 5",
      "receiver",
      "0a 6",
    ]],
    [[progress(5), progress(6), { type: "waiting", reason: "reconnecting" }], ["5", "6", "waiting"]],
    [[progress(5), progress(6), { type: "stalled", seconds: 2 }], ["5", "6", "stalled"]],
    [[progress(5), progress(6), { ...path, id: B }], ["5", "6", "path"]],
    [[progress(5, A), progress(6, A), { type: "all_lost" }], ["0a 5", "0a 6", "all_lost"]],
    [[progress(5), progress(6), progress(7)], ["5", "7"]],
  ];
  for (const [events, expected] of cases) {
    const lines = new Lines();
    for (const event of events) lines.event(event, 1);
    assert.deepEqual(brief(await lines.all()), expected);
  }
  const lines = new Lines();
  lines.event(progress(5));
  lines.event(progress(6));
  lines.output.json({ type: "error", code: "x", parameters: {}, message: "", advice: "" });
  assert.match(await lines.soFar(), /"bytes":6.*\n.*"error"/);
});

Deno.test("JSON lines: a reader knows every last count when another line follows, of any order of events", async () => {
  const id = fc.integer({ min: 0, max: 2_000 }).map((number) => number.toString(16).padStart(64, "0"));
  const event = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(fc.constantFrom(A, B), fc.nat(TOTAL)).map(([id, bytes]) => progress(bytes, id)),
    },
    fc.tuple(id, fc.nat(TOTAL)).map(([id, bytes]) => progress(bytes, id)),
    fc.constantFrom(A, B).map((id): TransferEvent => ({ type: "stalled", id, seconds: 2 })),
    fc.constantFrom(A, B).map((id): TransferEvent => ({ type: "receiver", id, state: "gone" })),
  );
  const events = fc.array(fc.tuple(event, fc.nat(60)), { size: "large" });
  await fc.assert(
    fc.asyncProperty(events, async (events) => {
      const lines = new Lines();
      const last = new Map<string, number>();
      const expected: string[] = [];
      for (const [event, passedMs] of events) {
        lines.event(event, passedMs);
        if (event.type === "progress") last.set(event.id!, event.bytes);
        else if ("id" in event && last.has(event.id!)) expected.push(`${event.id} ${last.get(event.id!)}`);
      }
      const known = new Map<string, number>();
      const read: string[] = [];
      for (const line of await lines.all()) {
        if (line.type === "progress") known.set(line.id!, line.bytes);
        else if ("id" in line && known.has(line.id!)) read.push(`${line.id} ${known.get(line.id!)}`);
      }
      assert.deepEqual(read, expected);
      assert.deepEqual([...known].sort(), [...last].sort());
    }),
    { numRuns: 50 },
  );
});

Deno.test("JSON lines: counts of one receiver are printed at most ten times a second", async () => {
  const lines = new Lines();
  for (let bytes = 0; bytes < 900; bytes++) lines.event(progress(bytes, bytes % 2 === 0 ? A : B), 1);
  const printed = brief(await lines.all());
  for (const who of ["0a", "0b"]) {
    const count = printed.filter((line) => line.startsWith(who)).length;
    assert.ok(count >= 9 && count <= 900 / INTERVAL_MS + 2, `${count}`);
  }
});

Deno.test("JSON lines: more receivers than are remembered lose no count", async () => {
  const lines = new Lines();
  const ids = Array.from({ length: 3_000 }, (_, at) => at.toString(16).padStart(64, "0"));
  for (const bytes of [1, 2]) for (const id of ids) lines.event(progress(bytes, id));
  const last = new Map(
    (await lines.all()).map((line) => line.type === "progress" ? [line.id, line.bytes] : []) as [
      string,
      number,
    ][],
  );
  assert.deepEqual(ids.filter((id) => last.get(id) !== 2), []);
});
