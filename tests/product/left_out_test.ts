// Skipped and refused sources: a path that the user has given, or sent in a folder, is not missing at the receiver
// without a message and an exit code.

import assert from "node:assert/strict";
import { needing, NOT_LINUX } from "../left_out.ts";
import { BY_MODES, NO_MODES } from "./by_modes.ts";
import { Bench } from "./processes.ts";
import { pliCommand } from "./program.ts";
import { assertSameTree, noise, readTree, writeTree } from "./trees.ts";

const LOCAL = ["--relay", "disabled", "--bind", "127.0.0.1:0"];

async function inShell(cwd: string, script: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("bash", { args: ["-c", script], cwd }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** A command line of pli for a shell. */
function inWords(...args: string[]): string {
  return [...pliCommand, ...args].map((word) => `'${word}'`).join(" ");
}

Deno.test({
  ...needing(
    "E.2 a folder with unreadable entries is delivered, and its sender ends with 7",
    NO_MODES,
    NOT_LINUX,
  ),
  fn: async () => {
    await using bench = await Bench.make();
    await writeTree(bench.path("src"), {
      fine: noise(5000),
      "closed file": noise(5),
      "closed folder/a": noise(5),
    });
    for (const name of ["closed file", "closed folder"]) await Deno.chmod(bench.path("src", name), 0);
    try {
      const sender = bench.pli(["send", ...LOCAL, "src"], { wrapper: BY_MODES });
      const receiver = bench.pli(["receive", ...LOCAL, "-o", bench.path("out/"), await sender.ticket()]);
      // The content of the ticket has arrived completely: only the sender has the list of skipped entries.
      assert.equal(await receiver.ended(), 0, receiver.output);
      assert.equal(await sender.ended(), 7, sender.output);
      assertSameTree(await readTree(bench.path("out", "src")), { fine: noise(5000) });
      const skipped = sender.events.flatMap((event) => event.type === "skipped" ? [event.name] : []);
      assert.deepEqual(skipped.sort(), ["src/closed file", "src/closed folder"]);

      const [program, ...rest] = [...BY_MODES, ...pliCommand, "send", ...LOCAL, "-q", "src"];
      const quiet = bench.run(program, rest, { env: { PLI_HOME: bench.path("quiet") } });
      assert.equal(
        await quiet.stderr.first((line) => line === "" ? undefined : line),
        "Not sent: src/closed folder (cannot be read), src/closed file (cannot be read)",
      );
      await quiet.stop("SIGINT");
    } finally {
      await Deno.chmod(bench.path("src/closed folder"), 0o700);
    }
  },
});

Deno.test({
  ...needing(
    "E.2 a named path that cannot be sent is an error before there is a ticket",
    NO_MODES,
    NOT_LINUX,
  ),
  fn: async () => {
    await using bench = await Bench.make();
    await writeTree(bench.folder, {
      "ok.txt": noise(5),
      "no.txt": noise(5),
      "closed/a": noise(5),
      "b\\s": noise(5),
    });
    await inShell(bench.folder, `mkfifo fifo; mkdir empty; ln -s nowhere broken; chmod 0 no.txt closed`);
    const cases: [path: string, exit: number, code: string, reason?: string][] = [
      ["no.txt", 5, "source_denied"],
      ["closed", 5, "source_denied"],
      ["closed/a", 5, "source_denied"],
      ["fifo", 1, "source_unsendable", "special_file"],
      ["/dev/null", 1, "source_unsendable", "special_file"],
      ["empty", 1, "source_unsendable", "empty_folder"],
      ["broken", 1, "source_unsendable", "symlink_broken"],
      ["b\\s", 1, "source_unsendable", "name_not_portable"],
      ["missing", 1, "path_missing"],
    ];
    try {
      for (const [path, exit, code, reason] of cases) {
        const sender = bench.pli(["send", ...LOCAL, "ok.txt", path], { wrapper: BY_MODES });
        assert.equal(await sender.ended(), exit, `${path}: ${sender.output}`);
        const [error] = sender.events.flatMap((event) => event.type === "error" ? [event] : []);
        const named = path.startsWith("/") ? path : bench.path(path);
        assert.deepEqual(error.parameters, { path: named, ...reason !== undefined && { reason } }, path);
        assert.equal(error.code, code);
        assert.ok(!sender.events.some(({ type }) => type === "ticket"), path);
      }
      const paths = ["ok.txt", ...cases.map(([path]) => path).filter((path) => path !== "missing")];
      const sender = bench.pli(["send", ...LOCAL, "--skip-unreadable", ...paths], { wrapper: BY_MODES });
      const receiver = bench.pli(["receive", ...LOCAL, "-o", bench.path("out/"), await sender.ticket()]);
      assert.equal(await receiver.ended(), 0, receiver.output);
      assert.equal(await sender.ended(), 7, sender.output);
      assert.deepEqual(Object.keys(await readTree(bench.path("out"))), ["ok.txt"]);
    } finally {
      await Deno.chmod(bench.path("closed"), 0o700);
    }
  },
});

Deno.test({
  ...needing("E.3 a source without a size is refused by name, with the way to send it", NOT_LINUX),
  fn: async () => {
    await using bench = await Bench.make();
    await inShell(bench.folder, "mkfifo fifo; ln -s /proc/cpuinfo info");
    const sent = async (script: string) => {
      const shell = bench.run("bash", ["-c", script], {
        cwd: bench.folder,
        env: { PLI_HOME: bench.path("home") },
      });
      assert.equal(await shell.ended(), 1, shell.output);
      return shell.output;
    };
    const send = [...pliCommand, "send", ...LOCAL].join(" ");
    for (const path of ["/proc/cpuinfo", "/sys/class/net/lo/mtu", "info", "fifo", "<(echo text)"]) {
      const output = await sent(`${send} ${path}`);
      const named = path.startsWith("<") ? "/dev/fd/" : path;
      assert.match(output, new RegExp(`^error: \\S*${named}\\S* cannot be sent: `, "m"));
      assert.match(output, /pli send - --name NAME < PATH/);
      assert.doesNotMatch(output, /^pli receive/m);
    }
    // Below a folder it is left out, and counts as missing.
    const sender = bench.pli([
      "send",
      ...LOCAL,
      "/proc/self/net/dev_snmp6",
      "/proc/uptime",
      "--skip-unreadable",
    ]);
    assert.equal(await sender.ended(), 1, sender.output);
    assert.ok(sender.events.some((event) => event.type === "skipped" && event.reason === "size_unknown"));
    assert.ok(sender.events.some((event) => event.type === "error" && event.code === "nothing_to_send"));
  },
});

Deno.test({
  ...needing("E.4 a named symlink keeps its name, a file and a folder alike", NOT_LINUX),
  fn: async () => {
    await using bench = await Bench.make();
    await writeTree(bench.folder, { "v1.2/a": noise(50), "report-final.txt": noise(60) });
    await inShell(bench.folder, "ln -s v1.2 current; ln -s report-final.txt report.txt");
    const sender = bench.pli(["send", ...LOCAL, "current", "report.txt", "report-final.txt"]);
    const receiver = bench.pli(["receive", ...LOCAL, "-o", bench.path("out/"), await sender.ticket()]);
    assert.equal(await receiver.ended(), 0, receiver.output);
    assert.equal(await sender.ended(), 0, sender.output);
    assertSameTree(await readTree(bench.path("out")), {
      "current/a": noise(50),
      "report.txt": noise(60),
      "report-final.txt": noise(60),
    });
  },
});

Deno.test({
  ...needing(
    "E.11 a name that is not UTF-8 is reported as such, and no other file is sent for it",
    NOT_LINUX,
  ),
  fn: async () => {
    await using bench = await Bench.make();
    const bad = "$'\\xff'";
    await inShell(
      bench.folder,
      `mkdir src d${bad}; echo 1 > src/a; echo 2 > src/${bad}; echo 3 > ${bad}; ln -s d${bad} link`,
    );
    const env = { PLI_HOME: bench.path("home") };
    const cases: [script: string, exit: number, sentence: RegExp][] = [
      [`${inWords("send", ...LOCAL)} ${bad}`, 1, /cannot be sent: a name that is not UTF-8/],
      [`${inWords("send", ...LOCAL, "link")}`, 1, /cannot be sent: a name that is not UTF-8/],
      [
        `cd d${bad} && ${inWords("send", ...LOCAL, ".")}`,
        1,
        /The current folder cannot be used: its name is not UTF-8/,
      ],
      [`${inWords("receive", "blobx")} -o ${bad}`, 2, /--out cannot be|-o cannot be/],
      [`PLI_HOME=$PWD/${bad} ${inWords("history")}`, 2, /The variable PLI_HOME is not UTF-8/],
    ];
    for (const [script, exit, sentence] of cases) {
      const shell = bench.run("bash", ["-c", script], {
        cwd: bench.folder,
        env: { ...env, HOME: bench.folder },
      });
      assert.equal(await shell.ended(), exit, `${script}: ${shell.output}`);
      assert.match(shell.output, sentence, script);
      assert.doesNotMatch(shell.output, /Internal error|spelling/, script);
    }
    const sender = bench.pli(["send", ...LOCAL, "src"]);
    const receiver = bench.pli(["receive", ...LOCAL, "-o", bench.path("out/"), await sender.ticket()]);
    assert.equal(await receiver.ended(), 0, receiver.output);
    assert.equal(await sender.ended(), 7, sender.output);
    const skipped = sender.events.flatMap((event) =>
      event.type === "skipped" ? [[event.name, event.reason]] : []
    );
    assert.deepEqual(skipped, [["src/\ufffd", "name_not_unicode"]]);
  },
});

Deno.test({
  ...needing("E.14 a path that is too long is left out with that reason", NOT_LINUX),
  fn: async () => {
    await using bench = await Bench.make();
    const part = "p".repeat(250);
    // Deeper than the limit of system calls, and, first, only deeper than the limit of a ticket.
    await inShell(
      bench.folder,
      `mkdir src && cd src && echo 1 > a && for i in $(seq 20); do mkdir ${part} && cd ${part} && echo 2 > b; done`,
    );
    try {
      const sender = bench.pli(["send", ...LOCAL, "src"]);
      await sender.ticket();
      const skipped = sender.events.flatMap((event) => event.type === "skipped" ? [event] : []);
      assert.ok(skipped.length > 0);
      for (const { name, reason } of skipped) assert.equal(reason, "name_too_long", String(name.length));
    } finally {
      // Longer than the limit of Deno.remove.
      await inShell(bench.folder, "rm -r src");
    }
  },
});
