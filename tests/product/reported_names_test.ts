// Names and paths from public reports about similar tools, with real processes. tests/README.md lists each with its
// source.

import assert from "node:assert/strict";
import { needing, NOT_LINUX } from "../left_out.ts";
import { BY_MODES, IS_ROOT, NO_MODES } from "./by_modes.ts";
import { Bench, type RunningPli } from "./processes.ts";
import { pliCommand } from "./program.ts";
import { assertSameTree, noise, readTree, type Tree, writeTree } from "./trees.ts";

const LOCAL = ["--relay", "disabled", "--bind", "127.0.0.1:0"];
const NAMES = [
  "-rf",
  "a:b",
  "con/nul.txt",
  "COM1",
  "dot.",
  "Folder e. V./f",
  "Pictures /p",
  " lead",
  "trail  ",
  "new\nline",
  "Icon\r",
  "x\u202egpj.exe",
  "#1 [100%].mkv",
  "%20",
  "~",
  "$HOME",
];
const EMPTY_FILES = 2_000;
const EMPTY_FOLDERS = 20;
/** The setgid bit of a folder: new entries in it get its group, and new folders the bit. */
const SETGID = 0o2000;
const OTHER_GROUP = 4711;

/** Asserts the exit code, and that there was no request. Resolves to the event of the error. */
async function assertRefusedAtOnce(pli: RunningPli, exit: number): Promise<Record<string, unknown>> {
  assert.equal(await pli.ended(), exit, pli.output);
  const { code, parameters } = await pli.event("error");
  assert.deepEqual(pli.events.filter(({ type }) => type === "waiting"), [], pli.output);
  return { code, ...parameters };
}

Deno.test({
  ...needing(
    "names that are unusual on other systems, hard links and empty files arrive unchanged",
    NOT_LINUX,
  ),
  fn: async () => {
    await using bench = await Bench.make();
    const tree: Tree = Object.fromEntries(NAMES.map((name, at) => [name, noise(at + 1)]));
    await writeTree(bench.path("src"), { ...tree, "links/1": noise(20_000) });
    for (let at = 0; at < EMPTY_FILES; at++) {
      const name = `empty/${at % EMPTY_FOLDERS}/${at}`;
      if (at < EMPTY_FOLDERS) await Deno.mkdir(bench.path("src/empty", `${at}`), { recursive: true });
      Deno.writeFileSync(bench.path("src", name), tree[name] = noise(0));
    }
    await Deno.link(bench.path("src/links/1"), bench.path("src/links/2"));
    await Deno.mkdir(bench.path("team"));
    if (IS_ROOT) await Deno.chown(bench.path("team"), 0, OTHER_GROUP);
    await Deno.chmod(bench.path("team"), SETGID | 0o775);
    const group = (await Deno.stat(bench.path("team"))).gid;

    const cwd = bench.path("src");
    const paths = [...Deno.readDirSync(cwd)].map(({ name }) => `./${name}`);
    const sender = bench.pli(["send", ...LOCAL, ...paths], { cwd });
    const homeless = ["env", "-u", "HOME", "-u", "PLI_HOME", "-u", "XDG_DATA_HOME"];
    const receiver = bench.pli(["receive", ...LOCAL, "-o", "team", await sender.ticket()], {
      wrapper: homeless,
    });
    assert.equal(await receiver.ended(), 0, receiver.output);
    assert.equal(await sender.ended(), 0, sender.output);

    const arrived = await readTree(bench.path("team"));
    assertSameTree(arrived, { ...tree, "links/1": noise(20_000), "links/2": noise(20_000) });
    // Each is a separate file: a change of one does not change the other.
    assert.equal((await Deno.stat(bench.path("team/links/1"))).nlink, 1);
    for (const folder of ["con", "empty", "empty/19"]) {
      const { mode, gid } = await Deno.stat(bench.path("team", folder));
      assert.deepEqual([mode! & SETGID, gid], [SETGID, group], folder);
    }
    assert.equal((await Deno.stat(bench.path("team/-rf"))).gid, group);
  },
});

Deno.test({
  ...needing(
    "-o that exists, and cannot be a file or a folder, is refused at once",
    NOT_LINUX,
  ),
  fn: async () => {
    await using bench = await Bench.make();
    await writeTree(bench.folder, { note: noise(5), "full/kept": noise(6) });
    await Deno.symlink("unplugged", bench.path("gone"));
    const made = await new Deno.Command("mkfifo", { args: [bench.path("fifo")] }).output();
    assert.ok(made.success);
    const ticket = await bench.pli(["send", ...LOCAL, "--keep", "note"]).ticket();
    const before = [...Deno.readDirSync(bench.folder)].map(({ name }) => name).filter((name) =>
      !name.startsWith("home")
    );
    const unusable = (path: string, reason: string) => ({ code: "output_unusable", path, reason });
    const cases: [out: string, error: Record<string, unknown>][] = [
      ["gone", unusable("gone", "symlink_broken")],
      ["gone/", unusable("gone/", "symlink_broken")],
      ["fifo", unusable("fifo", "special_file")],
      ["/dev/null", unusable("/dev/null", "special_file")],
    ];
    const refused = cases.map(async ([out, error]) => {
      const receiver = bench.pli(["receive", ...LOCAL, "-o", out, ticket]);
      assert.deepEqual(await assertRefusedAtOnce(receiver, 5), error);
    });
    await Promise.all(refused);
    const below = bench.pli(["receive", ...LOCAL, "-o", "note/below", ticket]);
    const notFolder = { code: "destination_not_folder", path: bench.path("note") };
    assert.deepEqual(await assertRefusedAtOnce(below, 5), notFolder);

    // A folder is received into, and its content is kept.
    const receiver = bench.pli(["receive", ...LOCAL, "--overwrite", "-o", "full", ticket]);
    assert.equal(await receiver.ended(), 0, receiver.output);
    assertSameTree(await readTree(bench.path("full")), { note: noise(5), kept: noise(6) });
    const after = [...Deno.readDirSync(bench.folder)].map(({ name }) => name).filter((name) =>
      !name.startsWith("home")
    );
    assert.deepEqual(after.sort(), before.sort());
  },
});

Deno.test({
  ...needing(
    "a folder without write permission is named, and not the entry that pli creates in it",
    NO_MODES,
    NOT_LINUX,
  ),
  fn: async () => {
    await using bench = await Bench.make();
    await Deno.writeFile(bench.path("note"), noise(5));
    await Deno.mkdir(bench.path("closed"));
    await Deno.chmod(bench.path("closed"), 0o555);
    const ticket = await bench.pli(["send", ...LOCAL, "--keep", "note"]).ticket();
    const denied = { code: "disk_denied", path: bench.path("closed") };
    const refused = [["-o", "closed"], ["-o", "closed/note"]].map(async (out) => {
      const receiver = bench.pli(["receive", ...LOCAL, ...out, ticket], { wrapper: BY_MODES });
      assert.deepEqual(await assertRefusedAtOnce(receiver, 5), denied);
    });
    await Promise.all(refused);
  },
});

Deno.test({
  ...needing("files with the names of options are reported", NOT_LINUX),
  fn: async () => {
    await using bench = await Bench.make();
    await writeTree(bench.path("src"), { "-q": noise(5), "--keep": noise(5), note: noise(5) });
    const inFolder = (script: string) =>
      bench.run("bash", ["-c", script.replace("PLI", [...pliCommand].map((word) => `'${word}'`).join(" "))], {
        cwd: bench.path("src"),
        env: { PLI_HOME: bench.path("home") },
      });
    const taken = inFolder(`exec PLI send ${LOCAL.join(" ")} *`);
    await taken.stdout.first((line) => line.startsWith("blob") || undefined);
    await taken.stop("SIGTERM");
    const lines = taken.stderr.all.filter((line) => line.includes(" is read as an option"));
    assert.deepEqual(lines.sort(), [
      "--keep is read as an option. To send the file of that name, write ./--keep.",
      "-q is read as an option. To send the file of that name, write ./-q.",
    ]);

    const unknown = inFolder(`PLI send ${LOCAL.join(" ")} -rf`);
    assert.equal(await unknown.ended(), 2, unknown.output);
    assert.match(
      unknown.output,
      /There is no option -r here\.\n.*Before a name that begins with -, write \.\//,
    );
  },
});

Deno.test("a share with everything excluded ends without a ticket", async () => {
  await using bench = await Bench.make();
  await writeTree(bench.path("src"), { "a.log": noise(5), "inner/b.log": noise(5) });
  const sender = bench.pli(["send", ...LOCAL, "--exclude", "*.log", "src"]);
  assert.equal(await sender.ended(), 1, sender.output);
  assert.equal((await sender.event("error")).code, "nothing_to_send");
  assert.ok(!sender.events.some(({ type }) => type === "ticket"), sender.output);
  const excluded = sender.events.flatMap((event) => event.type === "skipped" ? [event.name] : []);
  assert.deepEqual(excluded.sort(), ["src/a.log", "src/inner/b.log"]);
});
