// deno-lint-ignore-file no-control-regex
import { doesNotMatch, match, ok, strictEqual } from "node:assert";
import { join } from "node:path";
import { loadCommands } from "../../src/cli/commands/table.ts";
import { HELP_AND_VERSION } from "../../src/cli/options.ts";
import type { FetchOptions, ShareOptions } from "../../src/engine/mod.ts";
import { fakeFetch, fakeShare } from "./fake_share.ts";
import { TICKET, withFixture } from "./cli_fixture.ts";

Deno.test("run: --version names the version and the binding", async () => {
  await withFixture(["--version"], {}, (exit, fixture) => {
    strictEqual(exit, 0);
    strictEqual(fixture.output.text, "pli 0.1.0\nbinding 1.0\n");
  });
});

Deno.test("run: a verbose command names the binding that it runs on", async () => {
  for (const argv of [["receive", TICKET], ["send", "."]]) {
    await withFixture([...argv, "-v"], {}, (_exit, fixture) => {
      match(fixture.error.text, /^Network binding: binding 1\.0$/m);
    });
    await withFixture(argv, {}, (_exit, fixture) => ok(!fixture.error.text.includes("binding 1.0")));
    await withFixture(
      [...argv, "-v", "--json"],
      {},
      (_exit, fixture) => ok(!fixture.error.text.includes("binding 1.0")),
    );
  }
});

Deno.test("run: help goes to standard output, also for pli without arguments", async () => {
  await withFixture([], {}, (exit, fixture) => {
    strictEqual(exit, 0);
    match(fixture.output.text, /pli send PATH/);
    match(fixture.output.text, /IROH_SECRET/);
  });
});

Deno.test("run: the help of a command has all of its options, and none of another one", async () => {
  const commands = await loadCommands();
  const all = Object.values(commands).flatMap(({ OPTIONS }) => Object.keys(OPTIONS));
  for (const command of ["send", "receive", "inspect"] as const) {
    const own = Object.keys({ ...commands[command].OPTIONS, ...HELP_AND_VERSION });
    await withFixture([command, "--help"], {}, (exit, fixture) => {
      strictEqual(exit, 0);
      for (const name of [...all, ...own]) {
        const isListed = new RegExp(`--${name}(?![\\w-])`).test(fixture.output.text);
        strictEqual(isListed, own.includes(name), name);
      }
      for (const line of fixture.output.text.split("\n")) ok(line.length <= 110, line);
    });
  }
});

Deno.test("run: an unknown option is explained also without a command", async () => {
  await withFixture(["-z"], {}, (exit, fixture) => {
    strictEqual(exit, 2);
    strictEqual(
      fixture.error.text,
      "error: There is no option -z here.\nRun pli --help to see the commands.\n",
    );
  });
});

Deno.test("run: an invalid command line is explained, in JSON with --json", async () => {
  await withFixture(["sned", "a"], {}, (exit, fixture) => {
    strictEqual(exit, 2);
    strictEqual(fixture.output.text, "");
    strictEqual(fixture.error.text, "error: There is no command sned.\nDid you mean pli send?\n");
  });
  await withFixture(["sned", "a", "--json"], {}, (exit, fixture) => {
    strictEqual(exit, 2);
    strictEqual(fixture.json()[0].code, "command_unknown");
    strictEqual(fixture.error.text, "");
  });
});

Deno.test("run: a path or a ticket in place of a command gets the command that takes it", async () => {
  const said = async (argv: (folder: string) => readonly string[]): Promise<string> => {
    let text = "";
    await withFixture(argv, {}, (exit, { error }) => {
      strictEqual(exit, 2);
      text = error.text;
    });
    return text.slice(text.indexOf("\n") + 1);
  };
  const file = (name: string) => (folder: string): string[] => {
    const path = `${folder}/${name}`;
    Deno.writeTextFileSync(path, "");
    return [path];
  };
  match(await said(file("holiday")), /^To send the file or folder [^ ]+, write pli send before it\.\n$/);
  match(
    await said(() => ["zebra"]),
    /^To send a file or a folder, write pli send before it\. Run pli --help/,
  );
  match(
    await said(() => ["sendme", "receive", TICKET]),
    /^To receive what this ticket names, write pli receive/,
  );
  match(
    await said(() => ["receive", "--no-chache"]),
    /^Did you mean --no-cache\? It belongs to pli send\.\n$/,
  );
});

Deno.test("run: colours obey NO_COLOR and --no-color", async () => {
  await withFixture(
    ["sned"],
    { isTerminal: true },
    (_exit, fixture) => match(fixture.error.text, /^\x1b\[31merror/),
  );
  for (const [line, environment] of [[["sned"], { NO_COLOR: "1" }], [["sned", "--no-color"], {}]] as const) {
    await withFixture(
      line,
      { isTerminal: true, environment },
      (_exit, fixture) => ok(!fixture.error.text.includes("\x1b")),
    );
  }
});

Deno.test("run: an invalid IROH_SECRET is refused and not printed", async () => {
  const environment = { IROH_SECRET: "hunter2" };
  await withFixture(["receive", TICKET], { environment }, (exit, fixture) => {
    strictEqual(exit, 2);
    match(fixture.error.text, /IROH_SECRET does not hold a secret key/);
    ok(!fixture.error.text.includes("hunter2"));
  });
});

Deno.test("run: a home that cannot be used is explained", async () => {
  const argv = (folder: string) => {
    Deno.writeTextFileSync(join(folder, "home"), "a file where the folder should be");
    return ["resume"];
  };
  await withFixture(argv, {}, (exit, fixture) => {
    strictEqual(exit, 5);
    match(fixture.error.text, /pli cannot keep its own data at .*home\.\n.*PLI_HOME/);
  });
});

Deno.test("run: a defect of pli is reported as one", async () => {
  const engine = { fetch: () => Promise.reject(new TypeError("oops")) };
  await withFixture((folder) => ["receive", TICKET, "-o", folder], { engine }, (exit, fixture) => {
    strictEqual(exit, 1);
    match(fixture.error.text, /Internal error \(TypeError: oops\)/);
  });
});

/** Windows sets no TERM, and its terminals support control sequences. */
const PLAIN_TERMINALS = ["dumb", ...(Deno.build.os === "windows" ? [] : ["", undefined])];

for (const TERM of PLAIN_TERMINALS) {
  Deno.test(`E.14 run: with TERM ${TERM ?? "unset"} no output contains a control sequence`, async () => {
    const options = { isTerminal: true, environment: { TERM }, columns: 200 };
    const share = (options: ShareOptions) => {
      const made = fakeShare(options);
      made.end("delivered");
      return Promise.resolve(made);
    };
    const engine = { fetch: (options: FetchOptions) => fakeFetch(options), share };
    for (const line of [["sned"], ["receive", TICKET], ["send", ".", "--copy", "--qr"], ["history"]]) {
      const argv = (folder: string) => line[0] === "receive" ? [...line, "-o", folder] : line;
      await withFixture(argv, { ...options, engine }, (_exit, fixture) => {
        ok(fixture.error.text !== "");
        doesNotMatch(fixture.error.text + fixture.output.text, /[\x00-\x09\x0b-\x1f\x7f]/);
      });
    }
  });
}

Deno.test("run: output that cannot be written is an error of every command, and a closed pipe is none", async () => {
  const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
  const closed = new Deno.errors.BrokenPipe();
  const lines = [
    ["--version"],
    ["--help"],
    ["send", "--help"],
    ["--man"],
    ["--completions", "bash"],
    ["inspect", TICKET],
  ];
  for (const argv of lines) {
    await withFixture(argv, { outputFault: full }, (exit, fixture) => {
      strictEqual(exit, 5, argv.join(" "));
      match(fixture.error.text, /Standard output could not be written: the disk is full/);
    });
    await withFixture(argv, { outputFault: closed }, (exit, fixture) => {
      strictEqual(exit, 141, argv.join(" "));
      doesNotMatch(fixture.error.text, /output/);
    });
  }
});
