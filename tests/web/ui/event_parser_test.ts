// Events in text/event-stream: split at any position, with any end of line.

import assert from "node:assert/strict";
import { EventParser } from "../../../src/web/ui/event_parser.ts";

const TEXT = ': hello\nid: 7\ndata: {"a":"é😀"}\n\ndata: one\r\ndata:two\r\n\r\nevent: x\n\nid: 9\rdata\r\r';
const EVENTS = [
  { id: "7", data: '{"a":"é😀"}' },
  { id: "7", data: "one\ntwo" },
  { id: "9", data: "" },
];

Deno.test("a stream yields the same events for every split", () => {
  // The last CR could be half of an end of line: the next byte shows that it is not.
  const bytes = new TextEncoder().encode(TEXT + ":");
  for (let first = 0; first <= bytes.length; first++) {
    for (const second of [first, Math.min(bytes.length, first + 3)]) {
      const parser = new EventParser();
      const parts = [bytes.slice(0, first), bytes.slice(first, second), bytes.slice(second)];
      assert.deepEqual(parts.flatMap((part) => parser.read(part)), EVENTS, `cut at ${first}, ${second}`);
    }
  }
});

Deno.test("an incomplete event is not yielded", () => {
  const parser = new EventParser();
  assert.deepEqual(parser.read(new TextEncoder().encode("data: half\n")), []);
});
