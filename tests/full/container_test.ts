// The image of Containerfile, built by buildah without a network on a base of this computer's own programs, and the
// program in it: as a user without rights it sends a file from a mounted folder, and keeps its data in the volume.
// Debian's image, on which users build it, is on a registry that the tests do not reach.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { oneFile } from "../../scripts/one_file.ts";
import { addonUrl } from "../../src/engine/native/choice.ts";
import { needing, NO_ADDON, NOT_LINUX, NOT_ROOT, without } from "../left_out.ts";
import { Bench } from "../product/processes.ts";
import { noise } from "../product/trees.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NOT_BUILT = NOT_LINUX ?? NOT_ROOT ?? NO_ADDON ?? without("cargo", "buildah", "ldd");
/** The user of the image. */
const USER = 10_001;
const LOCAL = ["--relay", "disabled"];
/** Works without a container engine's other parts, and without namespaces. */
const ISOLATION = ["--isolation", "chroot"];

async function output(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  const text = new TextDecoder();
  assert.ok(success, `${program} ${args[0]}: ${text.decode(stdout)}${text.decode(stderr)}`);
  return text.decode(stdout).trim();
}

/** Makes a folder with what Containerfile's commands and pli need of Debian. */
async function makeBase(folder: string): Promise<void> {
  const commands = ["/bin/sh", "/usr/bin/install"];
  const machineCode = [...commands, Deno.execPath(), fileURLToPath(addonUrl()!)];
  const lists = await Promise.all(machineCode.map((path) => output("ldd", path)));
  const libraries = lists.flatMap((list) => list.match(/\/\S+/g) ?? []).filter((path) => /\.so\b/.test(path));
  for (const path of new Set([...commands, ...libraries])) {
    await Deno.mkdir(`${folder}${path.replace(/\/[^/]+$/, "")}`, { recursive: true });
    await Deno.copyFile(path, `${folder}${path}`);
  }
  for (const name of ["tmp", "etc"]) await Deno.mkdir(`${folder}/${name}`);
  await Deno.chmod(`${folder}/tmp`, 0o1777);
}

/** buildah with a store of its own. */
class Store {
  readonly #options: string[];

  constructor(bench: Bench) {
    this.#options = [
      "--storage-driver",
      "vfs",
      "--root",
      bench.path("store"),
      "--runroot",
      bench.path("run"),
    ];
  }

  command(...args: string[]): [string, ...string[]] {
    return ["buildah", ...this.#options, ...args];
  }

  async run(...args: string[]): Promise<string> {
    const [program, ...all] = this.command(...args);
    return await output(program, ...all);
  }
}

Deno.test(
  needing("F.13 container: the image is built and its pli sends as a user without rights", NOT_BUILT),
  async () => {
    await using bench = await Bench.make();
    const store = new Store(bench);
    await makeBase(bench.path("base"));
    const scratch = await store.run("from", "scratch");
    await store.run("add", "--quiet", scratch, `${bench.path("base")}/`, "/");
    await store.run("commit", "--quiet", scratch, "localhost/base");

    // The context is a checkout with the built program; .dockerignore leaves out everything else.
    await Deno.mkdir(bench.path("context"));
    for (const name of ["Containerfile", ".dockerignore"]) {
      await Deno.copyFile(`${ROOT}/${name}`, bench.path("context", name));
    }
    await oneFile(bench.path("context", "dist", "pli"), { isFast: true });
    const build = ["--pull-never", "--build-arg", "BASE=localhost/base", "--tag", "pli"];
    await store.run("build-using-dockerfile", ...ISOLATION, ...build, bench.path("context"));

    const image = JSON.parse(await store.run("inspect", "--type", "image", "pli")).OCIv1.config;
    assert.equal(image.User, `${USER}:${USER}`);
    assert.deepEqual(image.Entrypoint, ["pli"]);
    assert.deepEqual(Object.keys(image.Volumes), ["/data"]);

    const content = noise(2_000_000, 9);
    await Deno.mkdir(bench.path("share"));
    await Deno.chmod(bench.folder, 0o755);
    await Deno.writeFile(bench.path("share", "letter"), content);
    const container = await store.run("from", "--pull-never", "pli");
    await Deno.mkdir(bench.path("data"));
    await Deno.chown(bench.path("data"), USER, USER);
    const volumes = [`${bench.path("share")}:/share:ro`, `${bench.path("data")}:/data`];
    const mounts = volumes.flatMap((volume) => ["--volume", volume]);
    const command = store.command("run", ...ISOLATION, ...mounts, container, "--", "pli");
    const sender = bench.pli(["send", ...LOCAL, "/share/letter"], { command });
    const receive = ["receive", ...LOCAL, "-o", `${bench.path("received")}/`, await sender.ticket()];
    const receiver = bench.pli(receive);
    assert.equal(await receiver.ended(), 0, receiver.output);
    assert.equal(await sender.ended(), 0, sender.output);
    assert.deepEqual(await Deno.readFile(bench.path("received", "letter")), content);
    const kept = [...Deno.readDirSync(bench.path("data"))].map(({ name }) => bench.path("data", name));
    assert.ok(kept.length > 0);
    for (const path of kept) assert.equal(Deno.statSync(path).uid, USER, path);
  },
);
