import assert from "node:assert/strict";
import fc from "fast-check";
import { parseLogFilter } from "../../../src/engine/log/filter.ts";
import { lineLogger } from "../../../src/engine/log/line_logger.ts";
import { Sensitive, withFields } from "../../../src/engine/logger.ts";

const CLOCK = { epochMs: () => 0 };

function collect(filter: string, take: (line: string) => boolean = () => true) {
  const lines: string[] = [];
  const logger = lineLogger(parseLogFilter(filter)!, CLOCK, (line) => take(line) && lines.push(line) > 0);
  return { lines, logger };
}

Deno.test("a line has its time, level, target, message and fields", () => {
  const { lines, logger } = collect("debug");
  withFields(logger, { conn: 3 }).log("info", "net", "connected", {
    rttMs: 1.4999999,
    path: "direct",
    text: "a b",
  });
  logger.log("trace", "net", "read");
  assert.deepEqual(lines, [
    '1970-01-01T00:00:00.000Z INFO  net connected conn=3 rttMs=1.5 path=direct text="a b"',
  ]);
});

Deno.test("ids and hashes are shortened, names and tickets numbered, unless the filter has unredacted", () => {
  const id = "ab".repeat(32);
  const fields = { id: new Sensitive("id", id), name: new Sensitive("name", "tax.pdf") };
  const redacted = collect("info");
  redacted.logger.log("info", "net", "a", fields);
  redacted.logger.log("info", "net", "b", { other: new Sensitive("name", "x"), name: fields.name });
  assert.match(redacted.lines[0], / id=ababababab\.\. name="<name 1>"$/);
  assert.match(redacted.lines[1], / other="<name 2>" name="<name 1>"$/);
  const whole = collect("info,unredacted");
  whole.logger.log("info", "net", "a", fields);
  assert.ok(whole.lines[0].endsWith(" WARN  log this log has tickets, ids and names in full"));
  assert.ok(whole.lines[1].endsWith(` id=${id} name=tax.pdf`));
});

Deno.test("property: no text of a library shows a key, a hash, a ticket or bytes, or forges a line", () => {
  const base32 = fc.stringMatching(/^[a-z2-7]{52,200}$/);
  const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const secret = fc.oneof(
    hex,
    base32,
    base32.map((text) => `blob${text}`),
    bytes.map((list) => `[${[...list].join(", ")}]`),
  );
  fc.assert(
    fc.property(
      secret,
      fc.string({ unit: "binary" }),
      fc.string({ unit: "binary" }),
      (text, before, after) => {
        const { lines, logger } = collect("trace");
        logger.log("debug", "iroh", `${before} ${text} ${after}`, { field: `${before} ${text} ${after}` });
        assert.equal(lines.length, 1);
        assert.match(lines[0], /^[\x20-\x7e]*$/);
        assert.ok(!lines[0].includes(text));
      },
    ),
  );
});

Deno.test("dropped lines are counted in the next line that is written", () => {
  let takes = true;
  const { lines, logger } = collect("info", () => takes);
  logger.log("info", "net", "first");
  takes = false;
  for (let i = 0; i < 5; i++) logger.log("info", "net", "lost");
  takes = true;
  logger.log("info", "net", "next");
  assert.deepEqual(lines.map((line) => line.slice(31)), [
    "net first",
    "log lines were dropped count=5",
    "net next",
  ]);
});
