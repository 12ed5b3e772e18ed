// A ticket is found in every wrapping of a text, and no other text is taken for one.

import assert from "node:assert/strict";
import fc from "fast-check";
import { isPliError, parseTicket } from "../../src/engine/mod.ts";
import { findTicket } from "../../src/tickets/find_ticket.ts";
import { threadCpuMs } from "../time_limits.ts";
import { tickets } from "../vectors/mod.ts";
import { anyTicketText } from "./any_ticket.ts";

const runs = (count: number) => ({ numRuns: Deno.env.get("PLI_LONG") ? count * 10 : count / 4 });

const TICKET = tickets[1].ticket;

/** Texts before and after a ticket. */
const AROUND: readonly (readonly [string, string])[] = [
  ["", ""],
  ["", "."],
  ["", ","],
  ["", "!\n"],
  ["“", "”"],
  ['"', '"'],
  ["'", "'"],
  ["`", "`"],
  ["```\n", "\n```"],
  ["**", "**"],
  ["_", "_"],
  ["<", ">"],
  ["(", ")"],
  ["[x](", ")"],
  ["ticket=", ""],
  ["ticket: ", ";"],
  ["https://files.example.org/r#", ""],
  ["https://files.example.org/r?t=", "&lang=en"],
  ["https://files.example.org/?q=pli%20receive%20", "%0A"],
  ["mailto:a@b.example?body=ticket%3D", ""],
  ["t=3D", "=20"],
  ['{"v":1,"type":"ticket","ticket":"', '","files":1}\n'],
  ['{"message":"use\\n', '\\n"}'],
  ["pli receive ", " --yes"],
  ["to get this data, use\nsendme receive ", "\n"],
  ["\x1b[1;32m", "\x1b[0m"],
  ["\x1b[200~", "\x1b[201~"],
  ["Hello Bob,\n\nhere are the big photos: ", "\n\nBest regards,\nBill\n-- \nblog.example.org\n"],
  ["Привет, вот билет: ", ". Пока"],
  ["票は「", "」です"],
  ["票据", "请收"],
  ["チケットは", "です"],
  ["これが", "ﾁｹｯﾄ"],
  ["티켓", "를 받으세요"],
  ["票据：", "，请收"],
  ["J> Hello,\nJ> ", "\nJ> Bye"],
  ["<p>here:<br>", "<br/></p>"],
  ["&nbsp;", "&nbsp;"],
  ["The blob is here. Blob! ", " (a blob)"],
];

/** Placeholders for markup until a text is wrapped, because markup is not wrapped. */
const MARKUP = new Map([
  ["\ue000", "<br>"],
  ["\ue001", "<br/>"],
  ["\ue002", "<BR />"],
  ["\ue003", "<wbr>"],
  ["\ue004", "&#8203;"],
  ["\ue005", "&#x200B;"],
  ["\ue006", "&shy;"],
  ["\ue007", "&nbsp;"],
  ["\ue008", "&#160;"],
  ["\ue009", "&gt;"],
]);
const withMarkup = (text: string) => text.replace(/[\ue000-\ue009]/g, (mark) => MARKUP.get(mark)!);

const LINE_ENDS = [
  "\n",
  "\r\n",
  "\r",
  " \n",
  "\n\n",
  "=\r\n",
  " \\\n",
  '" +\n',
  "\ue000",
  "\ue001",
  "\ue002\n",
];
const LINE_BEGINNINGS = ["", "> ", ">> ", "> > ", "| ", "    ", "\t", "│ ", '"', "\ue009 "];
const INVISIBLE = [
  "\u00ad",
  "\u200b",
  "\u200c",
  "\u200d",
  "\u2060",
  "\ufeff",
  "\u200e",
  "\u202a",
  "\u2066",
  "\ufe0f",
  "\ue003",
  "\ue004",
  "\ue005",
  "\ue006",
];

/** Lines of a width; the first one is shorter. */
function lines(text: string, width: number, first: number): string[] {
  const cut = [text.slice(0, first)];
  for (let at = first; at < text.length; at += width) cut.push(text.slice(at, at + width));
  return cut;
}

const anyCase = fc.constantFrom(
  (text: string) => text,
  (text: string) => text.toUpperCase(),
  (text: string) => text[0].toUpperCase() + text.slice(1),
  (text: string) => text.slice(0, 4) + text.slice(4).toUpperCase(),
  (text: string) => text.replace(/\w/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
);

/** Line breaks, or invisible characters. */
const anyBreaks = fc.oneof(
  fc.constant((text: string) => text),
  fc.record({
    width: fc.integer({ min: 10, max: 100 }),
    first: fc.nat(100),
    end: fc.constantFrom(...LINE_ENDS),
    beginning: fc.constantFrom(...LINE_BEGINNINGS),
  }).map(({ width, first, end, beginning }) => (text: string) => {
    return lines(text, width, first).join(end + beginning);
  }),
  fc.record({
    places: fc.uniqueArray(fc.nat(200), { minLength: 1, maxLength: 6 }),
    character: fc.constantFrom(...INVISIBLE),
  }).map(({ places, character }) => (text: string) => {
    return [...text].map((letter, at) => places.includes(at) ? character + letter : letter).join("");
  }),
);

/** Line breaks that have become spaces. */
const anySpaces = fc.record({
  width: fc.integer({ min: 20, max: 100 }),
  first: fc.nat(100),
  space: fc.constantFrom(" ", "  ", "\u00a0", "\t", "\ue007", "\ue008 "),
}).map(({ width, first, space }) => (text: string) => lines(text, width, first).join(space));

/** Groups of some letters, and line breaks between some of them. */
const anyGroups = fc.record({
  size: fc.integer({ min: 2, max: 19 }),
  every: fc.integer({ min: 1, max: 20 }),
  space: fc.constantFrom(" ", "  ", "\u00a0", "&nbsp;"),
  line: fc.constantFrom(" ", "\n", "\n> ", "<br>"),
}).map(({ size, every, space, line }) => (text: string) => {
  return lines(text, size, size).map((group, at) => at === 0 ? group : (at % every ? space : line) + group)
    .join("");
});

/** Lines that a mail program quotes with the initials of their author. */
const anyInitials = fc.record({
  width: fc.integer({ min: 20, max: 100 }),
  initials: fc.constantFrom("J> ", "JB> ", "bob>", "> J> ", " Ж> ", "J>> "),
}).map(({ width, initials }) => (text: string) => {
  return `${initials}hello,\n${initials}${lines(text, width, width - 10).join(`\n${initials}`)}`;
});

/** The result, without its position. */
function found(text: string): { kind: string; text?: string } {
  const found = findTicket(text);
  return found.kind === "ticket" ? { kind: found.kind, text: found.text } : { kind: found.kind };
}

Deno.test("E.7 a ticket is found in every wrapping that people paste", () => {
  fc.assert(
    fc.property(
      anyTicketText,
      anyCase,
      fc.oneof(anyBreaks, anySpaces),
      anyBreaks,
      fc.constantFrom(...AROUND),
      (ticket, ...given) => {
        const [inCase, wrap, wrapAgain, [before, after]] = given;
        const text = before + withMarkup(wrapAgain(wrap(inCase(ticket)))) + after;
        assert.deepEqual(found(text), { kind: "ticket", text: ticket }, JSON.stringify(text));
      },
    ),
    runs(3_000),
  );
});

Deno.test("E.7 a ticket is found in groups of letters, and quoted with initials", () => {
  const afterAll = ["", "\n", ".\n", "\nbest regards", " (for you)", " enjoy yourselves, Bob"];
  fc.assert(
    fc.property(
      anyTicketText,
      anyCase,
      fc.oneof(anyGroups, anyInitials),
      fc.constantFrom("", "ticket: ", "pli receive ", "票据"),
      fc.constantFrom(...afterAll),
      (ticket, inCase, wrap, before, after) => {
        const isQuoted = /> ?hello/.test(wrap(ticket));
        const text = (isQuoted ? "" : before) + wrap(inCase(ticket)) + after;
        assert.deepEqual(found(text), { kind: "ticket", text: ticket }, JSON.stringify(text));
      },
    ),
    runs(2_000),
  );
  // One line with initials: they are as many letters as a ticket could have there.
  assert.equal(found(`${TICKET.slice(0, 70)}\nJ> ${TICKET.slice(70)}`).text, TICKET);
  assert.equal(found(`<${TICKET.slice(0, -2)}\n${TICKET.slice(-2)}> or so`).text, TICKET);
});

Deno.test("E.7 a text in parts can be searched from the position at which its last ticket may begin", () => {
  const part = fc.oneof(
    fc.constantFrom("b", "bl\n", "ob", "blob", "x", "\n", "> ", "\nblobaa", "\x1b[", "0m", "<w", "br>", "请"),
    anyTicketText,
    fc.tuple(anyTicketText, fc.nat(200)).map(([text, at]) => text.slice(0, at) + "\n"),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 10 }), anyTicketText, fc.nat(200), (before, ticket, at) => {
      const parts = [...before, `\n${ticket.slice(0, at)}`, `${ticket.slice(at)}\n`];
      let [text, from] = ["", 0];
      for (const part of parts) {
        text += part;
        const found = findTicket(text.slice(from));
        // The whole text has the ticket too: the rest can only invalidate adjacent ones.
        if (found.kind === "ticket") return void assert.equal(findTicket(text).kind, "ticket");
        assert.notEqual(findTicket(text).kind, "ticket", JSON.stringify([text, from]));
        from += found.from;
      }
    }),
    runs(2_000),
  );
});

Deno.test("E.7 the rest of the text begins at the end of a ticket", () => {
  for (
    const [text, rest] of [[TICKET, ""], [` ${TICKET} -o x`, " -o x"], [
      `${TICKET.replace("ob", "o\u200b<br>b")}.`,
      ".",
    ]]
  ) {
    const found = findTicket(text);
    assert.ok(found.kind === "ticket", text);
    assert.equal(text.slice(found.end), rest);
  }
});

Deno.test("E.7 the first of several tickets is found, and a complete one after a truncated one", () => {
  fc.assert(
    fc.property(anyTicketText, anyTicketText, fc.nat(), (first, second, at) => {
      assert.deepEqual(found(`${first}\n${second}`), { kind: "ticket", text: first });
      const cut = first.slice(0, 4 + at % (first.length - 4));
      assert.deepEqual(found(`> ${cut}…\n\n${second}`), { kind: "ticket", text: second });
    }),
    runs(1_000),
  );
});

Deno.test("E.7 a truncated ticket is unfinished, and no following text completes it", () => {
  const after = ["", "\n", ".", ")", "\n> ", " \u200b"];
  const others = ["…", "... ", "\nBest regards,\nBill", " and so on", "0", "é", "\nThanks! 8-)", ". See you"];
  fc.assert(
    fc.property(anyTicketText, fc.nat(), (ticket, at) => {
      // Fewer missing characters could match the following text by chance.
      const cut = ticket.slice(0, 4 + at % (ticket.length - 24));
      for (const end of after) assert.deepEqual(found(cut + end), { kind: "unfinished" }, cut + end);
      for (const end of others) assert.notEqual(findTicket(cut + end + "\n").kind, "ticket", cut + end);
    }),
    runs(1_000),
  );
});

Deno.test("E.7 a text adjacent to a letter or a digit, or with a wrong character, is no ticket", () => {
  for (const text of [`x${TICKET}`, `4${TICKET}`, `é${TICKET}`, `${TICKET}a`, `${TICKET}7`, `${TICKET}é`]) {
    assert.equal(findTicket(text).kind, "none", text);
  }
  fc.assert(
    fc.property(
      anyTicketText,
      fc.nat(),
      fc.constantFrom("0", "1", "8", "9", "é", "к", "\u212a", ".", "/", "%41", "\x07", ""),
      (ticket, at, by) => {
        const place = 5 + at % (ticket.length - 6);
        const text = ticket.slice(0, place) + by + ticket.slice(place + 1);
        // A ticket with a removed character can be another valid one, but rarely.
        if (by === "" && isTicket(text)) return;
        assert.notEqual(findTicket(text + " ").kind, "ticket", text);
      },
    ),
    runs(1_000),
  );
});

function isTicket(text: string): boolean {
  try {
    parseTicket(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether a text contains the letters of a ticket in order. */
function isIn(ticket: string, text: string): boolean {
  let at = 0;
  for (const letter of text.normalize("NFKC").toLowerCase()) {
    if (letter === ticket[at]) at++;
  }
  return at === ticket.length;
}

Deno.test("E.7 a found ticket is in the text, and valid", () => {
  const word = fc.string({ unit: fc.constantFrom(..."abcdefgh2345 blob"), maxLength: 12 });
  const part = fc.tuple(anyTicketText, fc.nat(200), fc.nat(200)).map(([text, from, to]) =>
    text.slice(from, to)
  );
  const piece = fc.oneof(
    word,
    part,
    anyTicketText,
    fc.constantFrom("blob", "BLOB", "blobaa", "\n", "> ", " ", "\n\n", "=\n", ".", "\u200b"),
    fc.string({ unit: "binary", maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join("")), (text) => {
      const found = findTicket(text);
      if (found.kind !== "ticket") return;
      assert.ok(isIn(found.text, text), JSON.stringify(text));
      parseTicket(found.text);
    }),
    runs(3_000),
  );
});

Deno.test("E.7 prose about blobs contains no ticket", () => {
  const words = [
    "blob",
    "Blob",
    "BLOBs",
    "aardvarks",
    "aa",
    "ab",
    "and",
    "bold",
    "b",
    "aaaaaaaaaaaaaaaaaaaa",
    "caches",
  ];
  const gap = fc.constantFrom(" ", "\n", ", ", ". ", "\n\n", "-");
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...words), gap), { maxLength: 60 }), (pieces) => {
      const text = pieces.flat().join("");
      const found = findTicket(text);
      if (found.kind === "ticket") assert.fail(text);
    }),
    runs(1_000),
  );
});

Deno.test("E.7 a ticket with the longest relay is found, and a longer one is not", () => {
  const relay = (length: number) => "https://" + "a".repeat(length - 9) + "/";
  const text = (length: number) => {
    const varint = [length & 0x7f | 0x80, length >> 7];
    const bytes = [
      0,
      ...new Array(32).fill(5),
      1,
      ...varint,
      ...new TextEncoder().encode(relay(length)),
      0,
      0,
    ];
    return "blob" + base32([...bytes, ...new Array(32).fill(6)]);
  };
  assert.deepEqual(found(`(${text(10_000)})`), { kind: "ticket", text: text(10_000) });
  assert.equal(findTicket(`(${text(11_000)})`).kind, "none");
});

/** Base32 of RFC 4648, bit by bit. */
function base32(bytes: number[]): string {
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{1,5}/g)!.map((group) => parseInt(group.padEnd(5, "0"), 2));
  return groups.map((group) => "abcdefghijklmnopqrstuvwxyz234567"[group]).join("");
}

/** A line of 15 bytes, at which a ticket may begin whose relay is the 10,000 bytes of the following lines. */
function relayLine(): string {
  const bytes: number[] = [0, ...new Array(14).fill(0x22)];
  bytes.splice(3, 7, 1, 0x90, 0x4e, ...new TextEncoder().encode("http"));
  // Bytes are counted after `blob`, so four letters of the last ones are in the next line.
  return "blob" + base32(bytes).slice(0, 20) + "\n";
}

Deno.test("E.7 a megabyte of false beginnings is searched in little time", () => {
  const megabyte = (text: string) => text.repeat(Math.ceil(1e6 / text.length));
  const texts = {
    beginnings: megabyte("blobaa\n"),
    "beginnings of lines": megabyte("blobaa" + "c".repeat(15) + "\n"),
    "beginnings in words": megabyte("blobaa "),
    "groups": megabyte("bloba aaaaa "),
    "relays that hold beginnings": megabyte(relayLine()),
    // At every line begins a ticket of 256 addresses, which are in the following lines.
    "addresses that hold beginnings": megabyte("blobaaaacaeaaiaacaiaaaaq\n"),
    "letters": megabyte("b"),
    "line breaks": "blob" + megabyte("\n"),
    "invisible characters": megabyte("blob\u200b"),
    "markup": megabyte("<br<wbr  &nbsp"),
    "initials": megabyte("\nbl> > ob"),
    "marks of initials": megabyte(">"),
  };
  for (const [name, text] of Object.entries(texts)) {
    const startMs = threadCpuMs();
    assert.deepEqual(found(`${text}... 0 ${TICKET}`), { kind: "ticket", text: TICKET }, name);
    const ms = threadCpuMs() - startMs;
    assert.ok(ms < 1_000, `${name}: ${ms} ms`);
  }
});

Deno.test("E.7 the tickets of iroh's program are found", () => {
  for (const { ticket } of tickets) {
    assert.deepEqual(found(`>${ticket.toUpperCase()}<`), { kind: "ticket", text: ticket });
    assert.doesNotThrow(() => parseTicket(ticket), (error: unknown) => isPliError(error));
  }
});
