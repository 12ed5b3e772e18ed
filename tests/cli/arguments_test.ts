import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { type Invocation, parseCommandLine } from "../../src/cli/command_line.ts";
import {
  COMMAND_NAMES,
  type CommandName,
  type Commands,
  loadCommands,
} from "../../src/cli/commands/table.ts";
import { HELP_AND_VERSION, type Option, type OptionTable } from "../../src/cli/options.ts";
import { limitOption } from "../../src/cli/session.ts";
import { waitLimitsOf } from "../../src/cli/session.ts";
import { type UsageCode, UsageError, type UsageParameters } from "../../src/cli/errors.ts";
import { TICKET } from "./cli_fixture.ts";

const COMMANDS = await loadCommands();
const COMMON = {
  relay: null,
  relayCa: null,
  bind: null,
  log: null,
  logFile: null,
  json: false,
  quiet: false,
  verbose: false,
  noColor: false,
};

const parse = (argv: readonly string[]): Invocation => parseCommandLine(argv, COMMANDS);

/** The arguments that a command is run with. */
function given<N extends CommandName>(
  command: N,
  ...line: string[]
): ReturnType<Commands[N]["read"]> {
  const parsed = parse(line);
  if (parsed.command !== command || !("args" in parsed)) throw new Error(`${parsed.command} was read`);
  return parsed.args as ReturnType<Commands[N]["read"]>;
}

function refused<C extends UsageCode>(line: string[], code: C, parameters: Partial<UsageParameters[C]> = {}) {
  throws(() => parse(line), (error) => {
    if (!(error instanceof UsageError)) return false;
    strictEqual(error.code, code);
    deepStrictEqual({ ...error.parameters, ...parameters }, error.parameters);
    return true;
  });
}

Deno.test("arguments: send takes paths and all of its options", () => {
  deepStrictEqual(given("send", "send", "a", "b"), {
    ...COMMON,
    source: { kind: "paths", paths: ["a", "b"] },
    optionWords: [],
    keep: false,
    ticket: "auto",
    exclude: [],
    skipUnreadable: false,
    new: false,
    noCache: false,
    previewNames: false,
    name: null,
    copy: false,
    qr: false,
    limit: null,
  });
  const line =
    "send --keep --skip-unreadable --new --ticket all --exclude *.tmp --exclude=.git --no-cache --preview-names -c --qr a --limit 5M --relay disabled --relay-ca ca.pem --bind 0.0.0.0:1";
  const words = line.split(" ");
  deepStrictEqual(given("send", ...words), {
    ...COMMON,
    // Of an option with a value the first of two words.
    optionWords: words.filter((word) => word.startsWith("-")),
    relay: "disabled",
    relayCa: "ca.pem",
    bind: "0.0.0.0:1",
    source: { kind: "paths", paths: ["a"] },
    keep: true,
    ticket: "all",
    exclude: ["*.tmp", ".git"],
    skipUnreadable: true,
    new: true,
    noCache: true,
    previewNames: true,
    name: null,
    copy: true,
    qr: true,
    limit: "5M",
  });
});

Deno.test("arguments: - is standard input, under a name", () => {
  const source = (...line: string[]) => given("send", "tx", ...line).source;
  deepStrictEqual(source("-"), { kind: "input", name: "stdin" });
  deepStrictEqual(source("-", "--name", "a b.txt"), { kind: "input", name: "a b.txt" });
  refused(["send", "-", "a"], "input_not_alone");
  refused(["send", "a", "--name", "b"], "name_without_input");
  for (const name of ["a/b", "..", ".", "a\\b"]) {
    refused(["send", "-", "--name", name], "option_value_invalid");
  }
  const longest = "ü".repeat(127) + "x";
  deepStrictEqual(source("-", "--name", longest), { kind: "input", name: longest });
  refused(["send", "-", "--name", `${longest}x`], "name_too_long", { sizeBytes: 256, maximumBytes: 255 });
});

Deno.test("arguments: receive takes a ticket alone or in a pasted line", () => {
  const ticket = (...line: string[]) => given("receive", ...line).ticketText;
  strictEqual(ticket("receive", "blobabc"), "blobabc");
  strictEqual(ticket("rx", "sendme", "receive", "blobabc"), "sendme receive blobabc");
  strictEqual(ticket("recv"), null);
  strictEqual(
    ticket("receive", TICKET.slice(0, 60), TICKET.slice(60)),
    `${TICKET.slice(0, 60)} ${TICKET.slice(60)}`,
  );
  strictEqual(ticket("receive", TICKET.slice(0, 60)), TICKET.slice(0, 60));
  for (
    const given of [[TICKET], [TICKET.toUpperCase()], [TICKET.slice(0, 60), TICKET.slice(60)], ["blobx"]]
  ) {
    refused(["receive", ...given, "folder"], "argument_unexpected", { argument: "folder" });
  }
  refused(["inspect", "a", "b"], "argument_unexpected", { argument: "b" });
});

Deno.test("arguments: receive takes all of its options", () => {
  const line =
    "receive blobx -o there --only *.jpg --only a/** --yes --rename --preview --limit 1.5k --json -q -v --no-color";
  deepStrictEqual(given("receive", ...line.split(" ")), {
    ...COMMON,
    json: true,
    quiet: true,
    verbose: true,
    noColor: true,
    ticketText: "blobx",
    out: "there",
    folder: "there",
    only: ["*.jpg", "a/**"],
    overwrite: false,
    rename: true,
    skip: false,
    existing: "rename",
    preview: true,
    yes: true,
    limit: "1.5k",
    wait: false,
    giveUp: null,
  });
  strictEqual(given("receive", "receive", "-o", "-").folder, null);
  refused(["receive", "--skip", "--rename"], "options_exclusive", { options: ["--rename", "--skip"] });
  refused(["receive", "-o-", "--skip"], "options_exclusive");
  refused(["send", "a", "--ticket", "id", "--relay", "disabled"], "options_exclusive");
  refused(["send", "a", "--ticket", "relay", "--relay", "disabled"], "options_exclusive");
});

Deno.test("arguments: resume takes numbers and prefixes, or all, or nothing", () => {
  const parsed = (...line: string[]) => {
    const { which, all, discard } = given("resume", "resume", ...line);
    return [which, all, discard];
  };
  deepStrictEqual(parsed(), [[], false, false]);
  deepStrictEqual(parsed("1", "holi"), [["1", "holi"], false, false]);
  deepStrictEqual(parsed("--all", "--discard"), [[], true, true]);
  refused(["resume", "--all", "1"], "options_exclusive", { options: ["--all", "1"] });
  refused(["resume", "--discard"], "discard_unchosen");
  refused(["send", "a", "--all"], "option_misplaced", {
    commands: ["resume", "history"],
  });
});

Deno.test("arguments: an option of the network is refused where it has no effect", () => {
  const takers = ["send", "receive", "resume", "inspect"];
  for (const option of [["--relay", "disabled"], ["--relay-ca", "ca.pem"]]) {
    refused(["history", ...option], "option_misplaced", { option: option[0], commands: [...takers, "ui"] });
  }
  for (const command of ["history", "ui"]) {
    refused([command, "--bind", "127.0.0.1:0"], "option_misplaced", { option: "--bind", commands: takers });
  }
});

Deno.test("arguments: history lists some or all, and removes the named entries or all", () => {
  const parsed = (...line: string[]) => {
    const { all, remove, which, clear } = given("history", "history", ...line);
    return [all, remove, which, clear];
  };
  deepStrictEqual(parsed(), [false, false, [], false]);
  deepStrictEqual(parsed("--all"), [true, false, [], false]);
  deepStrictEqual(parsed("--remove", "3", "12"), [false, true, ["3", "12"], false]);
  deepStrictEqual(parsed("--clear"), [false, false, [], true]);
  refused(["history", "--remove"], "remove_unchosen");
  refused(["history", "--clear", "--remove", "3"], "options_exclusive", { options: ["--remove", "--clear"] });
  refused(["history", "3"], "argument_unwanted", { command: "history", argument: "3" });
  refused(["history", "--clear", "3"], "argument_unwanted");
  refused(["ui", "holiday"], "argument_unwanted", { command: "ui", argument: "holiday" });
});

Deno.test("arguments: a limit is in bytes per second, decimal, and has a minimum", () => {
  const speeds: [string, number][] = [
    ["5M", 5e6],
    ["800k", 800e3],
    ["1.5G", 1.5e9],
    ["64K", 64e3],
    ["20000", 20_000],
    ["0.25m", 250e3],
  ];
  for (const [text, speed] of speeds) {
    strictEqual(limitOption({ limit: text }).limit?.bytesPerSecond, speed, text);
  }
  deepStrictEqual(limitOption({ limit: null }), {});
  for (
    const text of ["0", "19k", "5", "fast", "5 M", "-5M", "5MB", "5Mbit", "1e9", "Infinity", "", ".5M", "5T"]
  ) {
    throws(() => limitOption({ limit: text }), (error) => {
      return error instanceof UsageError && error.code === "option_value_invalid" &&
        (error.parameters as UsageParameters["option_value_invalid"]).expected === "speed";
    }, text);
  }
});

Deno.test("arguments: --give-up takes a duration, or none", () => {
  const waitLimits = (...line: string[]) => {
    return waitLimitsOf(given("receive", "receive", "blobx", ...line));
  };
  deepStrictEqual(waitLimits(), {});
  deepStrictEqual(waitLimits("--wait"), { firstMs: Infinity });
  const times: [string, number][] = [
    ["90s", 90_000],
    ["5m", 300_000],
    ["2h", 7_200_000],
    ["1d", 86_400_000],
    ["45", 45_000],
    ["1.5h", 5_400_000],
    ["0.001", 1],
  ];
  for (const [text, ms] of times) {
    deepStrictEqual(waitLimits("--give-up", text), { firstMs: ms, laterMs: ms });
  }
  deepStrictEqual(waitLimits("--wait", "--give-up=2h"), { firstMs: Infinity, laterMs: 7_200_000 });
  for (const text of ["soon", "5 m", "-1", "1w", "m", "1e3", "Infinity", "1h30m", "0", "0s", "0.0"]) {
    refused(["inspect", "blobx", `--give-up=${text}`], "option_value_invalid", { option: "--give-up" });
  }
});

Deno.test("arguments: help and version precede all other arguments", () => {
  deepStrictEqual(parse([]), { command: "help", of: null });
  deepStrictEqual(parse(["--help"]), { command: "help", of: null });
  deepStrictEqual(parse(["rx", "-h"]), { command: "help", of: "receive" });
  deepStrictEqual(parse(["send", "--version"]), { command: "version" });
});

Deno.test("arguments: the word help asks for the help, also of a command", () => {
  for (const line of [["help"], ["help", "--help"], ["help", "help"], ["--no-color", "help"]]) {
    deepStrictEqual(parse(line), { command: "help", of: null }, line.join(" "));
  }
  for (const line of [["help", "send"], ["help", "tx"], ["help", "send", "a"], ["help", "send", "--qr"]]) {
    deepStrictEqual(parse(line), { command: "help", of: "send" }, line.join(" "));
  }
  refused(["help", "sned"], "command_unknown", { command: "sned", nearest: "send" });
  refused(["help", TICKET], "command_unknown", { given: "ticket" });
  refused(["help", ""], "argument_empty");
  refused(["help", "receive", "--qr"], "option_misplaced");
  refused(["hlep"], "command_unknown", { nearest: "help" });
  refused(["hlep", TICKET], "command_unknown", { given: "ticket" });
  // A path of that name.
  deepStrictEqual(given("send", "send", "help").source, { kind: "paths", paths: ["help"] });
});

Deno.test("arguments: unknown words are refused, with the nearest known one", () => {
  refused(["sned", "a"], "command_unknown", { nearest: "send" });
  refused(["recieve"], "command_unknown", { nearest: "receive" });
  refused(["zebra"], "command_unknown", { nearest: null, given: null });
  refused(["send", "a", "--exlude", "b"], "option_unknown", { option: "--exlude", nearest: "--exclude" });
  refused(["receive", "--over"], "option_unknown", { nearest: "--overwrite" });
  refused(["send", "a", "-z"], "option_unknown", { option: "-z", nearest: null });
  refused(["send", "a", "--rely", "disabled"], "option_unknown", { nearest: "--relay", commands: [] });
  refused(["send", "a", "--zebra"], "option_unknown", { nearest: null, commands: [] });
});

Deno.test("arguments: an unknown option is also searched for in other commands, and with one dash", () => {
  refused(["send", "a", "--no-chache"], "option_unknown", { nearest: "--no-cache", commands: [] });
  refused(["receive", "--no-chache"], "option_unknown", { nearest: "--no-cache", commands: ["send"] });
  refused(["send", "a", "-keep"], "option_unknown", { option: "-keep", nearest: "--keep" });
  refused(["send", "a", "-exclude=*.tmp"], "option_unknown", { option: "-exclude", nearest: "--exclude" });
  refused(["send", "a", "-qz"], "option_unknown", { option: "-z", nearest: null });
});

Deno.test("arguments: a ticket in place of a command is recognised, also in a pasted command line", () => {
  const given = (...line: string[]) => {
    try {
      parse(line);
    } catch (error) {
      if (error instanceof UsageError && error.code === "command_unknown") {
        return (error.parameters as UsageParameters["command_unknown"]).given;
      }
    }
    throw new Error("accepted");
  };
  for (const line of [[TICKET], [TICKET.toUpperCase()], [`pli:${TICKET}`], ["sendme", "receive", TICKET]]) {
    strictEqual(given(...line), "ticket", line[0]);
  }
  strictEqual(given("blobzzzz"), "ticket");
  // Here the command is misspelled.
  strictEqual(given("recieve", TICKET), null);
  strictEqual(given("zebra"), null);
});

Deno.test("arguments: options of later versions are unknown", () => {
  for (
    const option of ["--times=2", "--expire=2h", "--ask", "--text=a"]
  ) {
    refused(["send", "a", option], "option_unknown");
  }
  refused(["receive", "--relay-token=a"], "option_unknown");
  for (const command of ["doctor", "completions"]) {
    refused([command], "command_unknown");
  }
});

Deno.test("arguments: an option of another command is distinguished from an unknown one", () => {
  refused(["receive", "--qr"], "option_misplaced", { option: "--qr", commands: ["send"] });
  refused(["receive", "--no-cache"], "option_misplaced", { option: "--no-cache", commands: ["send"] });
  refused(["send", "a", "-o", "b"], "option_misplaced", { option: "-o", commands: ["receive"] });
});

Deno.test("arguments: values are required, refused and checked", () => {
  refused(["receive", "--out"], "option_without_value", { option: "--out" });
  refused(["receive", "--out", "--json"], "option_without_value", { option: "--out" });
  refused(["receive", "--out="], "option_without_value");
  // The advice shows the option with = and a value, which after -o would be part of the value.
  refused(["receive", "-o", ""], "option_without_value", { option: "--out" });
  refused(["receive", "-o", "-x"], "option_without_value", { option: "--out" });
  refused(["receive", "--json=1"], "option_with_value", { option: "--json" });
  refused(["send", "a", "--ticket", "b"], "option_value_invalid", { option: "--ticket", value: "b" });
  refused(["send"], "paths_missing");
});

Deno.test("arguments: after -- everything is a path", () => {
  deepStrictEqual(given("send", "send", "--", "--keep", "-x").source, {
    kind: "paths",
    paths: ["--keep", "-x"],
  });
});

Deno.test("arguments: their types follow from the table, so that a misspelled option does not compile", () => {
  const send = given("send", "send", "a");
  const resume = given("resume", "resume");
  // @ts-expect-error The table of `send` has --keep.
  strictEqual(send.kep, undefined);
  // @ts-expect-error --only is an option of `receive`.
  strictEqual(send.only, undefined);
  // @ts-expect-error --give-up is read as milliseconds.
  const text: string | null = resume.giveUp;
  strictEqual(text, null);
});

Deno.test("arguments: an option that several commands have is the same in all of them", () => {
  const known = new Map<string, string>();
  for (
    const [name, option] of COMMAND_NAMES.flatMap((command) =>
      Object.entries<Option>(COMMANDS[command].OPTIONS)
    )
  ) {
    const { short, value, isRepeatable } = option;
    const form = JSON.stringify({ short, value, isRepeatable });
    strictEqual(known.get(name) ?? form, form, name);
    known.set(name, form);
  }
  const tables = Object.values(COMMANDS).map(({ OPTIONS }): OptionTable => OPTIONS);
  const shorts = Object.values<Option>(Object.assign({ ...HELP_AND_VERSION }, ...tables)).flatMap((
    { short },
  ) => short ?? []);
  strictEqual(new Set(shorts).size, shorts.length);
});
