// The log of a whole transfer in memory, and what it must not contain.

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatTicket,
  lineLogger,
  parseLogFilter,
  parseTicket,
  PliError,
  type Ports,
  type TransferEvent,
} from "../../../src/engine/mod.ts";
import { Engine } from "../../../src/engine/mod.ts";
import { errorFields } from "../../../src/engine/log/error_fields.ts";
import { Sensitive } from "../../../src/engine/logger.ts";
import { logged } from "../../../src/engine/log/logged_transfer.ts";
import { inTime } from "../transfer/in_time.ts";
import { newKey, TransferFixture } from "../transfer/transfer_fixture.ts";

/** All lines of both sides for a transfer of a folder, and a second one of its ticket, which is refused. */
async function transferred(filter: string, names: readonly string[]) {
  const fixture = new TransferFixture(Object.fromEntries(names.map((name) => [name, `content of ${name}`])));
  const lines: string[] = [];
  const logger = lineLogger(parseLogFilter(filter)!, fixture.clock, (line) => lines.push(line) > 0);
  const [sender, receiver] = [fixture.sender, fixture.receiver].map(({ ports }) =>
    new Engine({ ...ports, logger })
  );
  const keys = [newKey(), newKey()];
  const network = { relay: "disabled", onEvent: () => {} } as const;
  const share = await sender.share({
    ...network,
    paths: ["/src"],
    secretKey: keys[0],
    ticketKind: "auto",
    keep: false,
  });
  const fetch = (secretKey: Uint8Array) =>
    inTime(
      fixture,
      receiver.fetch({
        ...network,
        ticket: parseTicket(share.ticket),
        secretKey,
        destination: { kind: "folder", folder: "/dst", existing: "merge" },
        decide: () => Promise.resolve(true),
        waitLimits: { firstMs: 0, laterMs: 0 },
      }),
    );
  await fetch(keys[1]);
  keys.push(newKey());
  await assert.rejects(fetch(keys[2]));
  await inTime(fixture, share.close());
  return { lines, share, keys };
}

Deno.test("each line of a connection has its number, and each of a stream that of the stream", async () => {
  const { lines } = await transferred("trace", ["a.txt"]);
  const net = lines.filter((line) => line.includes(" net "));
  const ofStreams = net.filter((line) =>
    / net (stream opened|write|read|finished|reset|ended by)/.test(line)
  );
  assert.ok(ofStreams.length > 10);
  for (const line of ofStreams) assert.match(line, / transfer=(share|fetch)\d+ conn=\d+ stream=(in|out)\d+/);
  for (const line of net.filter((line) => / connect(ed|ion)/.test(line))) assert.match(line, / conn=\d+/);
});

Deno.test("the log of a refused receiver has the stream, and the end of both", async () => {
  const { lines } = await transferred("debug", ["a.txt"]);
  const about = (text: string) => lines.filter((line) => line.includes(text));
  assert.match(about("answer failed")[0], / conn=\d+ stream=in0 error=peer_refused/);
  assert.match(about("transfer failed")[0], / transfer=fetch\d+ error=peer_refused/);
});

Deno.test("F.8 property: no line of a transfer at trace level shows a ticket, a key, an id, a hash or a name", async () => {
  const name = fc.stringMatching(/^[g-z]{12,20}$/);
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 4 }), async (names) => {
      const { lines, share, keys } = await transferred("trace", names);
      const { endpointId, hash } = parseTicket(share.ticket);
      const bare = formatTicket({ ...parseTicket(share.ticket), addresses: [] });
      const secrets = [
        share.ticket,
        bare,
        ...[...keys, endpointId, hash].map((bytes) => bytes.toHex()),
        ...names,
      ];
      assert.ok(lines.length > 50);
      for (const line of lines) {
        for (const secret of secrets) assert.ok(!line.includes(secret), `${secret} in ${line}`);
      }
      // The control: these values are in an unredacted log.
      if (names.length > 1) return;
      const whole = await transferred("trace,unredacted", names);
      const text = whole.lines.join("\n");
      for (const secret of [whole.share.ticket, whole.share.hash.toHex()]) assert.ok(text.includes(secret));
    }),
    { numRuns: 20 },
  );
});

/** The line of an event of a transfer, after its time. */
async function lineOf(event: object): Promise<string> {
  const lines: string[] = [];
  const logger = lineLogger(parseLogFilter("trace")!, { epochMs: () => 0 }, (line) => lines.push(line) > 0);
  await logged("fetch", { logger } as Ports, { onEvent: (_: TransferEvent) => {} }, (_, options) => {
    options.onEvent(event as TransferEvent);
    return Promise.resolve();
  });
  const [, line] = lines;
  return line.slice(line.indexOf("transfer") + "transfer ".length);
}

/** The texts of each event that are keywords of pli or addresses. Every other text is private. */
const PLAIN: Readonly<Record<TransferEvent["type"], readonly string[]>> = {
  hashing: [],
  ticket: ["relayUrl", "addresses"],
  receiver: ["state"],
  claimed: [],
  path: ["kind", "address"],
  manifest: [],
  progress: [],
  stalled: [],
  checking: [],
  space_short: [],
  inodes_short: [],
  volume_crossed: [],
  staging_refused: ["reason"],
  addresses_cut: [],
  waiting: ["reason"],
  skipped: ["reason"],
  renamed: ["reason"],
  refused: ["reason"],
  source_changed: [],
  all_lost: [],
  source_lost: [],
  answer_failed: [],
  sent: [],
  delivered: [],
  done: [],
};

Deno.test("the names of a renamed file are numbers in the log, also if other events have other values in fields of these names", async () => {
  const line = await lineOf({
    type: "renamed",
    from: "diary.txt",
    to: "diary (1).txt",
    reason: "exists",
  });
  assert.match(line, /^renamed transfer=fetch\d+ from="<name 1>" to="<name 2>" reason=exists$/);
});

Deno.test("no event shows a text that is not listed for it, also in a field of another event", async () => {
  const texts = [
    ...new Set(Object.values(PLAIN).flat()),
    "from",
    "to",
    "name",
    "id",
    "holder",
    "hash",
    "unknown",
  ];
  const lists = ["addresses", "files", "lost", "unknown_list"];
  const secrets = texts.filter((key) => !lists.includes(key)).map((key) => [key, `text-${key}`] as const);
  for (const [type, plain] of Object.entries(PLAIN)) {
    const listed = Object.fromEntries(lists.map((key) => [key, [`text-${key}`]]));
    const line = await lineOf({ type, ...Object.fromEntries(secrets), ...listed });
    const shown = [...line.matchAll(/text-(\w+)/g)].map(([, key]) => key);
    assert.deepEqual(shown.toSorted(), plain.toSorted(), line);
  }
});

Deno.test("an error shows only the texts that are listed for its code", () => {
  const plain = errorFields(new PliError("bind_failed", { address: "192.0.2.1:9" }));
  assert.equal(plain.address, "192.0.2.1:9");
  for (const key of ["address", "what", "reason", "fault", "system", "binding", "name"]) {
    const fields = errorFields(new PliError("path_missing", { [key]: "diary.txt" } as never));
    assert.notEqual(fields[key], "diary.txt", key);
  }
});

Deno.test("the platform's text of an abort is plain, and the text of any other cause is a name", () => {
  const textOf = (cause: unknown) => errorFields(new PliError("cancelled", {}, { cause }))["cause1.text"];
  const { reason } = AbortSignal.abort();
  assert.equal(textOf(reason), reason.message);
  for (
    const cause of [
      new DOMException("diary.txt", "AbortError"),
      AbortSignal.abort(new Error("diary.txt")).reason,
      AbortSignal.abort("diary.txt").reason,
      new TypeError("diary.txt"),
    ]
  ) {
    assert.ok(textOf(cause) instanceof Sensitive, String(cause));
  }
});
