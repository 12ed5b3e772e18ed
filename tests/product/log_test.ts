// F.8: the logs of real processes. docs/debugging.md is compared with them: its commands are run, and its quoted lines
// occur in order, with the same ids and connections. A log without `unredacted` contains no private data.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parseTicket } from "../../src/engine/mod.ts";
import { availableBinding, bindingNamed } from "../../src/engine/native/choice.ts";
import { needing, NO_ADDON } from "../left_out.ts";
import { Bench } from "./processes.ts";
import { noise } from "./trees.ts";

/** The binding of the processes. */
const BINDING = availableBinding(bindingNamed(Deno.env.get("PLI_BINDING") ?? ""));
const LOCAL = ["--relay", "disabled", "--bind", "127.0.0.1:0"];
const DOCUMENT = Deno.readTextFileSync(fileURLToPath(new URL("../../docs/debugging.md", import.meta.url)));
const NAME = "holiday.mp4";
/** A size that takes the first receiver half a minute at its limit: it holds the share until it is ended. */
const SIZE_BYTES = 3_000_000;
const HOLDER_LIMIT = "100k";

/** The arguments of the first command of the document that begins like this, with a ticket and local sockets. */
function documented(beginning: string, ticket = ""): string[] {
  const line = DOCUMENT.split("\n").find((each) => each.replace(/^\$ /, "").startsWith(beginning));
  assert.ok(line !== undefined, `${beginning} is not in docs/debugging.md`);
  const [, command, ...words] = line.replace(/^\$ /, "").split(" ");
  return [command, ...LOCAL, ...words.map((word) => word === "TICKET" ? ticket : word)];
}

interface Refused {
  ticket: string;
  /** The logs of the sender and of the receiver that was refused. */
  sender: string;
  receiver: string;
  /** What the refused receiver wrote. */
  stdout: string[];
  stderr: string[];
  senderErrors: string[];
}

/** Runs a share with a receiver that holds it, and a second one, which is refused. */
async function refused(bench: Bench, extra: readonly string[] = []): Promise<Refused> {
  await Deno.writeFile(bench.path(NAME), noise(SIZE_BYTES, 5));
  const sender = bench.pli([...documented("pli send --log debug"), ...extra]);
  const ticket = await sender.ticket();
  const holder = bench.pli(["receive", ...LOCAL, "--limit", HOLDER_LIMIT, "-o", "held/", ticket]);
  await sender.event("claimed");
  const receiver = bench.pli([...documented("pli receive --log debug", ticket), "-o", "refused/", ...extra]);
  assert.equal(await receiver.ended(), 6, receiver.output);
  await holder.stop();
  await sender.stop("SIGTERM");
  const [logOfSender, logOfReceiver] = await Promise.all(
    ["sender.log", "receiver.log"].map((name) => Deno.readTextFile(bench.path(name))),
  );
  return {
    ticket,
    sender: logOfSender,
    receiver: logOfReceiver,
    stdout: receiver.stdout.all,
    stderr: receiver.stderr.all,
    senderErrors: sender.stderr.all,
  };
}

/** The lines that the document quotes of each log, in its order. */
function quoted(): Map<string, string[][]> {
  const logs = new Map<string, string[][]>();
  for (
    const [, name, native, text] of DOCUMENT.matchAll(/^```text\n(\w+\.log)( \(native\))?\n([^]*?)```$/gm)
  ) {
    if (native !== undefined && BINDING !== "native") continue;
    logs.set(name, [...logs.get(name) ?? [], text.trim().split("\n")]);
  }
  return logs;
}

const VARIABLE =
  /\b([0-9a-f]{10})\b|(?<=\bconn=)(\d+)|\d{2}:\d{2}:\d{2}\.\d{3}Z|127\.0\.0\.1:\d+|(?<==)\d[\d.]*\b/g;

/** A pattern for a quoted line, which permits varying values, and captures ids and numbers of connections. */
function patternOf(line: string): { pattern: RegExp; captured: string[] } {
  const captured: string[] = [];
  let end = 0;
  let source = "";
  for (const match of line.matchAll(VARIABLE)) {
    source += RegExp.escape(line.slice(end, match.index));
    end = match.index + match[0].length;
    if (match[1] !== undefined) source += "([0-9a-f]{10})";
    else if (match[2] !== undefined) source += "(\\d+)";
    else source += match[0].includes(":") ? "\\S+" : "\\d[\\d.]*";
    const name = match[1] ?? match[2];
    if (name !== undefined) captured.push(name);
  }
  // A field of only some versions of a library may follow.
  return { pattern: new RegExp(`${source}${RegExp.escape(line.slice(end))}( |$)`), captured };
}

/** Finds the lines of a block in a log, in order, and maps the captured values. */
function find(block: readonly string[], log: readonly string[], ids: Map<string, string>): void {
  let from = 0;
  for (const line of block) {
    const { pattern, captured } = patternOf(line);
    const isThis = (text: string) => {
      const found = pattern.exec(text);
      return found !== null && captured.every((name, index) => {
        return !ids.has(name) || ids.get(name) === found[index + 1];
      });
    };
    const place = log.findIndex((text, index) => index >= from && isThis(text));
    assert.ok(place >= 0, `${line}\nis not, or not in this order, in\n${log.join("\n")}`);
    const found = pattern.exec(log[place])!;
    captured.forEach((name, index) => ids.set(name, found[index + 1]));
    from = place + 1;
  }
}

Deno.test("F.8 the lines that docs/debugging.md quotes of a refused transfer occur, and the log has no private data", async () => {
  await using bench = await Bench.make();
  const run = await refused(bench);
  const ids = new Map<string, string>();
  for (const [name, blocks] of quoted()) {
    const log = (name === "sender.log" ? run.sender : run.receiver).trim().split("\n");
    // Numbers of connections are those of one process.
    const ofLog = new Map(ids);
    for (const block of blocks) find(block, log, ofLog);
    for (const [key, value] of ofLog) if (key.length === 10) ids.set(key, value);
  }
  assert.ok(ids.size >= 3, "the ids of three endpoints");
  assert.equal(new Set(ids.values()).size, ids.size);

  const { endpointId, hash } = parseTicket(run.ticket);
  const secrets = [run.ticket, run.ticket.slice(4, 40), NAME, bench.folder, endpointId.toHex(), hash.toHex()];
  for (const log of [run.sender, run.receiver]) {
    for (const secret of secrets) assert.ok(!log.includes(secret), `${secret} in\n${log}`);
    for (const line of log.trim().split("\n")) {
      assert.match(line, /^\d{4}-\d\d-\d\dT[\d:.]{12}Z (ERROR|WARN |INFO |DEBUG) [\w:]+ [\x20-\x7e]+$/);
    }
  }
  if (Deno.build.os !== "windows") {
    for (const name of ["sender.log", "receiver.log"]) {
      assert.equal(Deno.statSync(bench.path(name)).mode! & 0o777, 0o600);
    }
  }
  const failure = run.stdout.map((line) => JSON.parse(line)).find(({ type }) => type === "error");
  assert.ok(DOCUMENT.includes(`\nerror: ${failure.message}\n${failure.advice}\n`), JSON.stringify(failure));
  // Standard output has no line of the log.
  for (const line of run.stdout) JSON.parse(line);
  for (const line of [...run.stderr, ...run.senderErrors]) assert.doesNotMatch(line, / (DEBUG|INFO) /);
});

Deno.test("F.8 an unredacted log has the ticket, the names and the ids", async () => {
  await using bench = await Bench.make();
  const { ticket, sender, receiver } = await refused(bench, ["--log", "debug,unredacted"]);
  const { endpointId, hash } = parseTicket(ticket);
  for (const text of [ticket, endpointId.toHex(), hash.toHex()]) assert.ok(sender.includes(text), text);
  assert.ok(receiver.includes(endpointId.toHex()));
  for (const log of [sender, receiver]) {
    assert.match(log.split("\n")[0], /^\S+ WARN {2}log this log has tickets, ids and names in full$/);
  }
});

Deno.test(
  needing(
    "F.8 a log has the libraries' lines, by their targets, and QLOGDIR a file of each connection",
    NO_ADDON,
  ),
  async () => {
    await using bench = await Bench.make();
    await Deno.writeFile(bench.path(NAME), noise(100_000, 6));
    const env = {
      PLI_LOG: "off,iroh=debug,noq_proto=trace",
      QLOGDIR: bench.path("qlog"),
      PLI_BINDING: "native",
    };
    const sender = bench.pli(["send", ...LOCAL, NAME], { env });
    const ticket = await sender.ticket();
    const receiver = bench.pli(["receive", ...LOCAL, "-o", "out/", ticket], { env });
    assert.equal(await receiver.ended(), 0, receiver.output);
    assert.equal(await sender.ended(), 0, sender.output);
    const { endpointId, hash } = parseTicket(ticket);
    const secrets = [ticket, ticket.slice(4, 40), NAME, endpointId.toHex(), hash.toHex()];
    for (const { stdout, stderr } of [sender, receiver]) {
      for (const line of stdout.all) JSON.parse(line);
      const lines = stderr.all.filter((line) => /^\d{4}-\d\d-\d\dT/.test(line));
      for (const target of ["iroh", "noq_proto"]) {
        assert.ok(
          lines.some((line) => line.includes(` ${target}::`) || line.includes(` ${target} `)),
          target,
        );
      }
      const others = lines.filter((line) => !/^\S+ \w+ +(iroh|noq_proto|log)(::\w+)* /.test(line));
      assert.deepEqual(others, []);
      for (const line of lines) for (const secret of secrets) assert.ok(!line.includes(secret), line);
    }
    const files = [...Deno.readDirSync(bench.path("qlog"))].map(({ name }) => name);
    // The download and the receipt, on both sides.
    assert.deepEqual(files.map((name) => name.replace(/^.*-/, "")).sort(), [
      "client.sqlog",
      "client.sqlog",
      "server.sqlog",
      "server.sqlog",
    ]);
    for (const file of files) {
      const text = await Deno.readTextFile(bench.path("qlog", file));
      const records = text.split("\n").filter((line) => line !== "");
      assert.ok(records.length > 10);
      for (const record of records) {
        assert.equal(record[0], "\x1e");
        JSON.parse(record.slice(1));
      }
      for (const secret of [...secrets, "IROH_SECRET"]) assert.ok(!text.includes(secret));
      if (Deno.build.os === "windows") continue;
      assert.equal(Deno.statSync(bench.path("qlog", file)).mode! & 0o777, 0o600);
    }
    if (Deno.build.os !== "windows") assert.equal(Deno.statSync(bench.path("qlog")).mode! & 0o777, 0o700);
  },
);
