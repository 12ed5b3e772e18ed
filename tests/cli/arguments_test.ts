import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { parseArguments } from "../../src/cli/arguments.ts";
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
    cache: true,
    copy: false,
    qr: false,
  });
  const line =
    "send --keep --ticket all --exclude *.tmp --exclude=.git --no-cache -c --qr a --relay disabled --bind 0.0.0.0:1";
  deepStrictEqual(parseArguments(line.split(" ")), {
    command: "send",
    ...COMMON,
    relay: "disabled",
    bind: "0.0.0.0:1",
    source: { kind: "paths", paths: ["a"] },
    keep: true,
    ticketKind: "all",
    exclude: ["*.tmp", ".git"],
    cache: false,
    copy: true,
    qr: true,
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
    "receive blobx -o there --only *.jpg --only a/** --yes --rename --preview --json -q -v --no-color";
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
  });
  const output = parseArguments(["receive", "-o", "-"]);
  strictEqual(output.command === "receive" && output.folder, null);
  refused(["receive", "--skip", "--rename"], "options_exclusive", { options: ["--rename", "--skip"] });
  refused(["receive", "-o-", "--skip"], "options_exclusive");
  refused(["send", "a", "--ticket", "id", "--relay", "disabled"], "options_exclusive");
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
    const option of ["--times=2", "--expire=2h", "--ask", "--new", "--text=a", "--limit=5M"]
  ) {
    refused(["send", "a", option], "option_unknown");
  }
  for (const option of ["--wait", "--give-up=1h", "--relay-token=a"]) {
    refused(["receive", option], "option_unknown");
  }
  for (const command of ["ui", "resume", "history", "doctor", "completions"]) {
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
