// The program as one file by native/launcher: where it unpacks itself, what it does with a damaged file or a folder that
// it cannot use, and its removal of older versions. What the program does then is tested by running the suites of the
// product over it.

import assert from "node:assert/strict";
import { oneFile } from "../../scripts/one_file.ts";
import { needing, NO_ADDON, NOT_LINUX, NOT_ROOT, without } from "../left_out.ts";
import { Bench, type Running } from "../product/processes.ts";
import { NO_TMPFS, Volume } from "../product/volume.ts";

const NOT_BUILT = NOT_LINUX ?? NO_ADDON ?? without("cargo");
/** What every unpacked version has. */
const UNPACKED = ["lock", "pli", "pli.js", "pli_native.node"];
const DAY_MS = 24 * 60 * 60 * 1000;
/** A number that no user of a computer has. */
const OTHER_USER = 4_000_123;

/** The program, built once, and copied for each test. */
let built: Promise<string> | undefined;

async function program(bench: Bench): Promise<string> {
  built ??= Deno.makeTempDir({ prefix: "pli-one-file-test-" }).then(async (folder) => {
    globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
    await oneFile(`${folder}/pli`, { isFast: true });
    return `${folder}/pli`;
  });
  const path = bench.path("pli");
  await Deno.copyFile(await built, path);
  return path;
}

/** Where a program unpacks itself: the user's cache folder and, where that fails, the folder of temporary files. */
class Folders {
  readonly cache: string;
  readonly temporary: string;

  constructor(readonly bench: Bench) {
    this.cache = bench.path("cache");
    this.temporary = bench.path("tmp");
  }

  static async make(bench: Bench): Promise<Folders> {
    const folders = new Folders(bench);
    for (const folder of [folders.cache, folders.temporary]) await Deno.mkdir(folder);
    return folders;
  }

  /** Starts a program with arguments, by default those that print its version. */
  start(path: string, args = ["--version"], env: Record<string, string> = {}): Running {
    const folders = { XDG_CACHE_HOME: this.cache, TMPDIR: this.temporary, PLI_UNPACK: "" };
    return this.bench.run(path, args, { env: { PLI_HOME: this.bench.path("home"), ...folders, ...env } });
  }

  get inCache(): string {
    return `${this.cache}/pli/program`;
  }

  get inTemporary(): string {
    return `${this.temporary}/pli-program-${Deno.uid()}`;
  }
}

async function assertVersion(running: Running): Promise<void> {
  assert.equal(await running.ended(), 0, running.output);
  assert.match(running.output, /^pli \d+\.\d+\.\d+\niroh \S+ \(native\)$/);
}

/** Asserts that the program says a sentence and ends with the exit code of a failed disk. */
async function assertRefused(running: Running, sentence: RegExp): Promise<void> {
  assert.equal(await running.ended(), 5, running.output);
  assert.equal(running.stdout.all.length, 0);
  assert.match(running.output, sentence);
}

/** The names in a folder besides the file of the turns; none if it does not exist. */
async function names(folder: string): Promise<string[]> {
  try {
    const all = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    return all.filter((name) => name !== ".turn").sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** The files of the only version in a folder. */
async function onlyVersion(folder: string): Promise<string> {
  const versions = await names(folder);
  assert.equal(versions.length, 1, String(versions));
  assert.match(versions[0], /^\d+\.\d+\.\d+-[0-9a-f]{16}$/);
  const files = await names(`${folder}/${versions[0]}`);
  assert.deepEqual(files.filter((name) => name !== "runtime_cache"), UNPACKED);
  return `${folder}/${versions[0]}`;
}

function oneFileTest(
  name: string,
  test: (bench: Bench) => Promise<void>,
  ...missing: (string | null)[]
): void {
  Deno.test(needing(`one file: ${name}`, NOT_BUILT, ...missing), async () => {
    await using bench = await Bench.make();
    await test(bench);
  });
}

oneFileTest("the first start unpacks it for this user alone, the second one uses that", async (bench) => {
  const folders = await Folders.make(bench);
  const path = await program(bench);
  await assertVersion(folders.start(path));
  const version = await onlyVersion(folders.inCache);
  assert.equal(Deno.statSync(folders.inCache).mode! & 0o777, 0o700);
  assert.equal(Deno.statSync(version).mode! & 0o777, 0o700);
  const runtime = Deno.statSync(`${version}/pli`);
  await assertVersion(folders.start(path));
  assert.equal(Deno.statSync(`${version}/pli`).ino, runtime.ino);
  assert.deepEqual(await names(folders.temporary), []);
});

oneFileTest("exit code, arguments and signals are those of pli", async (bench) => {
  const folders = await Folders.make(bench);
  const path = await program(bench);
  const wrong = folders.start(path, ["send", "--no-such-option", "ü b"]);
  assert.equal(await wrong.ended(), 2, wrong.output);
  assert.match(wrong.output, /--no-such-option/);
  await Deno.writeTextFile(bench.path("letter"), "A letter.");
  const sender = folders.start(path, ["send", "--json", "--relay", "disabled", bench.path("letter")]);
  await sender.stdout.first((line) => line.includes('"ticket"') || undefined);
  sender.process.kill("SIGTERM");
  assert.equal(await sender.ended(), 143, sender.output);
});

oneFileTest("variables for other programs of the runtime change nothing", async (bench) => {
  const folders = await Folders.make(bench);
  const path = await program(bench);
  const foreign = bench.path("foreign.cjs");
  await Deno.writeTextFile(foreign, 'console.log("foreign code"); process.exit(9);');
  const coverage = bench.path("coverage");
  const env = {
    NODE_OPTIONS: `--require ${foreign}`,
    NODE_CHANNEL_FD: "99",
    DENO_V8_FLAGS: "--no-such-flag",
    DENO_PERMISSION_BROKER_PATH: bench.path("no-such-socket"),
    DENO_COVERAGE_DIR: coverage,
    DENO_LOG: "debug",
  };
  await assertVersion(folders.start(path, ["--version"], env));
  await assertVersion(folders.start(path, ["--version"], { NODE_OPTIONS: "--require no-such-module" }));
  // A setting of npm whose variable is not set here.
  const home = bench.path("user");
  await Deno.mkdir(home);
  await Deno.writeTextFile(`${home}/.npmrc`, "@company:registry=${NO_SUCH_VARIABLE}/npm\n");
  await assertVersion(folders.start(path, ["--version"], { HOME: home }));
  const integrating = folders.start(path, ["integrate"], { HOME: home, XDG_DATA_HOME: "" });
  assert.equal(await integrating.ended(), 0, integrating.output);
  await Deno.stat(`${home}/.local/share/applications/pli.desktop`);
  await assert.rejects(Deno.stat(coverage), Deno.errors.NotFound);
});

oneFileTest("PLI_UNPACK names the only folder that is used", async (bench) => {
  const folders = await Folders.make(bench);
  const path = await program(bench);
  await assertVersion(folders.start(path, ["--version"], { PLI_UNPACK: bench.path("own") }));
  await onlyVersion(bench.path("own"));
  assert.deepEqual(await names(folders.cache), []);
  const relative = folders.start(path, ["--version"], { PLI_UNPACK: "own" });
  await assertRefused(relative, /own: it is not an absolute path/);
});

oneFileTest("first starts at once all succeed, also where there is room for one version", async (bench) => {
  const folders = await Folders.make(bench);
  const path = await program(bench);
  await using volume = await Volume.make(bench.path("small"), "size=200m");
  const env = { XDG_CACHE_HOME: volume.path, TMPDIR: volume.path };
  await Promise.all(Array.from({ length: 6 }, () => assertVersion(folders.start(path, ["--version"], env))));
  await onlyVersion(`${volume.path}/pli/program`);
}, NO_TMPFS);

oneFileTest("what a killed first start has left makes room for the next one", async (bench) => {
  const folders = await Folders.make(bench);
  const path = await program(bench);
  await using volume = await Volume.make(bench.path("small"), "size=200m");
  const left = `${volume.path}/pli/program/.new-1-1`;
  await Deno.mkdir(left, { recursive: true, mode: 0o700 });
  await Deno.writeFile(`${left}/pli`, new Uint8Array(120_000_000));
  const env = { XDG_CACHE_HOME: volume.path, TMPDIR: volume.path };
  await assertVersion(folders.start(path, ["--version"], env));
  await onlyVersion(`${volume.path}/pli/program`);
}, NO_TMPFS);

oneFileTest("a damaged or cut file is refused, and leaves nothing", async (bench) => {
  const folders = await Folders.make(bench);
  const path = await program(bench);
  const { size } = await Deno.stat(path);
  const change = async (at: number) => {
    using file = await Deno.open(path, { read: true, write: true });
    const byte = new Uint8Array(1);
    await file.seek(at, Deno.SeekMode.Start);
    await file.read(byte);
    // A single bit may be one that zstd ignores, in the header of a frame.
    byte[0] ^= 0xff;
    await file.seek(at, Deno.SeekMode.Start);
    await file.write(byte);
  };
  for (const at of [Math.floor(size / 2), size - 1_000_000, size - 100, size - 15, size - 1]) {
    await change(at);
    await assertRefused(
      folders.start(path),
      /^pli: this program's file is damaged \(.*\)\. Download it again\.$/,
    );
    assert.deepEqual(await names(folders.inCache), [], String(at));
    await change(at);
  }
  await Deno.truncate(path, size - 1000);
  await assertRefused(folders.start(path), /this program's file is damaged/);
  await assertRefused(folders.start(path), /Download it again/);
});

oneFileTest("unpacked files that are missing or cut are replaced", async (bench) => {
  const folders = await Folders.make(bench);
  const path = await program(bench);
  await assertVersion(folders.start(path));
  const version = await onlyVersion(folders.inCache);
  await Deno.remove(`${version}/pli_native.node`);
  await Deno.truncate(`${version}/pli.js`, 100);
  await assertVersion(folders.start(path));
  assert.equal(await onlyVersion(folders.inCache), version);
});

oneFileTest("versions without a start for two weeks are removed, unless they run", async (bench) => {
  const folders = await Folders.make(bench);
  const path = await program(bench);
  await Deno.writeTextFile(bench.path("letter"), "A letter.");
  const sender = folders.start(path, ["send", "--json", "--relay", "disabled", bench.path("letter")]);
  await sender.stdout.first((line) => line.includes('"ticket"') || undefined);
  const own = (await names(folders.inCache))[0];
  // The running one under another name, as if it were another version.
  const running = `${folders.inCache}/0.0.1-running`;
  await Deno.rename(`${folders.inCache}/${own}`, running);
  const old = `${folders.inCache}/0.0.1-old`;
  const recent = `${folders.inCache}/0.0.1-recent`;
  const unfinished = `${folders.inCache}/.new-1-1`;
  const past = new Date(Date.now() - 15 * DAY_MS);
  for (const folder of [old, recent, unfinished]) {
    await Deno.mkdir(folder);
    await Deno.writeTextFile(`${folder}/pli`, "a version");
    await Deno.writeTextFile(`${folder}/lock`, "");
  }
  for (const lock of [`${old}/lock`, `${running}/lock`, unfinished]) await Deno.utime(lock, past, past);
  await assertVersion(folders.start(path));
  assert.deepEqual(await names(folders.inCache), ["0.0.1-recent", "0.0.1-running", own].sort());
  await sender.stop("SIGTERM");
  await Deno.utime(`${running}/lock`, past, past);
  await assertVersion(folders.start(path));
  assert.deepEqual(await names(folders.inCache), ["0.0.1-recent", own].sort());
});

oneFileTest("a cache folder that cannot be used is replaced by one for temporary files", async (bench) => {
  const folders = await Folders.make(bench);
  const path = await program(bench);
  {
    await using _ = await Volume.make(`${folders.cache}/pli`, "size=400m,noexec");
    await assertVersion(folders.start(path));
    await onlyVersion(folders.inTemporary);
    assert.deepEqual(await names(folders.inCache), [], "what cannot be executed is removed");
  }
  await Deno.remove(folders.inTemporary, { recursive: true });
  {
    await using _ = await Volume.make(`${folders.cache}/pli2`, "size=20m");
    await assertVersion(folders.start(path, ["--version"], { XDG_CACHE_HOME: `${folders.cache}/pli2` }));
    await onlyVersion(folders.inTemporary);
    assert.deepEqual(await names(`${folders.cache}/pli2/pli/program`), [], "what was written is removed");
  }
  await Deno.remove(folders.inTemporary, { recursive: true });
  {
    await using _ = await Volume.make(`${folders.cache}/pli3`, "size=400m,ro");
    await assertVersion(folders.start(path, ["--version"], { XDG_CACHE_HOME: `${folders.cache}/pli3` }));
    await onlyVersion(folders.inTemporary);
  }
}, NO_TMPFS);

oneFileTest("where no folder can be used, each is named with its reason", async (bench) => {
  const folders = await Folders.make(bench);
  const path = await program(bench);
  await using full = await Volume.make(`${bench.folder}/full`, "size=20m");
  const env = { XDG_CACHE_HOME: full.path, TMPDIR: full.path };
  const running = folders.start(path, ["--version"], env);
  await assertRefused(running, /No space left on device[^]*pli-program-\d+: No space left[^]*PLI_UNPACK/);
}, NO_TMPFS);

oneFileTest("a folder of another user, or open to one, is not used", async (bench) => {
  const folders = await Folders.make(bench);
  const path = await program(bench);
  await Deno.mkdir(folders.inCache, { recursive: true });
  await Deno.chown(folders.inCache, OTHER_USER, OTHER_USER);
  await Deno.mkdir(folders.inTemporary, { mode: 0o700 });
  await Deno.chmod(folders.inTemporary, 0o777);
  const refused = folders.start(path);
  await assertRefused(
    refused,
    new RegExp(`belongs to the user with number ${OTHER_USER}[^]*can write in it`),
  );
  await Deno.chmod(folders.inTemporary, 0o700);
  await assertVersion(folders.start(path));
  await onlyVersion(folders.inTemporary);
}, NOT_ROOT);

oneFileTest("a folder below one that a group can change is not used, also behind a link", async (bench) => {
  const folders = await Folders.make(bench);
  const path = await program(bench);
  const open = bench.path("open");
  await Deno.mkdir(`${open}/cache`, { recursive: true });
  await Deno.chown(open, null, OTHER_USER);
  await Deno.chmod(open, 0o775);
  await Deno.symlink(`${open}/cache`, bench.path("link"));
  for (const XDG_CACHE_HOME of [`${open}/cache`, bench.path("link")]) {
    await assertVersion(folders.start(path, ["--version"], { XDG_CACHE_HOME }));
    await onlyVersion(folders.inTemporary);
    assert.deepEqual(await names(`${open}/cache/pli/program`), []);
  }
  // The group with the number of the user is the user's own.
  await Deno.chown(open, null, Deno.uid()!);
  await assertVersion(folders.start(path, ["--version"], { XDG_CACHE_HOME: `${open}/cache` }));
  await onlyVersion(`${open}/cache/pli/program`);
}, NOT_ROOT);

oneFileTest("it starts after its name was removed", async (bench) => {
  const folders = await Folders.make(bench);
  const path = await program(bench);
  const command = `exec 9<"$0" && rm "$0" && exec /proc/self/fd/9 --version`;
  const env = {
    XDG_CACHE_HOME: folders.cache,
    TMPDIR: folders.temporary,
    PLI_UNPACK: "",
    PLI_HOME: bench.path("home"),
  };
  await assertVersion(bench.run("sh", ["-c", command, path], { env }));
}, without("sh"));

oneFileTest("what starts pli from the desktop names this file, also through a link", async (bench) => {
  const folders = await Folders.make(bench);
  const path = await program(bench);
  await Deno.symlink(path, bench.path("link"));
  const data = bench.path("data");
  const running = folders.start(bench.path("link"), ["integrate"], { XDG_DATA_HOME: data });
  assert.equal(await running.ended(), 0, running.output);
  const entry = await Deno.readTextFile(`${data}/applications/pli.desktop`);
  assert.ok(entry.includes(` "${path}" "ui" "--" %u\n`), entry);
});
