// deno-lint-ignore-file no-control-regex
// Tickets that are typed and pasted at the prompt.

import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert";
import { type FetchOptions, formatTicket } from "../../src/engine/mod.ts";
import { width } from "../../src/cli/report/lists.ts";
import { fakeFetch, OFFER } from "./fake_share.ts";
import { type CliFixture, type FakeOptions, TICKET, withFixture } from "./cli_fixture.ts";

const HALF = TICKET.slice(0, 70);
const REST = TICKET.slice(70);
const MAIL = `Hi,\n> ${HALF}\n> ${REST}.\nBye, Bob\n`;
const HIDDEN = {
  ...OFFER,
  consents: [{ name: ".bashrc", reason: "dot_file" as const, places: 1, files: 1 }],
};

/** Receives at a terminal with keys; returns the exit code, the ticket that the engine got, and the fixture. */
async function receiving(line: string[], options: FakeOptions) {
  let given: FetchOptions | undefined;
  let seen: { exit: number; fixture: CliFixture } | undefined;
  const engine = {
    fetch: (options: FetchOptions) => fakeFetch(given = options, line.includes("--hidden") ? HIDDEN : OFFER),
  };
  const argv = (folder: string) => [
    "receive",
    "-o",
    folder,
    ...line.filter((word) => word !== "--hidden"),
  ];
  await withFixture(argv, { isTerminal: true, hasKeys: true, ...options, engine }, (exit, fixture) => {
    seen = { exit, fixture };
  });
  return { ...seen!, ticket: given && formatTicket(given.ticket) };
}

Deno.test("E.7 prompt: a wrapped ticket is read whole, pasted with brackets and without", async () => {
  const inputs: (string | string[])[] = [
    `${TICKET}\r`,
    `\x1b[200~${MAIL}\x1b[201~\r`,
    `\x1b[200~${MAIL.replaceAll("\n", "\r")}\x1b[201~\r`,
    [`\x1b[200~${HALF}`, `\r${REST}\x1b[20`, "1~", "\r"],
    MAIL.replaceAll("\n", "\r"),
    [`${HALF}\r`, "\r", `${REST}\r`],
    `what?\r\r${TICKET.toUpperCase()}\r`,
  ];
  for (const input of inputs) {
    const { exit, fixture, ticket } = await receiving([], { input });
    strictEqual(exit, 0, fixture.error.text);
    strictEqual(ticket, TICKET);
    deepStrictEqual(fixture.rawModes, [true, false]);
    match(fixture.error.text, /\x1b\[\?2004h[^]*\x1b\[\?2004l/);
  }
});

Deno.test("E.7 prompt: a paste is consumed whole, and no part of it answers the next question", async () => {
  const rest = "y\rrm -rf precious\r";
  const pasted = `${MAIL}${rest}`.replaceAll("\n", "\r");
  for (const input of [pasted, `\x1b[200~${pasted}\x1b[201~\r`]) {
    const { exit, fixture, ticket } = await receiving(["--hidden"], { input: [input] });
    strictEqual(ticket, TICKET);
    // The input has ended, so there is no answer.
    strictEqual(exit, 1, fixture.error.text);
    match(fixture.error.text, /Not received, as you chose/);
    const left = await Array.fromAsync(fixture.terminal.input.readable);
    deepStrictEqual(left, []);
  }
});

Deno.test("prompt: what was typed before the question for consent is no answer, and what follows it is one", async () => {
  const early = [
    "y\r",
    "y",
    "\x1b",
    "\x1b[200~y\r\x1b[201~\r",
    "\x1b[200~y",
    ["yes\r", "y\r", "y"],
    "\x04",
    `${"y\r".repeat(5_000)}`,
  ];
  const terminals: FakeOptions[] = [{}, { hasKeys: false }, { environment: { TERM: "dumb" } }];
  for (const [at, input] of early.entries()) {
    for (const terminal of at < 2 ? terminals : terminals.slice(0, 1)) {
      const shown = JSON.stringify([input, terminal]).slice(0, 200);
      const declined = await receiving(["--hidden", TICKET], { ...terminal, input, answer: "\r" });
      strictEqual(declined.exit, 1, shown);
      match(declined.fixture.error.text, /Receive this\? \[y\/N\] [^]*Not received, as you chose/);
      // A paste that has begun ends first.
      const answer = input === early[4] ? "y\r\x1b[201~y\r" : "y\r";
      const accepted = await receiving(["--hidden", TICKET], { ...terminal, input, answer });
      strictEqual(accepted.exit, 0, shown);
    }
    // The end of the input is no answer either.
    const ended = await receiving(["--hidden", TICKET], { input });
    strictEqual(ended.exit, 1, JSON.stringify(input).slice(0, 100));
  }
});

Deno.test("prompt: the terminal edits lines again after the discarded input of a dumb terminal", async () => {
  const { fixture } = await receiving(["--hidden", TICKET], {
    environment: { TERM: "dumb" },
    input: "y",
    answer: "y\n",
  });
  deepStrictEqual(fixture.rawModes, [true, false]);
  doesNotMatch(fixture.error.text, /\x1b/);
});

Deno.test("E.7 prompt: for an argument that is the beginning of a ticket the rest is requested", async () => {
  const { exit, fixture, ticket } = await receiving([HALF], { input: `${REST}\r` });
  strictEqual(exit, 0);
  strictEqual(ticket, TICKET);
  match(fixture.error.text, /The ticket is not complete\. Paste the rest:/);
  const without = await receiving([HALF], { input: `${REST}\n`, isTerminal: false });
  strictEqual(without.exit, 2);
  match(without.fixture.error.text, /This ticket cannot be read: it is cut short: its end is missing/);
});

/** The rows of a window after the prompt, which clears the last row to draw it again. */
function rowsOfPrompt(text: string, columns: number): string[] {
  const [, prompt] = /\x1b\[\?2004h([^]*)\x1b\[\?2004l/.exec(text)!;
  const rows = [""];
  for (const [part] of prompt.matchAll(/\r\x1b\[K|[^]/gu)) {
    if (part === "\n") rows.push("");
    else if (part.length > 1 && part.startsWith("\r")) rows[rows.length - 1] = "";
    else if (width(rows.at(-1)! + part) > columns) rows.push(part);
    else rows[rows.length - 1] += part;
  }
  return rows;
}

Deno.test("prompt: in a narrow window a question is drawn once, and what is typed is shown", async () => {
  const keys = [..."xyz日本語".repeat(4), "\x15"];
  const again = "That contains no complete ticket; a ticket begins with blob:";
  const cases: [string, number, string[], FakeOptions][] = [];
  for (const columns of [8, 20, 31, 80]) {
    cases.push(["Receive this? [y/N]", columns, ["--hidden", TICKET], { answer: [...keys, ..."yes\r"] }]);
  }
  for (const columns of [8, 20, 61, 62, 63, 70, 100]) {
    cases.push([again, columns, [], { input: ["what?\r", ...keys, ...TICKET, "\r"] }]);
  }
  for (const [question, columns, line, options] of cases) {
    const { fixture } = await receiving(line, { ...options, columns });
    const rows = rowsOfPrompt(fixture.error.text, columns);
    const shown = `${columns}: ${JSON.stringify(rows)}`;
    strictEqual(rows.join("").split(question).length, 2, shown);
    const typed = rows.filter((row) => row !== "").at(-1)!;
    ok(typed.endsWith(line.length > 0 ? " yes" : TICKET.slice(-4)), shown);
    ok(rows.length <= Math.ceil(width(question) / columns) + 4, shown);
  }
});

Deno.test("prompt: on a dumb terminal, or one without raw mode, the lines of the system are read", async () => {
  for (const options of [{ environment: { TERM: "dumb" } }, { hasKeys: false }]) {
    const input = [`${HALF}\n`, `${REST}\n`];
    const { exit, fixture, ticket } = await receiving([], { input, ...options });
    strictEqual(exit, 0);
    strictEqual(ticket, TICKET);
    deepStrictEqual(fixture.rawModes, []);
    doesNotMatch(fixture.error.text, /2004/);
  }
});

Deno.test("prompt: the end of the input ends it, with what was typed", async () => {
  const nothing = await receiving([], { input: "\x04" });
  strictEqual(nothing.exit, 2);
  match(nothing.fixture.error.text, /No ticket was given/);
  deepStrictEqual(nothing.fixture.rawModes, [true, false]);
  const half = await receiving([], { input: `${HALF}\r\x04` });
  match(half.fixture.error.text, /it is cut short/);
});

Deno.test("E.7 standard input: a wrapped ticket is found in a mail, and the input need not end", async () => {
  const { exit, ticket } = await receiving([], {
    input: [MAIL.slice(0, 90), MAIL.slice(90)],
    isTerminal: false,
  });
  strictEqual(exit, 0);
  strictEqual(ticket, TICKET);
});
