// The archives of a release: their formats, their names, the sums, and what the workflow makes of the table.

import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipped } from "../../scripts/programs.ts";
import { DEB_PLATFORMS } from "../../scripts/package_deb.ts";
import { filesOfRelease, writeSums } from "../../scripts/release/sums.ts";
import { projectVersion } from "../../scripts/project.ts";
import { archiveNamed, ARCHIVES, fileOf, ROOT } from "../../scripts/release/table.ts";
import { zipOf } from "../../scripts/release/zip.ts";
import { tarOf } from "../../scripts/tarball.mjs";
import { inTemporaryFolder } from "../node_program.ts";
import { needing, NOT_UNIX, unlessSucceeds, without } from "../left_out.ts";

const noise = new Uint8Array(100_000).map((_, at) => (at * at * 31) >> 3);
const FILES: [string, Uint8Array, number][] = [
  ["pli", noise, 0o755],
  ["empty", new Uint8Array(), 0o644],
  ["README.md", new TextEncoder().encode("pli\n".repeat(1_000)), 0o644],
];

async function outputOf(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

const NO_PYTHON = without("python3") ?? await unlessSucceeds("there is no Python 3", "python3", "--version");

Deno.test("release: the same files are the same archive", async () => {
  assert.deepEqual(zipOf(FILES), zipOf(FILES));
  if (without("gzip") === null) {
    assert.deepEqual(await gzipped(tarOf(FILES, "")), await gzipped(tarOf(FILES, "")));
  }
});

Deno.test(needing("release: another program reads the zip: contents, modes, time", NO_PYTHON), async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "made.zip");
    await Deno.writeFile(path, zipOf(FILES));
    const code = `import hashlib, json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(json.dumps([[one.filename, hashlib.sha256(archive.read(one)).hexdigest(), one.external_attr >> 16,
                   one.compress_type, list(one.date_time)] for one in archive.infolist()]))`;
    const read = JSON.parse(await outputOf("python3", "-c", code, path));
    const expected = await Promise.all(FILES.map(async ([name, bytes, mode]) => {
      const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
      return [name, new Uint8Array(digest).toHex(), 0o100000 | mode, 8, [1985, 10, 26, 8, 15, 0]];
    }));
    assert.deepEqual(read, expected);
  });
});

Deno.test(
  needing("release: tar unpacks the archive with its modes", NOT_UNIX, without("tar", "gzip")),
  async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, "made.tar.gz");
      await Deno.writeFile(path, await gzipped(tarOf(FILES, "")));
      await outputOf("tar", "-xf", path, "-C", folder);
      for (const [name, bytes, mode] of FILES) {
        assert.deepEqual(await Deno.readFile(join(folder, name)), bytes, name);
        // Less what the process's mask takes away.
        const { mode: found } = await Deno.stat(join(folder, name));
        assert.equal(found! & 0o700, mode & 0o700, name);
      }
    });
  },
);

Deno.test("release: the names tell the version, the system and the way of building", () => {
  const names = ARCHIVES.map((archive) => fileOf(archive, "1.2.3"));
  assert.equal(new Set(names).size, 8);
  for (const name of names) {
    assert.match(name, /^pli-v1\.2\.3-(linux|windows|macos)-(x64|arm64)(-deno-compile)?\./);
  }
  assert.equal(fileOf(archiveNamed("windows-x64"), "1.2.3"), "pli-v1.2.3-windows-x64.zip");
  assert.throws(() => archiveNamed("plan9"), /plan9 is none of linux-x64, /);
  assert.throws(() => archiveNamed(undefined), /none of/);
});

Deno.test("release: the sums are of all files, and of nothing else", async () => {
  const version = await projectVersion();
  const names = filesOfRelease(version);
  for (const archive of ARCHIVES) assert.ok(names.includes(fileOf(archive, version)));
  const others = ["install.sh", `pli_${version}-1_amd64.deb`, `pli_${version}-1_arm64.deb`];
  assert.equal(names.length, ARCHIVES.length + others.length);
  for (const name of others) assert.ok(names.includes(name), name);
  await inTemporaryFolder(async (folder) => {
    for (const name of names) await Deno.writeTextFile(join(folder, name), name);
    await writeSums(folder);
    const sums = await Deno.readTextFile(join(folder, "SHA256SUMS"));
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(names[0]));
    assert.equal(sums.split("\n")[0], `${new Uint8Array(digest).toHex()}  ${names[0]}`);
    assert.deepEqual(sums.trimEnd().split("\n").map((line) => line.slice(66)), names);
    // Those of a former run are replaced.
    await writeSums(folder);
    assert.equal(await Deno.readTextFile(join(folder, "SHA256SUMS")), sums);
    await Deno.writeTextFile(join(folder, "pli-v0-old.zip"), "");
    await assert.rejects(writeSums(folder), /missing: none; not of this release: pli-v0-old\.zip$/);
    await Deno.remove(join(folder, "pli-v0-old.zip"));
    await Deno.remove(join(folder, names[3]));
    await assert.rejects(writeSums(folder), new RegExp(`missing: ${RegExp.escape(names[3])}; `));
  });
});

Deno.test("release: the workflow builds and tests each archive, and builds each package", async () => {
  const workflow = await Deno.readTextFile(join(ROOT, ".github/workflows/release.yml"));
  const [building, , testing, compiling] = ["one-file", "twice", "one-file-tests", "compiled"].map((job) => {
    return new RegExp(`\\n  ${job}:\\n((?: {4}.*\\n|\\n| {2}#.*\\n)+)`).exec(workflow)![1];
  });
  const named = (job: string) => [...job.matchAll(/\{ name: ([\w-]+),/g)].map(([, name]) => name).sort();
  const table = (isOneFile: boolean) =>
    ARCHIVES.filter(({ oneFile }) => (oneFile !== null) === isOneFile).map(({ name }) => name).sort();
  assert.deepEqual(/for name in (.+); do/.exec(building)![1].split(" ").sort(), table(true));
  assert.deepEqual(/for target in (.+); do/.exec(building)![1].split(" "), DEB_PLATFORMS);
  assert.deepEqual(named(testing), table(true));
  assert.deepEqual(named(compiling), table(false));
});

Deno.test("workflows: actions are pinned by commit, and their commands are of package.json", async () => {
  const { scripts } = JSON.parse(await Deno.readTextFile(join(ROOT, "package.json")));
  for (const name of ["ci.yml", "release.yml"]) {
    const text = await Deno.readTextFile(join(ROOT, ".github/workflows", name));
    for (const [line] of text.matchAll(/^.*\buses: .*$/gm)) {
      assert.match(line, /uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, name);
    }
    for (const [, command] of text.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)) {
      assert.ok(command in scripts, `${name}: ${command}`);
    }
  }
});
