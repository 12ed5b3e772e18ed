// deno-lint-ignore-file no-control-regex
import { match, ok, strictEqual } from "node:assert";
import { join } from "node:path";
import { OPTIONS } from "../../src/cli/options_table.ts";
import { inWorld, TICKET } from "./fake_world.ts";

Deno.test("run: --version names the version and the binding", async () => {
  await inWorld(["--version"], {}, (exit, world) => {
    strictEqual(exit, 0);
    strictEqual(world.output.text, "pli 0.1.0\nbinding 1.0\n");
  });
});

Deno.test("run: a verbose command names the binding that it runs on", async () => {
  for (const argv of [["receive", TICKET], ["send", "."]]) {
    await inWorld([...argv, "-v"], {}, (_exit, world) => {
      match(world.error.text, /^Network binding: binding 1\.0$/m);
    });
    await inWorld(argv, {}, (_exit, world) => ok(!world.error.text.includes("binding 1.0")));
    await inWorld(
      [...argv, "-v", "--json"],
      {},
      (_exit, world) => ok(!world.error.text.includes("binding 1.0")),
    );
  }
});

Deno.test("run: help is the result, and pli alone prints it", async () => {
  await inWorld([], {}, (exit, world) => {
    strictEqual(exit, 0);
    match(world.output.text, /pli send PATH/);
    match(world.output.text, /IROH_SECRET/);
  });
});

Deno.test("run: the help of a command has all of its options, and none of another one", async () => {
  for (const command of ["send", "receive", "inspect"] as const) {
    await inWorld([command, "--help"], {}, (exit, world) => {
      strictEqual(exit, 0);
      for (const { name, of } of OPTIONS) {
        strictEqual(world.output.text.includes(`--${name}`), of === undefined || of.includes(command), name);
      }
      for (const line of world.output.text.split("\n")) ok(line.length <= 110, line);
    });
  }
});

Deno.test("run: a wrong command line is explained, in JSON where that was asked", async () => {
  await inWorld(["sned", "a"], {}, (exit, world) => {
    strictEqual(exit, 2);
    strictEqual(world.output.text, "");
    strictEqual(world.error.text, "error: There is no command sned.\nDid you mean pli send?\n");
  });
  await inWorld(["sned", "a", "--json"], {}, (exit, world) => {
    strictEqual(exit, 2);
    strictEqual(world.json()[0].code, "command_unknown");
    strictEqual(world.error.text, "");
  });
});

Deno.test("run: colours obey NO_COLOR and --no-color", async () => {
  await inWorld(["sned"], { isTerminal: true }, (_exit, world) => match(world.error.text, /^\x1b\[31merror/));
  for (const [line, environment] of [[["sned"], { NO_COLOR: "1" }], [["sned", "--no-color"], {}]] as const) {
    await inWorld(
      line,
      { isTerminal: true, environment },
      (_exit, world) => ok(!world.error.text.includes("\x1b")),
    );
  }
});

Deno.test("run: a wrong IROH_SECRET is refused and not repeated", async () => {
  const environment = { IROH_SECRET: "hunter2" };
  await inWorld(["receive", TICKET], { environment }, (exit, world) => {
    strictEqual(exit, 2);
    match(world.error.text, /IROH_SECRET does not hold a secret key/);
    ok(!world.error.text.includes("hunter2"));
  });
});

Deno.test("run: a home that cannot be used is explained", async () => {
  const argv = (folder: string) => {
    Deno.writeTextFileSync(join(folder, "home"), "a file where the folder should be");
    return ["receive", TICKET];
  };
  await inWorld(argv, {}, (exit, world) => {
    strictEqual(exit, 5);
    match(world.error.text, /pli cannot keep its own data at .*home\.\n.*PLI_HOME/);
  });
});

Deno.test("run: a mistake in pli is told as one", async () => {
  const engine = { fetch: () => Promise.reject(new TypeError("oops")) };
  await inWorld((folder) => ["receive", TICKET, "-o", folder], { engine }, (exit, world) => {
    strictEqual(exit, 1);
    match(world.error.text, /pli made a mistake \(TypeError: oops\)/);
  });
});
