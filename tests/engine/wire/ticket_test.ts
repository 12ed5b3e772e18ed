import assert from "node:assert/strict";
import fc from "fast-check";
import { PostcardWriter } from "../../../src/engine/bytes/postcard.ts";
import { isPliError } from "../../../src/engine/errors.ts";
import {
  formatSocketAddress,
  isPrivateAddress,
  parseSocketAddress,
} from "../../../src/engine/wire/socket_address.ts";
import { anyAddress, anyTicket } from "../../tickets/any_ticket.ts";
import { formatTicket, parseTicket, readPastedTicket } from "../../../src/engine/wire/ticket.ts";
import { base32nopad } from "@scure/base";
import { tickets } from "../../vectors/mod.ts";

Deno.test("a ticket is unchanged after printing and reading, its addresses sorted", () => {
  fc.assert(fc.property(anyTicket, (value) => {
    const text = formatTicket(value);
    const read = parseTicket(text);
    assert.deepEqual({ ...read, addresses: new Set(read.addresses) }, {
      ...value,
      addresses: new Set(value.addresses),
    });
    assert.equal(formatTicket(read), text);
  }));
});

Deno.test("a socket address is unchanged after printing and reading", () => {
  fc.assert(fc.property(anyAddress, (text) => {
    const parsed = parseSocketAddress(text);
    assert.ok(parsed !== null);
    assert.equal(formatSocketAddress(parsed), text);
  }));
  for (
    const bad of ["", "1.2.3.4", "1.2.3.256:1", "1.2.3.4:65536", "[::1]", "::1:5", "[1.2.3.4]:5", "host:5"]
  ) {
    assert.equal(parseSocketAddress(bad), null, bad);
  }
});

Deno.test("private addresses are loopback, private networks and link-local ones", () => {
  const isPrivate = (text: string) => isPrivateAddress(parseSocketAddress(`${text}:1`)!);
  const here = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.9.9",
    "192.168.1.1",
    "169.254.0.1",
    "[::1]",
    "[fd00::1]",
    "[fe80::1]",
  ];
  const there = [
    "8.8.8.8",
    "172.32.0.1",
    "192.169.0.1",
    "100.64.0.1",
    "203.0.113.7",
    "[2001:db8::1]",
    "[::2]",
  ];
  for (const text of here) assert.ok(isPrivate(text), text);
  for (const text of there) assert.ok(!isPrivate(text), text);
});

Deno.test("B.16 a changed ticket is refused or is another ticket, and reading it has no other errors", () => {
  const runs = Deno.env.get("PLI_LONG") ? 1_000_000 : 5_000;
  fc.assert(
    fc.property(
      fc.constantFrom(...tickets),
      fc.nat(),
      fc.string({ unit: "binary", maxLength: 2 }),
      (vector, at, by) => {
        const position = at % vector.ticket.length;
        const changed = vector.ticket.slice(0, position) + by + vector.ticket.slice(position + 1);
        try {
          parseTicket(changed);
        } catch (error) {
          assert.ok(isPliError(error, "ticket_malformed"));
        }
      },
    ),
    { numRuns: runs },
  );
});

Deno.test("B.16 a ticket that is truncated, a megabyte long, or has a relay that is no URL is refused", () => {
  const { ticket: text } = tickets[1];
  for (let length = 0; length < text.length; length++) {
    assert.throws(() => parseTicket(text.slice(0, length)), (error) => isPliError(error, "ticket_malformed"));
  }
  assert.throws(
    () => parseTicket("blob" + "a".repeat(2 ** 20)),
    (error) => isPliError(error, "ticket_malformed") && error.parameters.fault === "too_long",
  );
  for (const url of ["file:///tmp/x", "javascript:alert(1)", "relay.example.org"]) {
    const writer = new PostcardWriter().u64(0).raw(new Uint8Array(32)).u8(1).text(url);
    const bytes = writer.u64(0).u64(1).raw(new Uint8Array(32)).finish();
    assert.throws(
      () => parseTicket("blob" + base32nopad.encode(bytes).toLowerCase()),
      (error) => isPliError(error, "ticket_malformed") && error.parameters.fault === "relay_url",
    );
  }
});

Deno.test("the error of a pasted text is that of the word that resembles a ticket", () => {
  const { ticket: text } = tickets[1];
  const faults = {
    [`pli receive ${text}`]: null,
    [text.slice(0, -1)]: "cut_short",
    "hello there": "prefix",
    "blob!": "cut_short",
    [`see ${text.slice(0, 20)}1${text.slice(20)} here`]: "base32",
    [`see blobb${text.slice(5)} here`]: "content",
    [`a blob${"a".repeat(20_000)}`]: "too_long",
  };
  for (const [pasted, fault] of Object.entries(faults)) {
    const check = (error: unknown) =>
      isPliError(error, "ticket_malformed") && error.parameters.fault === fault;
    if (fault === null) assert.equal(formatTicket(readPastedTicket(pasted)), text);
    else assert.throws(() => readPastedTicket(pasted), check, pasted);
  }
});
