// Compares terminal, JSON lines and page of one share after each change, for every trace that the property test of its
// state machine draws.

import assert from "node:assert/strict";
import fc from "fast-check";
import { isShareOver, type ShareState } from "../../src/app/transfers/share_states.ts";
import type { ShareChange } from "../../src/app/transfers/share_transfer.ts";
import type { ShareView } from "../../src/app/views.ts";
import { type JsonLine, Output } from "../../src/cli/report/output.ts";
import { ShareReport } from "../../src/cli/report/share_report.ts";
import { ENGLISH } from "../../src/cli/words.ts";
import type { PageEvent } from "../../src/web/contract.ts";
import { applyEvent, shares } from "../../src/web/ui/store.ts";
import { SHARE_COMMANDS, SHARE_SETUP, ShareRun } from "../app/transfers/share_run.ts";
import { CliFixture } from "./cli_fixture.ts";

const MODE = { quiet: false, color: false, isDataOutput: false, isPlain: false };

/** Records the output. */
class RecordedOutput extends Output {
  lines: string[] = [];
  drawn: string[] = [];
  printed: JsonLine[] = [];

  constructor(json: boolean) {
    super(new CliFixture("", { isTerminal: true, columns: 200 }).terminal, { ...MODE, json });
  }

  override say(text: string): void {
    this.lines.push(text);
  }

  override sayDespiteQuiet(text: string): void {
    this.lines.push(text);
  }

  override result(text: string): void {
    this.lines.push(text);
  }

  override progress(text: string): void {
    this.drawn.push(text);
  }

  override json(value: JsonLine): void {
    this.printed.push(value);
  }

  /** Every count is due. */
  override jsonCount(event: JsonLine): void {
    this.printed.push(event);
  }
}

interface Receiver {
  state: string;
  bytes: number;
  files: number;
  stalled: number | null;
}

/** The state that a program computes from the JSON lines so far. */
class Reader {
  state: ShareState = "hashing";
  hashed = { bytes: 0, total: 0 };
  delivered: { id: string; files: number; bytes: number } | null = null;
  readonly counts: Partial<Record<JsonLine["type"], number>> = {};
  readonly receivers = new Map<string, Receiver>();

  read(line: JsonLine): void {
    this.counts[line.type] = (this.counts[line.type] ?? 0) + 1;
    switch (line.type) {
      case "hashing":
        this.hashed = line;
        return;
      case "ticket":
        this.state = "serving";
        return;
      case "ended":
        this.state = line.state;
        return;
      case "receiver":
        return this.#learn(line.id, { state: line.state, stalled: null });
      case "progress":
        return this.#learn(line.id!, { bytes: line.bytes, files: line.files, stalled: null });
      case "stalled":
        return this.#learn(line.id!, { stalled: line.seconds });
      case "delivered":
        this.delivered = line;
        return this.#learn(line.id, { stalled: null });
    }
  }

  #learn(id: string, news: Partial<Receiver>): void {
    const known = this.receivers.get(id) ?? { state: "connected", bytes: 0, files: 0, stalled: null };
    this.receivers.set(id, { ...known, ...news });
  }
}

/** The last line on the terminal for each end; the command reports why a share has failed, or that it was stopped. */
const LAST_WORDS: Partial<Record<ShareState, RegExp>> = {
  delivered: /^Delivered: /,
  partial: /^Delivered in part: /,
  sent: /^Sent completely: /,
};

class Followers {
  readonly #terminal = new RecordedOutput(false);
  readonly #json = new RecordedOutput(true);
  readonly #reports: ShareReport[];
  readonly #reader = new Reader();
  /** The compared values, which show that the traces were not empty. */
  readonly compared = new Map<string, number>();

  constructor(keep: boolean, nowMs: () => number) {
    const options = { keep, ticket: "auto", quiet: false, verbose: false } as const;
    this.#reports = [this.#terminal, this.#json].map((output) => new ShareReport(output, options, nowMs));
    applyEvent({ type: "state", state: { shares: [], downloads: [], notices: [] } } as unknown as PageEvent);
  }

  follow(change: ShareChange): void {
    Object.assign(this.#terminal, { lines: [], drawn: [] });
    this.#json.printed = [];
    for (const report of this.#reports) report.show(change);
    this.#json.printed.forEach((line) => this.#reader.read(line));
    applyEvent(JSON.parse(JSON.stringify({ type: "share", share: change.view })));
    const [page] = shares.value;
    this.#compareJson(page);
    this.#compareTerminal(change, page);
  }

  #compareJson(page: ShareView): void {
    const { state, hashed, receivers, counts, delivered } = this.#reader;
    assert.equal(state, page.state);
    if (state === "hashing") assert.deepEqual([hashed.bytes, hashed.total], [page.doneBytes, page.bytes]);
    for (const { id, state, bytes, files, stalledSeconds: stalled } of page.receivers) {
      const { ...reported } = receivers.get(id);
      assert.deepEqual(reported, { state, bytes, files, stalled });
    }
    const { lost, refusals, missing, delivery } = page;
    const { source_changed = 0, refused = 0, skipped = 0 } = counts;
    assert.deepEqual([source_changed, refused, skipped], [lost.count, refusals.length, missing]);
    const amounts = delivery && [delivery.id, delivery.files, delivery.bytes];
    assert.deepEqual(delivered && [delivered.id, delivered.files, delivered.bytes], amounts);
  }

  #compareTerminal({ input, before }: ShareChange, page: ShareView): void {
    const { lines, drawn } = this.#terminal;
    if (isShareOver(before.state)) {
      return assert.deepEqual([...lines, ...drawn], [], "the end is the last output");
    }
    this.#count(`${input.type} ${page.state}`);
    const lastWords = LAST_WORDS[page.state];
    if (lastWords !== undefined) assert.ok(lines.some((line) => lastWords.test(line)), lines.join("\n"));
    if (isShareOver(page.state)) return;
    if (input.type === "hashing") return this.#compareLine("Hashing", page.doneBytes, page.bytes, null);
    if (input.type !== "progress" && input.type !== "stalled") return;
    const [shown, ...others] = page.receivers.filter(({ state, hasAll }) => state === "receiving" && !hasAll);
    if (shown?.id !== input.id) return assert.deepEqual(drawn, []);
    const who = others.length > 0 ? shown.id.slice(0, 10) : "";
    this.#compareLine(who, shown.bytes, page.bytes, shown.stalledSeconds);
  }

  #compareLine(begin: string, bytes: number, total: number, stalledSeconds: number | null): void {
    const [line, ...others] = this.#terminal.drawn;
    assert.deepEqual(others, []);
    const amount = ENGLISH.say("doneOf", { done: ENGLISH.size(bytes), total: ENGLISH.size(total) });
    const rest = stalledSeconds === null ? "" : `  ${
      ENGLISH.fill(ENGLISH.catalogue.stalls.sending, {
        time: ENGLISH.amounts.duration(stalledSeconds),
      })
    }`;
    assert.ok(
      line.includes(`${begin} ${ENGLISH.amounts.percent(bytes, total)}  ${amount}${rest}`.trim()),
      line,
    );
    assert.equal(/accepted no data/.test(line), stalledSeconds !== null);
  }

  #count(what: string): void {
    this.compared.set(what, (this.compared.get(what) ?? 0) + 1);
  }
}

Deno.test("terminal, JSON lines and page show the same numbers and states of a share after each change", async () => {
  const compared = new Set<string>();
  const commands = fc.commands(SHARE_COMMANDS, { maxCommands: 60, size: "large" });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), SHARE_SETUP, commands, async (scheduler, setup, commands) => {
      const followers = new Followers(setup.keep, () => share.nowMs);
      const share: ShareRun = new ShareRun(scheduler, setup, (change) => followers.follow(change));
      await fc.scheduledModelRun(scheduler, () => ({ model: {}, real: share }), commands);
      await share.finish();
      for (const what of followers.compared.keys()) compared.add(what);
    }),
    // A few runs may reach not every state: the quick run has a fixed seed.
    Deno.env.has("PLI_LONG") ? { numRuns: 2_000 } : { numRuns: 100, seed: 1 },
  );
  for (
    const what of ["hashing hashing", "progress serving", "stalled serving", "ended partial", "stop stopped"]
  ) {
    assert.ok(compared.has(what), `${what} was never compared`);
  }
});
