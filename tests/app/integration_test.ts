// `pli integrate` in a data folder of its own: what is written, undone and left alone; the entries as the programs of
// freedesktop.org read them; and the keys of Windows in a registry in memory.

import assert from "node:assert/strict";
import { delimiter, join } from "node:path";
import { entryFiles, execLine, registryKeys } from "../../src/app/desktop_entries.ts";
import {
  integrate,
  type IntegrationContext,
  type IntegrationState,
  undoIntegration,
} from "../../src/app/integration.ts";
import { needing, NOT_LINUX, without } from "../left_out.ts";
import { eventually } from "../time_limits.ts";
import { withHome } from "./temporary_home.ts";

const COMMAND = ['/opt/it\'s 100% "new"\\$x `y`/pli'];
const WORDS = { sendWith: "Send with pli", pressEnter: "Press Enter." };

/** All files below a folder with their texts, by their relative paths. */
async function treeOf(folder: string, below = ""): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(join(folder, below))) {
    const path = join(below, name);
    if (isDirectory) Object.assign(tree, { [`${path}/`]: "" }, await treeOf(folder, path));
    // The table of update-desktop-database.
    else if (name !== "mimeinfo.cache") tree[path] = await Deno.readTextFile(join(folder, path));
  }
  return tree;
}

/** Runs a test with a home and a data folder, in which Nautilus was used. */
async function withData(
  test: (data: string, context: (command?: readonly string[]) => IntegrationContext) => Promise<void>,
): Promise<void> {
  await withHome(async (home, folder) => {
    const data = join(folder, "the user's data");
    await Deno.mkdir(join(data, "nautilus"), { recursive: true });
    await test(data, (command = COMMAND) => ({
      home,
      command,
      words: WORDS,
      os: "linux",
      environment: (name) => ({ XDG_DATA_HOME: data, HOME: folder })[name],
    }));
  });
}

const FILES = ["applications/pli.desktop", "applications/pli-send.desktop", "nautilus/scripts/Send with pli"];

/** The states of an integration, in the order of FILES. */
async function states(results: Promise<{ state: IntegrationState }[]>): Promise<IntegrationState[]> {
  return (await results).map(({ state }) => state);
}

Deno.test({
  ...needing("integration: is written once, follows a moved program, and is undone completely", NOT_LINUX),
  fn: () =>
    withData(async (data, context) => {
      const before = await treeOf(data);
      assert.deepEqual(await states(integrate(context())), ["written", "written", "written"]);
      const first = await treeOf(data);
      assert.deepEqual(Object.keys(first).filter((path) => !path.endsWith("/")).sort(), FILES.toSorted());
      assert.deepEqual(await states(integrate(context())), ["unchanged", "unchanged", "unchanged"]);
      assert.deepEqual(await treeOf(data), first);
      // The script of the file manager names the entry, and no program.
      assert.deepEqual(await states(integrate(context(["/usr/bin/pli"]))), [
        "written",
        "written",
        "unchanged",
      ]);
      assert.match((await treeOf(data))[FILES[0]], /"\/usr\/bin\/pli" "ui" "--" %u$/m);
      assert.deepEqual(await states(undoIntegration(context())), ["removed", "removed", "removed"]);
      assert.deepEqual(await treeOf(data), before);
      assert.deepEqual(await states(undoIntegration(context())), []);
    }),
});

Deno.test({
  ...needing("integration: a file that is not as pli wrote it is neither replaced nor removed", NOT_LINUX),
  fn: () =>
    withData(async (data, context) => {
      await Deno.mkdir(join(data, "applications"));
      await Deno.writeTextFile(join(data, FILES[0]), "of another program");
      // A link would be written through.
      await Deno.writeTextFile(join(data, "target"), "of the user");
      await Deno.mkdir(join(data, "nautilus/scripts"));
      await Deno.symlink(join(data, "target"), join(data, FILES[2]));
      assert.deepEqual(await states(integrate(context())), ["foreign", "written", "foreign"]);
      await Deno.writeTextFile(join(data, FILES[1]), "changed by the user", { append: true });
      assert.deepEqual(await states(integrate(context())), ["foreign", "foreign", "foreign"]);
      assert.deepEqual(await states(undoIntegration(context())), ["foreign"]);
      assert.equal(await Deno.readTextFile(join(data, FILES[0])), "of another program");
      assert.match(await Deno.readTextFile(join(data, FILES[1])), /changed by the user$/);
      assert.equal(await Deno.readTextFile(join(data, "target")), "of the user");
    }),
});

Deno.test({
  ...needing("integration: an entry without a record, of a lost home, is taken up if it is pli's", NOT_LINUX),
  fn: () =>
    withData(async (data, context) => {
      await integrate(context());
      await Deno.remove(join(context().home.path, "integration.json"));
      assert.deepEqual(await states(integrate(context())), ["unchanged", "unchanged", "unchanged"]);
      assert.deepEqual(await states(undoIntegration(context())), ["removed", "removed", "removed"]);
      assert.deepEqual(Object.keys(await treeOf(data)).filter((path) => !path.endsWith("/")), []);
    }),
});

Deno.test({
  ...needing("integration: the entries are valid", NOT_LINUX, without("desktop-file-validate")),
  fn: () =>
    withData(async (data, context) => {
      await integrate(context());
      for (const path of FILES.slice(0, 2)) {
        const { success, stdout } = await new Deno.Command("desktop-file-validate", {
          args: [join(data, path)],
        }).output();
        assert.ok(success && stdout.length === 0, new TextDecoder().decode(stdout));
      }
    }),
});

/** Writes each of its arguments in a line. */
const RECORDING = 'for each; do printf "%s\\n" "$each"; done > "$OUT/new"; mv "$OUT/new" "$OUT/arguments"';
/** A terminal that runs what follows -e. */
const TERMINAL = 'shift; exec "$@"';

/** Runs what starts an entry, in a folder, and returns the arguments that the program of the entry got. */
async function launched(folder: string, program: string, args: readonly string[]): Promise<string[]> {
  await Deno.remove(join(folder, "arguments")).catch(() => {});
  const { success, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd: folder,
    env: {
      OUT: folder,
      PATH: `${join(folder, "bin")}${delimiter}${Deno.env.get("PATH")}`,
      HOME: folder,
      DBUS_SESSION_BUS_ADDRESS: "disabled:",
    },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const path = join(folder, "arguments");
  await eventually(() => Deno.stat(path).then(() => true, () => false), "the program's start");
  return (await Deno.readTextFile(path)).trimEnd().split("\n");
}

Deno.test({
  ...needing(
    "integration: a link and file names reach pli as they are, whatever they contain",
    NOT_LINUX,
    without("gio"),
  ),
  fn: () =>
    withData(async (data, context) => {
      const bin = join(data, "bin");
      await Deno.mkdir(bin);
      const program = join(data, COMMAND[0].replaceAll("/", "_"));
      await Deno.writeTextFile(program, `#!/bin/sh\n${RECORDING}\n`, { mode: 0o755 });
      for (const name of ["xterm", "gnome-terminal", "xdg-terminal-exec"]) {
        await Deno.writeTextFile(join(bin, name), `#!/bin/sh\n${TERMINAL}\n`, { mode: 0o755 });
      }
      await integrate(context([program]));
      const link = "pli:blob$(touch${IFS}owned)`id`;--overwrite&x=%41\"'\\";
      const [command, separator, ...given] = await launched(data, "gio", [
        "launch",
        join(data, FILES[0]),
        link,
      ]);
      assert.deepEqual([command, separator, given.length], ["ui", "--", 1]);
      assert.equal(decodeURI(given[0]), decodeURI(link));
      const names = ["-rf", "a b", "$(id)", "it's", '"', "50%", "Re: hello.txt", "pli:x"];
      for (const name of names) await Deno.writeTextFile(join(data, name), "");
      const paths = names.map((name) => join(data, name));
      const sent = ["send", "--", ...paths];
      assert.deepEqual(await launched(data, "gio", ["launch", join(data, FILES[1]), ...paths]), sent);
      // Nautilus gives names in the folder that it shows, and paths in others.
      assert.deepEqual(await launched(data, join(data, FILES[2]), names), sent);
      assert.deepEqual(await launched(data, join(data, FILES[2]), paths), sent);
    }),
});

Deno.test("integration: the quoting of Exec is that of the specification", () => {
  assert.equal(execLine(["a b", 'c"d']), '"a b" "c\\\\"d"');
  assert.equal(execLine(["$x`y`\\z"]), '"\\\\$x\\\\`y\\\\`\\\\\\\\z"');
  assert.equal(execLine(["100%"]), '"100%%"');
  const [{ text }] = entryFiles("/data", ["/x\n[Desktop Action a]"], WORDS, null);
  assert.doesNotMatch(text, /^\[Desktop Action/m);
});

/** reg.exe in memory, with keys by their paths. */
class Registry {
  readonly keys = new Map<string, Map<string, string>>();

  readonly run = ([verb, key, ...rest]: readonly string[]): Promise<string | null> => {
    const inner = [...this.keys.keys()].filter((each) => each === key || each.startsWith(`${key}\\`));
    const after = (flag: string) => rest.at(rest.indexOf(flag) + 1)!;
    if (verb === "add") {
      const values = this.keys.get(key) ?? new Map();
      this.keys.set(key, values.set(rest.includes("/ve") ? "" : after("/v"), after("/d")));
      return Promise.resolve("");
    }
    if (inner.length === 0) return Promise.resolve(null);
    if (verb === "delete") inner.forEach((each) => this.keys.delete(each));
    if (!rest.includes("/v")) return Promise.resolve(key);
    const value = this.keys.get(key)?.get(after("/v"));
    return Promise.resolve(value === undefined ? null : `    ${after("/v")}    REG_SZ    ${value}`);
  };
}

const CLASSES = "HKCU\\Software\\Classes";

Deno.test("integration: on Windows keys of the user are written, recognised by their mark, and removed", async () => {
  await withHome(async (home) => {
    const registry = new Registry();
    const another = new Map([["", "of another program"]]);
    registry.keys.set(`${CLASSES}\\Directory\\shell\\pli`, another);
    const context: IntegrationContext = {
      home,
      environment: () => undefined,
      command: ["C:\\Program Files\\pli\\pli.exe"],
      words: WORDS,
      os: "windows",
      registry: registry.run,
    };
    assert.deepEqual(await states(integrate(context)), ["written", "written", "foreign"]);
    assert.equal(
      registry.keys.get(`${CLASSES}\\pli\\shell\\open\\command`)?.get(""),
      '"C:\\Program Files\\pli\\pli.exe" "ui" "--" "%1"',
    );
    assert.equal(registry.keys.get(`${CLASSES}\\pli`)?.get("URL Protocol"), "");
    assert.deepEqual(await states(integrate(context)), ["unchanged", "unchanged", "foreign"]);
    const moved = { ...context, command: ["D:\\pli.exe"] };
    assert.deepEqual(await states(integrate(moved)), ["written", "written", "foreign"]);
    assert.deepEqual(await states(undoIntegration(moved)), ["removed", "removed"]);
    assert.deepEqual([...registry.keys.values()], [another]);
  });
});

Deno.test("integration: a word of a command line of Windows is quoted, also if it ends in a backslash", () => {
  const [{ values }] = registryKeys(["C:\\a b\\"], WORDS);
  assert.equal(values.at(-1)![2], '"C:\\a b\\\\" "ui" "--" "%1"');
});
