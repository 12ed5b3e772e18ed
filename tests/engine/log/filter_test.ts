import assert from "node:assert/strict";
import { parseLogFilter, passes, readLogFilter } from "../../../src/engine/log/filter.ts";

Deno.test("a filter has a level for all targets, and one for each that is named", () => {
  const filter = parseLogFilter("info, net=trace,iroh=off,iroh::socket=WARN")!;
  assert.ok(passes(filter, "info", "transfer") && !passes(filter, "debug", "transfer"));
  assert.ok(passes(filter, "trace", "net"));
  assert.ok(!passes(filter, "error", "iroh") && !passes(filter, "error", "iroh::endpoint"));
  assert.ok(passes(filter, "warn", "iroh::socket::inner") && !passes(filter, "info", "iroh::socket"));
  // Only whole parts of a target match.
  assert.ok(passes(filter, "info", "iroh_relay") && passes(filter, "info", "network"));
  assert.equal(filter.isUnredacted, false);
});

Deno.test("a filter of targets alone excludes all others, and unredacted is no level", () => {
  const filter = parseLogFilter("net=debug,unredacted")!;
  assert.ok(passes(filter, "debug", "net") && !passes(filter, "error", "transfer"));
  assert.equal(filter.isUnredacted, true);
});

Deno.test("an invalid filter is refused", () => {
  const many = Array.from({ length: 65 }, (_, index) => `t${index}=info`).join(",");
  for (
    const text of [
      "",
      "loud",
      "info,debug",
      "net=",
      "=info",
      "net=loud",
      "info,",
      "unredacted",
      "a:b=info",
      many,
    ]
  ) {
    assert.equal(parseLogFilter(text), null, text);
  }
});

Deno.test("the invalid part of a filter is reported", () => {
  for (
    const [text, reason, part] of [
      ["info,net=loud,x", "word", "net=loud"],
      ["info, debug", "second_level", "debug"],
      ["unredacted", "no_level", "unredacted"],
      ["info,", "no_level", ""],
      ["a".repeat(2_001), "too_long", ""],
    ]
  ) {
    assert.deepEqual(readLogFilter(text), { reason, part });
  }
});
