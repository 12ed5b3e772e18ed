import { deepStrictEqual, doesNotMatch, match, notStrictEqual, ok, strictEqual } from "node:assert";
import { join } from "node:path";
import { CATALOGUE, type FailureCode, type FailureParameters } from "../../src/cli/report/failure.ts";
import { EXIT } from "../../src/cli/errors.ts";
import { explain } from "../../src/cli/report/failure.ts";
import { failureInWords } from "../../src/cli/report/failure.ts";
import { UsageError, type UsageParameters } from "../../src/cli/errors.ts";
import { ENGLISH, wordsFor } from "../../src/cli/words.ts";
import { AppError } from "../../src/app/errors.ts";
import { PliError } from "../../src/engine/mod.ts";
import { needing, NOT_LINUX } from "../left_out.ts";
import { ERROR_EXAMPLES } from "../words/examples.ts";

const FRENCH = await wordsFor("fr");

const USAGE_EXAMPLES: { readonly [C in keyof UsageParameters]: UsageParameters[C] } = {
  command_unknown: { command: "sned", nearest: "send", given: null },
  option_unknown: { option: "--kep", nearest: "--keep", command: "send", commands: [] },
  option_misplaced: { option: "--qr", commands: ["send"] },
  option_without_value: { option: "--out" },
  option_with_value: { option: "--json" },
  option_value_invalid: { option: "--ticket", value: "a", expected: "ticket_kind" },
  log_filter_invalid: { option: "--log", logFault: "word", part: "net=loud" },
  options_exclusive: { options: ["--skip", "--rename"] },
  argument_empty: {},
  working_folder_unusable: {},
  output_unusable: { path: "/dev/tty", reason: "special_file" },
  variable_not_unicode: { variable: "HOME" },
  paths_missing: {},
  input_not_alone: {},
  name_without_input: {},
  name_too_long: { sizeBytes: 300, maximumBytes: 255 },
  argument_unexpected: { argument: "a" },
  ticket_missing: {},
  consent_needed: {
    names: ["a", "b", "c", "d"],
    consents: ["a", "b", "c", "d"].map((name) => ({ name, reason: "dot_file", places: 1, files: 1 })),
  },
  nothing_chosen: { globs: ["*.jpg"] },
  integration_unsupported: { system: "darwin" },
  argument_unwanted: { command: "ui", argument: "a" },
  page_unbuilt: {},
  page_silent: { home: "/a" },
  remove_unchosen: {},
  entry_unknown: { which: "9" },
  discard_unchosen: {},
  download_unknown: { which: "9" },
  input_is_folder: { purpose: "data" },
  input_failed: {},
  output_full: {},
  output_file_too_large: {},
  output_failed: {},
  download_ambiguous: { which: "a", numbers: [1, 3] },
};

/** One example of every code's parameters: complete by its type. */
const EXAMPLES: { readonly [C in FailureCode]: FailureParameters[C] } = {
  ...ERROR_EXAMPLES,
  ...USAGE_EXAMPLES,
};

function wordsOf<C extends FailureCode>(code: C, keptBytes = 0, words = ENGLISH) {
  const { exit, advice } = CATALOGUE[code];
  const parameters = { ...EXAMPLES[code] };
  const chosen = typeof advice === "function" ? advice(EXAMPLES[code], keptBytes) : advice;
  const failure = {
    code,
    parameters,
    exit,
    advice: chosen,
    keptBytes,
    writtenBytes: 0,
    folder: "/dst",
    causes: [],
  };
  return { exit, ...failureInWords(failure, words) };
}

Deno.test("catalogue: every code has a sentence, advice and an exit code", () => {
  for (const code of Object.keys(EXAMPLES) as FailureCode[]) {
    const { exit, message, advice } = wordsOf(code);
    ok(exit > 0, code);
    match(message, /^\S.{5,}\.$/, code);
    match(advice, /^[A-Z].{8,}$/, code);
    doesNotMatch(message + advice, /undefined|null|NaN|\[object|[{}]/, code);
  }
});

Deno.test("catalogue: French has its own words for every code, with the same parameters filled in", () => {
  for (const code of Object.keys(EXAMPLES) as FailureCode[]) {
    for (const keptBytes of [0, 2_500_000_000]) {
      const [english, french] = [wordsOf(code, keptBytes), wordsOf(code, keptBytes, FRENCH)];
      notStrictEqual(french.message, english.message, code);
      notStrictEqual(french.advice, english.advice, code);
      match(french.message, /^\S.{5,}\.$/, code);
      doesNotMatch(french.message + french.advice, /undefined|null|NaN|\[object|[{}]| [:;!?»]/, code);
    }
  }
  match(wordsOf("disk_full", 2_500_000_000, FRENCH).advice, /2,5\sGo sont gardés/);
  match(wordsOf("consent_needed", 0, FRENCH).advice, /a\s: caché, b\s: caché, c\s: caché et 1 autre/);
});

Deno.test("catalogue: the kept bytes of a download are reported, with the way to resume it", () => {
  for (
    const code of ["cancelled", "connection_lost", "peer_unreachable", "stream_reset"] as const
  ) {
    match(
      wordsOf(code, 2_500_000_000).advice,
      /Run pli resume, or the same command again, to go on; 2\.5 GB are kept\.$/,
    );
    doesNotMatch(wordsOf(code).advice, /kept/);
  }
  strictEqual(
    wordsOf("disk_full", 2_500_000_000).advice,
    "Make room. Run pli resume, or the same command again, to go on; 2.5 GB are kept. " +
      "They are in a hidden folder in /dst; pli resume --discard removes them.",
  );
});

Deno.test("catalogue: an option of other commands is reported with all of them", () => {
  const commands = ["send", "receive", "resume", "inspect", "ui"];
  const failure = explain(new UsageError("option_misplaced", { option: "--log", commands }));
  match(
    failureInWords(failure, ENGLISH).message,
    /^--log belongs to pli send, receive, resume, inspect, and ui\.$/,
  );
});

Deno.test({
  ...needing("E.3 catalogue: only for a pipe it is advised to read it as standard input", NOT_LINUX),
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const fifo = join(folder, "fifo");
      ok((await new Deno.Command("mkfifo", { args: [fifo] }).output()).success);
      const adviceOf = (path: string) =>
        explain(new PliError("source_unsendable", { path, reason: "special_file" })).advice;
      deepStrictEqual([fifo, "/dev/zero"].map(adviceOf), [["pipeIn"], ["skipUnreadable"]]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("catalogue: the parameters of an error are in its sentence", () => {
  match(wordsOf("destination_busy").advice, /another name in the same folder is not enough/);
  match(
    wordsOf("disk_file_limit").message + wordsOf("disk_file_limit").advice,
    /\(ulimit -f\).*ulimit -f unlimited/,
  );
  match(wordsOf("path_missing").message, /a\/b/);
  match(wordsOf("name_refused").message, /\.\.\/a.*\.\. as a part/);
  match(wordsOf("consent_needed").advice, /a: hidden, b: hidden, c: hidden and 1 more/);
  match(wordsOf("command_unknown").advice, /pli send/);
});

Deno.test("catalogue: a ticket that is a superfluous argument is not repeated", () => {
  const command = "blob" + "a".repeat(200);
  const failure = explain(new UsageError("command_unknown", { command, nearest: null, given: "ticket" }));
  const { message, advice } = failureInWords(failure, ENGLISH);
  ok(message.length < 60);
  ok(JSON.stringify(failure.parameters).length < 70);
  match(advice, /pli receive/);
});

Deno.test("catalogue: exit codes are as documented", () => {
  const codes: [FailureCode, number][] = [
    ["path_missing", 1],
    ["internal", 1],
    ["declined", 1],
    ["ticket_malformed", 2],
    ["option_unknown", 2],
    ["consent_needed", 2],
    ["peer_unreachable", 3],
    ["connection_lost", 3],
    ["wrong_bytes", 4],
    ["source_changed", 4],
    ["name_refused", 4],
    ["message_malformed", 4],
    ["limit_exceeded", 4],
    ["disk_full", 5],
    ["disk_denied", 5],
    ["home_denied", 5],
    ["peer_refused", 6],
  ];
  for (const [code, exit] of codes) strictEqual(CATALOGUE[code].exit, exit, code);
  strictEqual(EXIT.interrupted, 130);
  strictEqual(EXIT.terminated, 143);
});

Deno.test("failure: errors of each family are explained, with their causes", () => {
  const cause = new Error("outer", { cause: new TypeError("inner") });
  const failure = explain(new PliError("disk_failed", { path: "x" }, { cause }));
  strictEqual(failure.code, "disk_failed");
  strictEqual(failure.causes.join(" | "), "Error: outer | TypeError: inner");
  strictEqual(explain(new AppError("home_unknown", {})).exit, EXIT.disk);
  strictEqual(explain(new UsageError("paths_missing", {})).exit, EXIT.usage);
});

Deno.test("failure: every other error is a defect of pli", () => {
  strictEqual(explain(new TypeError("x is not a function")).code, "internal");
  match(
    failureInWords(explain(new TypeError("x is not a function")), ENGLISH).message,
    /TypeError: x is not a function/,
  );
  match(failureInWords(explain("text"), ENGLISH).message, /text/);
});

Deno.test("failure: an error that is its own cause is shown once", () => {
  const error = new Error("round");
  error.cause = error;
  strictEqual(explain(new PliError("internal", { what: "x" }, { cause: error })).causes.length, 1);
});
