import { doesNotMatch, match, ok, strictEqual } from "node:assert";
import { CATALOGUE, type FailureCode, type FailureParameters } from "../../src/cli/catalogue.ts";
import { EXIT } from "../../src/cli/exit_codes.ts";
import { explain } from "../../src/cli/failure.ts";
import { NAME_FAULTS, SKIP_REASONS, TICKET_FAULTS } from "../../src/cli/fault_words.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import { AppError } from "../../src/app/errors.ts";
import { PliError } from "../../src/engine/mod.ts";

/** One example of every code's parameters: complete by its type. */
const EXAMPLES: { readonly [C in FailureCode]: FailureParameters[C] } = {
  ticket_malformed: { fault: "prefix" },
  ticket_unsupported: {},
  relay_url_invalid: { url: "ftp://a" },
  secret_invalid: {},
  binding_missing: { system: "linux x86_64" },
  binding_unknown: { binding: "fast" },
  bind_failed: { address: "0.0.0.0:1" },
  path_missing: { path: "a/b" },
  nothing_to_send: {},
  share_too_large: { files: 2_000_000 },
  source_changed: { name: "a.txt" },
  peer_unreachable: { id: "00".repeat(32) },
  connection_lost: {},
  stream_reset: { streamCode: 2 },
  peer_refused: {},
  source_lost: { name: "a.txt" },
  wrong_bytes: { hash: "00".repeat(32), chunk: 3 },
  message_malformed: { what: "collection" },
  limit_exceeded: { what: "names", maximum: 10 },
  name_refused: { name: "../a", fault: "dot_part" },
  declined: {},
  not_one_file: { files: 2 },
  destination_busy: { path: "a" },
  disk_full: { path: "a" },
  disk_read_only: { path: "a" },
  disk_denied: { path: "a" },
  disk_failed: { path: "a" },
  destination_not_folder: { path: "a" },
  cancelled: {},
  internal: { what: "a" },
  home_unknown: {},
  home_denied: { path: "a" },
  home_full: { path: "a" },
  home_unusable: { path: "a" },
  command_unknown: { command: "sned", nearest: "send" },
  option_unknown: { option: "--kep", nearest: "--keep" },
  option_misplaced: { option: "--qr", command: "send" },
  option_without_value: { option: "--out" },
  option_with_value: { option: "--json" },
  option_value_invalid: { option: "--ticket", value: "a", expected: "b" },
  options_exclusive: { options: ["--skip", "--rename"] },
  paths_missing: {},
  input_not_alone: {},
  name_without_input: {},
  argument_unexpected: { argument: "a" },
  ticket_missing: {},
  consent_needed: { names: ["a", "b", "c", "d"] },
  nothing_chosen: { globs: ["*.jpg"] },
  argument_unwanted: { command: "ui", argument: "a" },
  page_silent: { home: "/a" },
  remove_unchosen: {},
  entry_unknown: { which: "9" },
  discard_unchosen: {},
  download_unknown: { which: "9" },
  download_ambiguous: { which: "a", numbers: [1, 3] },
};

function wordsOf<C extends FailureCode>(code: C, keptBytes = 0) {
  const { exit, message, advice } = CATALOGUE[code];
  return { exit, message: message(EXAMPLES[code]), advice: advice(EXAMPLES[code], keptBytes) };
}

Deno.test("catalogue: every code has a sentence, advice and an exit code", () => {
  for (const code of Object.keys(EXAMPLES) as FailureCode[]) {
    const { exit, message, advice } = wordsOf(code);
    ok(exit > 0, code);
    match(message, /^\S.{5,}[^.]$/, code);
    match(advice, /^[A-Z].{8,}$/, code);
    doesNotMatch(message + advice, /undefined|null|NaN|\[object|\$\{/, code);
  }
});

Deno.test("catalogue: what is kept of a download is said, with how to go on", () => {
  for (
    const code of ["cancelled", "connection_lost", "peer_unreachable", "stream_reset", "disk_full"] as const
  ) {
    match(
      wordsOf(code, 2_500_000_000).advice,
      /Run pli resume, or the same command again, to go on; 2\.5 GB are kept\.$/,
    );
    doesNotMatch(wordsOf(code).advice, /kept/);
  }
});

Deno.test("catalogue: what it is about is in the sentence", () => {
  match(wordsOf("path_missing").message, /a\/b/);
  match(wordsOf("name_refused").message, /\.\.\/a.*\.\. as a part/);
  match(wordsOf("consent_needed").message, /a, b, c and 1 more/);
  match(wordsOf("command_unknown").advice, /pli send/);
});

Deno.test("catalogue: a whole ticket is not repeated when it is one word too many", () => {
  const command = "blob" + "a".repeat(200);
  const { message, advice } = explain(new UsageError("command_unknown", { command, nearest: null }));
  ok(message.length < 60);
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

Deno.test("catalogue: every fault and reason has words", () => {
  for (const words of [TICKET_FAULTS, NAME_FAULTS, SKIP_REASONS].flatMap((table) => Object.values(table))) {
    match(words, /\w{2,}/);
  }
});

Deno.test("failure: explains each family, with its causes", () => {
  const cause = new Error("outer", { cause: new TypeError("inner") });
  const failure = explain(new PliError("disk_failed", { path: "x" }, { cause }));
  strictEqual(failure.code, "disk_failed");
  strictEqual(failure.causes.join(" | "), "Error: outer | TypeError: inner");
  strictEqual(explain(new AppError("home_unknown", {})).exit, EXIT.disk);
  strictEqual(explain(new UsageError("paths_missing", {})).exit, EXIT.usage);
});

Deno.test("failure: anything else is a mistake of pli", () => {
  strictEqual(explain(new TypeError("x is not a function")).code, "internal");
  match(explain(new TypeError("x is not a function")).message, /TypeError: x is not a function/);
  match(explain("text").message, /text/);
});

Deno.test("failure: a cause that causes itself is told once", () => {
  const error = new Error("round");
  error.cause = error;
  strictEqual(explain(new PliError("internal", { what: "x" }, { cause: error })).causes.length, 1);
});
