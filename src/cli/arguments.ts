// argv, read into one plain value per command. Refuses what it does not know, names what was probably meant,
// and touches nothing: whether a path exists or a ticket can be read shows later.

import type { ExistingPolicy, TicketKind } from "../engine/mod.ts";
import { parseDuration } from "./duration.ts";
import { nearest } from "./nearest.ts";
import { checkOptions, type GivenOptions, splitCommandLine } from "./given_options.ts";
import { type CommandName, commandNamed, COMMANDS } from "./options_table.ts";
import type { UiOptions } from "./ui.ts";
import { type Expectation, UsageError } from "./usage_error.ts";

const TICKET_KINDS: readonly TicketKind[] = ["relay", "id", "addresses", "all"];
const EXISTING = ["overwrite", "rename", "skip"] as const satisfies readonly ExistingPolicy[];

export interface CommonArguments {
  relay: string;
  bind: string | null;
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  color: boolean;
}

/** What is sent: paths, or standard input under a name. */
export type SendSource = { kind: "paths"; paths: readonly string[] } | { kind: "input"; name: string };

export interface LimitArguments {
  /** A speed; null is none. */
  limit: string | null;
}

export interface SendArguments extends CommonArguments, LimitArguments {
  command: "send";
  source: SendSource;
  keep: boolean;
  ticketKind: TicketKind;
  exclude: readonly string[];
  /** Whether an unfinished share of the same paths is left aside. */
  isNew: boolean;
  /** Whether hashes of earlier shares are used, and those of this one remembered. */
  cache: boolean;
  copy: boolean;
  qr: boolean;
}

/** How long a sender that cannot be reached is tried. */
export interface PatienceArguments {
  /** Whether it is waited for in the beginning for as long as it takes. */
  wait: boolean;
  giveUpMs: number | null;
}

export interface ReceiveArguments extends CommonArguments, PatienceArguments, LimitArguments {
  command: "receive";
  /** A ticket, or a pasted line that holds one; null when it comes from elsewhere. */
  ticketText: string | null;
  /** Null is standard output. */
  folder: string | null;
  only: readonly string[];
  existing: ExistingPolicy;
  preview: boolean;
  yes: boolean;
}

export interface ResumeArguments extends CommonArguments, PatienceArguments, LimitArguments {
  command: "resume";
  /** Numbers of the list, or beginnings of what it shows. None, without `all`: the list is wanted. */
  which: readonly string[];
  all: boolean;
  discard: boolean;
  yes: boolean;
}

export interface HistoryArguments extends CommonArguments {
  command: "history";
  all: boolean;
  /** Forgets the entries of `which`. */
  remove: boolean;
  which: readonly string[];
  clear: boolean;
}

export interface InspectArguments extends CommonArguments, PatienceArguments {
  command: "inspect";
  ticketText: string | null;
  remote: boolean;
}

export interface UiArguments extends CommonArguments, UiOptions {
  command: "ui";
}

export type Invocation =
  | { command: "help"; of: CommandName | null }
  | { command: "version" }
  | SendArguments
  | ReceiveArguments
  | ResumeArguments
  | HistoryArguments
  | InspectArguments
  | UiArguments;

/** Reads a command line. Throws UsageError. */
export function parseArguments(argv: readonly string[]): Invocation {
  const { words: [word, ...rest], tokens } = splitCommandLine(argv);
  const command = word === undefined ? null : commandNamed(word);
  if (word !== undefined && command === null) throw unknownCommand(word);
  const given = checkOptions(tokens, command);
  if (given.has("version")) return { command: "version" };
  if (given.has("help") || command === null) return { command: "help", of: command };
  if (command === "send") return sendArguments(given, rest);
  if (command === "receive") return receiveArguments(given, rest);
  if (command === "resume") return resumeArguments(given, rest);
  if (command === "history") return historyArguments(given, rest);
  if (command === "ui") return uiArguments(given, rest);
  return {
    command,
    ...common(given),
    ...patience(given),
    ticketText: ticketText(rest),
    remote: given.has("remote"),
  };
}

function sendArguments(given: GivenOptions, paths: readonly string[]): SendArguments {
  const kind = given.value("ticket") ?? "relay";
  if (!isOneOf(TICKET_KINDS, kind)) throw invalid("--ticket", kind, "ticket_kind");
  // Such a ticket would lead nowhere: nothing is published where relays are disabled.
  if (kind === "id" && given.value("relay") === "disabled") {
    throw exclusive(["--ticket id", "--relay disabled"]);
  }
  return {
    command: "send",
    ...common(given),
    source: sendSource(given, paths),
    keep: given.has("keep"),
    ticketKind: kind,
    exclude: given.values("exclude"),
    isNew: given.has("new"),
    cache: !given.has("no-cache"),
    copy: given.has("copy"),
    qr: given.has("qr"),
    limit: given.value("limit"),
  };
}

function sendSource(given: GivenOptions, paths: readonly string[]): SendSource {
  const name = given.value("name");
  if (paths.length === 0) throw new UsageError("paths_missing", {});
  if (!paths.includes("-")) {
    if (name !== null) throw new UsageError("name_without_input", {});
    return { kind: "paths", paths };
  }
  if (paths.length > 1) throw new UsageError("input_not_alone", {});
  if (name !== null && !isFileName(name)) throw invalid("--name", name, "file_name");
  return { kind: "input", name: name ?? "stdin" };
}

function receiveArguments(given: GivenOptions, words: readonly string[]): ReceiveArguments {
  const out = given.value("out") ?? ".";
  const existing = EXISTING.filter((policy) => given.has(policy));
  if (existing.length > 1) throw exclusive(existing.map((policy) => `--${policy}`));
  if (out === "-" && existing.length > 0) throw exclusive(["-o -", `--${existing[0]}`]);
  return {
    command: "receive",
    ...common(given),
    ...patience(given),
    ticketText: ticketText(words),
    folder: out === "-" ? null : out,
    only: given.values("only"),
    existing: existing[0] ?? "merge",
    preview: given.has("preview"),
    yes: given.has("yes"),
    limit: given.value("limit"),
  };
}

function resumeArguments(given: GivenOptions, which: readonly string[]): ResumeArguments {
  const [all, discard] = [given.has("all"), given.has("discard")];
  if (all && which.length > 0) throw exclusive(["--all", which[0]]);
  if (discard && !all && which.length === 0) throw new UsageError("discard_unchosen", {});
  return {
    command: "resume",
    ...common(given),
    ...patience(given),
    which,
    all,
    discard,
    yes: given.has("yes"),
    limit: given.value("limit"),
  };
}

function historyArguments(given: GivenOptions, which: readonly string[]): HistoryArguments {
  const actions = (["all", "remove", "clear"] as const).filter((name) => given.has(name));
  if (actions.length > 1) throw exclusive(actions.map((name) => `--${name}`));
  const [action] = actions;
  if (action === "remove" && which.length === 0) throw new UsageError("remove_unchosen", {});
  if (action !== "remove" && which.length > 0) throw unwanted("history", which);
  return {
    command: "history",
    ...common(given),
    all: action === "all",
    remove: action === "remove",
    which,
    clear: action === "clear",
  };
}

function patience(given: GivenOptions): PatienceArguments {
  const text = given.value("give-up");
  const giveUpMs = text === null ? null : parseDuration(text);
  if (text !== null && giveUpMs === null) {
    throw invalid("--give-up", text, "time");
  }
  return { wait: given.has("wait"), giveUpMs };
}

function uiArguments(given: GivenOptions, words: readonly string[]): UiArguments {
  if (words.length > 0) throw unwanted("ui", words);
  return {
    command: "ui",
    ...common(given),
    port: portNumber(given.value("port")),
    open: !given.has("no-open"),
    folder: given.value("dir"),
    allowedOrigins: given.values("allow-origin").map(webOrigin),
    separate: given.has("separate"),
  };
}

function portNumber(text: string | null): number | null {
  if (text === null) return null;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw invalid("--port", text, "port");
  return port;
}

/** The origin of a URL that is nothing more. */
function webOrigin(text: string): string {
  const url = URL.parse(text);
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  if (!isOrigin) throw invalid("--allow-origin", text, "origin");
  return url.origin;
}

function common(given: GivenOptions): CommonArguments {
  return {
    relay: given.value("relay") ?? "default",
    bind: given.value("bind"),
    json: given.has("json"),
    quiet: given.has("quiet"),
    verbose: given.has("verbose"),
    color: !given.has("no-color"),
  };
}

/** A ticket is the last word of what was given; `sendme receive blob…` pasted whole has others before it. */
function ticketText(words: readonly string[]): string | null {
  const ticket = words.findIndex((word) => word.startsWith("blob"));
  const unexpected = ticket < 0 ? words[1] : words[ticket + 1];
  if (unexpected !== undefined) throw new UsageError("argument_unexpected", { argument: unexpected });
  return words.length === 0 ? null : words.join(" ");
}

function unknownCommand(command: string): UsageError {
  const names = Object.entries(COMMANDS).flatMap(([name, { aliases }]) => [name, ...aliases]);
  return new UsageError("command_unknown", { command, nearest: nearest(command, names) });
}

function invalid(option: string, value: string, expected: Expectation): UsageError {
  return new UsageError("option_value_invalid", { option, value, expected });
}

function unwanted(command: CommandName, [argument]: readonly string[]): UsageError {
  return new UsageError("argument_unwanted", { command, argument });
}

function exclusive(options: readonly string[]): UsageError {
  return new UsageError("options_exclusive", { options });
}

function isOneOf<T extends string>(values: readonly T[], value: string): value is T {
  return (values as readonly string[]).includes(value);
}

function isFileName(name: string): boolean {
  return !/[/\\\0]/.test(name) && name !== "." && name !== "..";
}
