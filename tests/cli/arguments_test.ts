import { deepStrictEqual, strictEqual, throws } from "node:assert";
import {
  type HistoryArguments,
  parseArguments,
  type ReceiveArguments,
  type ResumeArguments,
} from "../../src/cli/arguments.ts";
import { limitOption } from "../../src/cli/limit.ts";
import { patienceOf } from "../../src/cli/network.ts";
import { type UsageCode, UsageError, type UsageParameters } from "../../src/cli/usage_error.ts";

const COMMON = { relay: "default", bind: null, json: false, quiet: false, verbose: false, color: true };

function refused<C extends UsageCode>(line: string[], code: C, parameters: Partial<UsageParameters[C]> = {}) {
  throws(() => parseArguments(line), (error) => {
    if (!(error instanceof UsageError)) return false;
    strictEqual(error.code, code);
    deepStrictEqual({ ...error.parameters, ...parameters }, error.parameters);
    return true;
  });
}

Deno.test("arguments: send takes paths and every option of its own", () => {
  deepStrictEqual(parseArguments(["send", "a", "b"]), {
    command: "send",
    ...COMMON,
    source: { kind: "paths", paths: ["a", "b"] },
    keep: false,
    ticketKind: "relay",
    exclude: [],
    isNew: false,
    cache: true,
    copy: false,
    qr: false,
    limit: null,
  });
  const line =
    "send --keep --new --ticket all --exclude *.tmp --exclude=.git --no-cache -c --qr a --limit 5M --relay disabled --bind 0.0.0.0:1";
  deepStrictEqual(parseArguments(line.split(" ")), {
    command: "send",
    ...COMMON,
    relay: "disabled",
    bind: "0.0.0.0:1",
    source: { kind: "paths", paths: ["a"] },
    keep: true,
    ticketKind: "all",
    exclude: ["*.tmp", ".git"],
    isNew: true,
    cache: false,
    copy: true,
    qr: true,
    limit: "5M",
  });
});

Deno.test("arguments: - is standard input, under a name", () => {
  const source = (...line: string[]) => {
    const parsed = parseArguments(["tx", ...line]);
    return parsed.command === "send" ? parsed.source : null;
  };
  deepStrictEqual(source("-"), { kind: "input", name: "stdin" });
  deepStrictEqual(source("-", "--name", "a b.txt"), { kind: "input", name: "a b.txt" });
  refused(["send", "-", "a"], "input_not_alone");
  refused(["send", "a", "--name", "b"], "name_without_input");
  for (const name of ["a/b", "..", ".", "a\\b"]) {
    refused(["send", "-", "--name", name], "option_value_invalid");
  }
});

Deno.test("arguments: receive takes a ticket alone or in a pasted line", () => {
  const ticket = (...line: string[]) => {
    const parsed = parseArguments(line);
    return parsed.command === "receive" ? parsed.ticketText : undefined;
  };
  strictEqual(ticket("receive", "blobabc"), "blobabc");
  strictEqual(ticket("rx", "sendme", "receive", "blobabc"), "sendme receive blobabc");
  strictEqual(ticket("recv"), null);
  refused(["receive", "blobabc", "folder"], "argument_unexpected", { argument: "folder" });
  refused(["inspect", "a", "b"], "argument_unexpected", { argument: "b" });
});

Deno.test("arguments: receive takes every option of its own", () => {
  const line =
    "receive blobx -o there --only *.jpg --only a/** --yes --rename --preview --limit 1.5k --json -q -v --no-color";
  deepStrictEqual(parseArguments(line.split(" ")), {
    command: "receive",
    ...COMMON,
    json: true,
    quiet: true,
    verbose: true,
    color: false,
    ticketText: "blobx",
    folder: "there",
    only: ["*.jpg", "a/**"],
    existing: "rename",
    preview: true,
    yes: true,
    limit: "1.5k",
    wait: false,
    giveUpMs: null,
  });
  const output = parseArguments(["receive", "-o", "-"]);
  strictEqual(output.command === "receive" && output.folder, null);
  refused(["receive", "--skip", "--rename"], "options_exclusive", { options: ["--rename", "--skip"] });
  refused(["receive", "-o-", "--skip"], "options_exclusive");
  refused(["send", "a", "--ticket", "id", "--relay", "disabled"], "options_exclusive");
});

Deno.test("arguments: resume takes numbers and beginnings, or all, or nothing", () => {
  const parsed = (...line: string[]) => {
    const { which, all, discard } = parseArguments(["resume", ...line]) as ResumeArguments;
    return [which, all, discard];
  };
  deepStrictEqual(parsed(), [[], false, false]);
  deepStrictEqual(parsed("1", "holi"), [["1", "holi"], false, false]);
  deepStrictEqual(parsed("--all", "--discard"), [[], true, true]);
  refused(["resume", "--all", "1"], "options_exclusive", { options: ["--all", "1"] });
  refused(["resume", "--discard"], "discard_unchosen");
  refused(["send", "a", "--all"], "option_misplaced", {
    command: "resume, history",
  });
});

Deno.test("arguments: history lists some or all, and forgets what is named or everything", () => {
  const parsed = (...line: string[]) => {
    const { all, remove, which, clear } = parseArguments(["history", ...line]) as HistoryArguments;
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

Deno.test("arguments: a limit is bytes per second, decimal, and not next to nothing", () => {
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

Deno.test("arguments: patience is for ever, or so long", () => {
  const patience = (...line: string[]) => {
    const { wait, giveUpMs } = parseArguments(["receive", "blobx", ...line]) as ReceiveArguments;
    return patienceOf({ wait, giveUpMs });
  };
  deepStrictEqual(patience(), {});
  deepStrictEqual(patience("--wait"), { firstMs: Infinity });
  const times: [string, number][] = [
    ["90s", 90_000],
    ["5m", 300_000],
    ["2h", 7_200_000],
    ["1d", 86_400_000],
    ["45", 45_000],
    ["1.5h", 5_400_000],
    ["0", 0],
  ];
  for (const [text, ms] of times) {
    deepStrictEqual(patience("--give-up", text), { firstMs: ms, laterMs: ms });
  }
  deepStrictEqual(patience("--wait", "--give-up=2h"), { firstMs: Infinity, laterMs: 7_200_000 });
  for (const text of ["soon", "5 m", "-1", "1w", "m", "1e3", "Infinity", "1h30m"]) {
    refused(["inspect", "blobx", `--give-up=${text}`], "option_value_invalid", { option: "--give-up" });
  }
});

Deno.test("arguments: help and version win, whatever else is given", () => {
  deepStrictEqual(parseArguments([]), { command: "help", of: null });
  deepStrictEqual(parseArguments(["--help"]), { command: "help", of: null });
  deepStrictEqual(parseArguments(["rx", "-h"]), { command: "help", of: "receive" });
  deepStrictEqual(parseArguments(["send", "--version"]), { command: "version" });
});

Deno.test("arguments: what is unknown is refused, with what is nearest", () => {
  refused(["sned", "a"], "command_unknown", { nearest: "send" });
  refused(["recieve"], "command_unknown", { nearest: "receive" });
  refused(["zebra"], "command_unknown", { nearest: null });
  refused(["send", "a", "--exlude", "b"], "option_unknown", { option: "--exlude", nearest: "--exclude" });
  refused(["receive", "--over"], "option_unknown", { nearest: "--overwrite" });
  refused(["send", "a", "-z"], "option_unknown", { option: "-z", nearest: null });
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

Deno.test("arguments: an option of another command is told apart from an unknown one", () => {
  refused(["receive", "--qr"], "option_misplaced", { option: "--qr", command: "send" });
  refused(["receive", "--no-cache"], "option_misplaced", { option: "--no-cache", command: "send" });
  refused(["send", "a", "-o", "b"], "option_misplaced", { option: "-o", command: "receive" });
});

Deno.test("arguments: values are required, refused and checked", () => {
  refused(["receive", "--out"], "option_without_value", { option: "--out" });
  refused(["receive", "--out", "--json"], "option_without_value", { option: "--out" });
  refused(["receive", "--out="], "option_without_value");
  refused(["receive", "--json=1"], "option_with_value", { option: "--json" });
  refused(["send", "a", "--ticket", "b"], "option_value_invalid", { option: "--ticket", value: "b" });
  refused(["send"], "paths_missing");
});

Deno.test("arguments: after -- everything is a path", () => {
  const parsed = parseArguments(["send", "--", "--keep", "-x"]);
  deepStrictEqual(parsed.command === "send" && parsed.source, { kind: "paths", paths: ["--keep", "-x"] });
});
