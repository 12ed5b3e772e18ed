// --log, --log-file and PLI_LOG: the lines of a command, their destination, and refusals.

import assert from "node:assert/strict";
import { join } from "node:path";
import type { Logger } from "../../src/engine/mod.ts";
import type { EngineSetting } from "../../src/cli/session.ts";
import { needing, NOT_UNIX } from "../left_out.ts";
import { CliFixture, type FakeOptions, TICKET, withFixture } from "./cli_fixture.ts";

const INSPECT = ["inspect", "--remote", TICKET];

/** An engine that logs a line of each level before it fails. */
function logging(options: FakeOptions = {}): FakeOptions {
  return {
    ...options,
    engine: {
      inspect: (_: unknown) => Promise.reject(new Error("it fails")),
    },
    onSetting: ({ logger }) => writeLines(logger),
  };
}

function writeLines(logger: Logger | undefined): void {
  for (const level of ["error", "info", "debug"] as const) {
    logger?.log(level, "net", `an ${level} line`);
    logger?.log(level, "transfer", `an ${level} line`);
  }
}

/** The level, the target and the message of each line of a log. */
function linesOf(text: string): string[] {
  return text.split("\n").flatMap((line) => /^\d{4}-\d\d-\d\dT[\d:.]+Z (.*)$/.exec(line)?.[1] ?? []);
}

/** The first line of level info. */
const STARTS = /^INFO {2}pli starts command=inspect version=0\.1\.0 binding="binding 1\.0" system="\w+ \w+"$/;
const INFO = ["ERROR net an error line", "ERROR transfer an error line", "INFO  net an info line"];

Deno.test("without --log and PLI_LOG the engine gets no logger", async () => {
  let setting: EngineSetting | undefined;
  await withFixture(INSPECT, { onSetting: (given) => setting = given }, (_, { error }) => {
    assert.deepEqual(setting, {});
    assert.deepEqual(linesOf(error.text), []);
  });
});

Deno.test("lines go to standard error by the levels of their targets, and the data to standard output", async () => {
  await withFixture([...INSPECT, "--json", "--log", "error,net=info"], logging(), (_, fixture) => {
    assert.deepEqual(linesOf(fixture.error.text), INFO);
    for (const line of fixture.json()) assert.equal(line.v, 1);
  });
});

Deno.test("the option precedes the variable, and a blank variable counts as none", async () => {
  await withFixture(
    [...INSPECT, "--log", "off"],
    logging({ environment: { PLI_LOG: "trace" } }),
    (_, { error }) => {
      assert.deepEqual(linesOf(error.text), []);
    },
  );
  await withFixture(INSPECT, logging({ environment: { PLI_LOG: "error,net=info" } }), (_, { error }) => {
    assert.deepEqual(linesOf(error.text), INFO);
  });
  await withFixture(INSPECT, logging({ environment: { PLI_LOG: " " } }), (_, { error }) => {
    assert.deepEqual(linesOf(error.text), []);
  });
});

Deno.test("--log-file in a folder that does not exist is refused for that", async () => {
  await withFixture([...INSPECT, "--log-file", "/nonexistent/x.log"], {}, (exit, { error }) => {
    assert.equal(exit, 2);
    assert.match(error.text, /It takes a file in a folder that exists, and this folder does not\./);
  });
});

Deno.test("--log-file takes the lines, of level info unless another is given, and is appended to", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "a.log");
    for (const times of [1, 2]) {
      await withFixture([...INSPECT, "--log-file", path], logging(), (_, { error }) => {
        assert.deepEqual(linesOf(error.text), []);
        const lines = linesOf(Deno.readTextFileSync(path));
        assert.equal(lines.length, 5 * times);
        assert.match(lines[0], STARTS);
        assert.deepEqual(lines.slice(1, 5), [...INFO, "INFO  transfer an info line"]);
      });
    }
    if (Deno.build.os !== "windows") assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test(
  needing("a log file that is a link, a folder or a device is refused before anything is done", NOT_UNIX),
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const linked = join(folder, "linked.txt");
      await Deno.writeTextFile(linked, "mine");
      await Deno.symlink(linked, join(folder, "link"));
      await Deno.symlink(join(folder, "missing"), join(folder, "broken"));
      for (const name of ["link", "broken", ".", "no/such/folder/a.log", "/dev/null"]) {
        const path = name.startsWith("/") ? name : join(folder, name);
        await withFixture([...INSPECT, "--json", "--log-file", path], {}, (exit, fixture) => {
          assert.equal(exit, 2, path);
          assert.equal(fixture.json()[0].code, "option_value_invalid");
        });
      }
      assert.equal(await Deno.readTextFile(linked), "mine");
      assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
        "broken",
        "link",
        "linked.txt",
      ]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test("a filter that cannot be read is an error that names the part, of the option and of the variable", async () => {
  await withFixture(["inspect", TICKET, "--log", "info,net=loud"], {}, (exit, { error }) => {
    assert.equal(exit, 2);
    assert.match(
      error.text,
      /^error: --log cannot be read: net=loud is neither a level nor a target with a level\.\n/,
    );
  });
  await withFixture(["inspect", TICKET], { environment: { PLI_LOG: "info,debug" } }, (exit, { error }) => {
    assert.equal(exit, 2);
    assert.match(error.text, /^error: PLI_LOG cannot be read: debug is a second level for all targets\.\n/);
  });
  // Commands without an endpoint ignore the variable.
  await withFixture(["history"], { environment: { PLI_LOG: "loud" } }, (exit) => assert.equal(exit, 0));
});

Deno.test("the first line of an unredacted log is a warning", async () => {
  await withFixture([...INSPECT, "--log", "error,unredacted"], logging(), (_, { error }) => {
    assert.deepEqual(linesOf(error.text).slice(0, 1), [
      "WARN  log this log has tickets, ids and names in full",
    ]);
  });
});

Deno.test("QLOGDIR names a folder, which is made for this user alone; a file of that name is refused", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "new", "qlog");
    let setting: EngineSetting | undefined;
    const onSetting = (given: EngineSetting) => setting = given;
    await withFixture(INSPECT, { environment: { QLOGDIR: path }, onSetting }, () => {
      assert.deepEqual(setting, { qlogFolder: path });
      if (Deno.build.os !== "windows") assert.equal(Deno.statSync(path).mode! & 0o777, 0o700);
    });
    await withFixture(
      INSPECT,
      { environment: { QLOGDIR: " " }, onSetting },
      () => assert.deepEqual(setting, {}),
    );
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "");
    await withFixture([...INSPECT, "--json"], { environment: { QLOGDIR: file } }, (exit, fixture) => {
      assert.equal(exit, 2);
      assert.equal(fixture.json()[0].code, "option_value_invalid");
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a line of the log does not tear the progress line of a terminal", async () => {
  const fixture = new CliFixture("/none", { isTerminal: true });
  const { Output } = await import("../../src/cli/report/output.ts");
  const mode = { json: false, quiet: false, color: false, isDataOutput: false, isPlain: false };
  const output = new Output(fixture.terminal, mode);
  output.progress("10 %");
  output.log("line");
  output.progress("20 %");
  await output.flush();
  assert.equal(fixture.error.text, "\r\x1b[K10 %\r\x1b[Kline\n\r\x1b[K20 %");
});

Deno.test("lines for a standard error that blocks are dropped, and the queue is bounded", () => {
  const fixture = new CliFixture("/none");
  return import("../../src/cli/report/output.ts").then(({ Output }) => {
    const mode = { json: false, quiet: false, color: false, isDataOutput: false, isPlain: false };
    const stuck = {
      ...fixture.terminal,
      error: { isTerminal: false, write: () => new Promise<void>(() => {}) },
    };
    const output = new Output(stuck, mode);
    const taken = Array.from({ length: 5_000 }, () => output.log("line")).filter((is) => is).length;
    assert.equal(taken, 1_001);
  });
});
