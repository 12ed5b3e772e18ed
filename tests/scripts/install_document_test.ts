// The commands of docs/install.md are run as they are written: the download and the script over a local file server, the
// removal over what a real pli has left. Not run: those of Windows and of container engines, and those that need
// another test's build.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { needing, NOT_LINUX, NOT_UNIX, without } from "../left_out.ts";
import { Bench, type Running } from "../product/processes.ts";
import { pliCommand } from "../product/program.ts";
import { noise } from "../product/trees.ts";
import { NO_TAR, ReleaseServer } from "./release_server.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DOCUMENT = await Deno.readTextFile(`${ROOT}/docs/install.md`);
const ABOUT = JSON.parse(await Deno.readTextFile(`${ROOT}/package.json`));
const PLI = `#!/bin/sh\necho "pli ${ABOUT.version}"\n`;
const LOCAL = ["--relay", "disabled"];

/** The blocks for a shell that have a text. */
function blocks(text: string): string[] {
  const all = [...DOCUMENT.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block]) => block);
  const found = all.filter((block) => block.includes(text));
  assert.ok(found.length > 0, `${text} is in no block of docs/install.md`);
  return found;
}

/** Runs a block as a script that ends at the first failure. */
async function runBlock(
  bench: Bench,
  block: string,
  env: Record<string, string>,
  cwd = bench.folder,
): Promise<Running> {
  const running = bench.run("bash", ["-euo", "pipefail", "-c", block], { env, cwd });
  assert.equal(await running.ended(), 0, `${block}${running.output}`);
  return running;
}

/** A folder with a command pli: the one under test. */
async function commandFolder(bench: Bench): Promise<string> {
  await Deno.mkdir(bench.path("bin"));
  const words = pliCommand.map((word) => `'${word}'`).join(" ");
  await Deno.writeTextFile(bench.path("bin", "pli"), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  return bench.path("bin");
}

Deno.test(
  needing("F.13 docs/install.md: the download", NOT_LINUX, NO_TAR, without("bash", "curl", "sha256sum")),
  async () => {
    await using bench = await Bench.make();
    await using server = await ReleaseServer.start();
    await server.publish(ABOUT.version, { program: PLI });
    const env = { HOME: bench.folder, PLI_RELEASES: server.address };
    const [block] = blocks("curl -fLO");
    const running = await runBlock(bench, block, env);
    const archive = `pli-v${ABOUT.version}-linux-x64.tar.gz`;
    assert.deepEqual(running.stdout.all, [`${archive}: OK`, `pli ${ABOUT.version}`]);
    assert.equal(await Deno.readTextFile(bench.path(".local/bin/pli")), PLI);
    server.files.set(`/releases/download/v${ABOUT.version}/${archive}`, "damaged");
    const damaged = bench.run("bash", ["-euo", "pipefail", "-c", block], { env });
    assert.notEqual(await damaged.ended(), 0);
    assert.match(damaged.output, /: FAILED/);
  },
);

Deno.test(
  needing("F.13 docs/install.md: the script", NOT_LINUX, NO_TAR, without("bash", "curl", "getconf")),
  async () => {
    await using bench = await Bench.make();
    await using server = await ReleaseServer.start();
    const system = `linux-${process.arch}`;
    await server.publish(ABOUT.version, { program: PLI, system });
    const [newest, named, ...more] = blocks("sh scripts/install.sh");
    assert.deepEqual(more, []);
    const env = { HOME: bench.folder, PLI_RELEASES: server.address };
    await runBlock(bench, newest, env, ROOT);
    await runBlock(bench, named, env, ROOT);
    for (const place of [".local/bin/pli", "bin/pli"]) {
      assert.equal(
        await Deno.readTextFile(bench.path(place)),
        PLI,
      );
    }
  },
);

Deno.test(needing("F.13 docs/install.md: the completions of bash", NOT_UNIX, without("bash")), async () => {
  await using bench = await Bench.make();
  const [line] = blocks("--completions bash")[0].split("\n");
  const env = { PATH: `${await commandFolder(bench)}:${Deno.env.get("PATH")}` };
  const running = await runBlock(bench, `${line}\ncomplete -p pli`, env);
  assert.match(running.stdout.all[0], /-F _pli pli$/);
});

Deno.test(
  needing("F.13 docs/install.md: the removal leaves nothing", NOT_LINUX, without("bash")),
  async () => {
    await using bench = await Bench.make();
    const home = bench.path("home");
    const data = `${home}/.local/share/pli`;
    const places = [`${home}/.local/bin`, `${home}/.local/share`, `${home}/.cache/pli/program/0.1.0-0`];
    for (const folder of places) await Deno.mkdir(folder, { recursive: true });
    await Deno.mkdir(`${home}/.cache/pli/runtime_cache`);
    await Deno.writeTextFile(`${home}/.local/bin/pli`, "the program");
    await Deno.writeTextFile(`${home}/.cache/pli/program/0.1.0-0/pli`, "the runtime");

    await Deno.writeFile(bench.path("letter"), noise(4_000_000, 3));
    const sender = bench.pli(["send", ...LOCAL, "--limit", "500k", bench.path("letter")]);
    const receive = ["receive", ...LOCAL, "-o", `${home}/received/`, await sender.ticket()];
    const receiver = bench.pli(receive, { home: data });
    await receiver.event("progress");
    await receiver.stop("SIGKILL");
    await sender.stop();
    const filesBelow = (folder: string): string[] =>
      [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
        isDirectory ? filesBelow(`${folder}/${name}`) : [`${folder}/${name}`]
      );
    assert.ok(filesBelow(`${home}/received`).length > 0);

    const [block] = blocks("pli resume --discard");
    // The runtime that runs the sources has a cache of its own, which no installed pli has.
    const runtime = { DENO_DIR: bench.path("runtime") };
    const env = {
      ...runtime,
      HOME: home,
      PLI_HOME: "",
      PATH: `${await commandFolder(bench)}:${Deno.env.get("PATH")}`,
    };
    await runBlock(bench, "pli integrate", env);
    assert.ok(filesBelow(`${home}/.local/share`).some((path) => path.endsWith(".desktop")));
    await runBlock(bench, block.replaceAll("/tmp/", `${bench.folder}/`), env);
    assert.deepEqual(filesBelow(home), []);
  },
);

Deno.test("F.13 docs/install.md: scripts, names and versions are those of package.json", () => {
  for (const [, name] of DOCUMENT.matchAll(/npm run ([\w:-]+)/g)) assert.ok(name in ABOUT.scripts, name);
  const versions = [...DOCUMENT.matchAll(/(?:version[= "]+|_)(\d+\.\d+\.\d+)/g)].map(([, version]) =>
    version
  );
  assert.ok(versions.length >= 5);
  assert.deepEqual(new Set(versions), new Set([ABOUT.version]));
});
