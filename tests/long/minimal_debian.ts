// Debian in a folder, with Node.js 20, npm and git and nothing else: no Rust, no compiler, no Deno. It is installed once
// into the cache folder; what a test writes there is in a layer of the test's folder. It needs root and overlayfs.

import assert from "node:assert/strict";
import { cp, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { MARK } from "../../scripts/leftovers.ts";
import { CACHE } from "../../scripts/native_cargo.mjs";
import { exists, output, run } from "../../scripts/programs.ts";
import type { Bench, Running, StartOptions } from "../product/processes.ts";

/** In the name of an installation's folder: a change of `install` needs another one. */
const REVISION = 1;
const MIRROR = "http://deb.debian.org/debian";
/** Debian 12 has Node.js 18 and Debian 11 has 12, so it comes from npm's packages of it. */
const NODE = `node-linux-${Deno.build.arch === "x86_64" ? "x64" : "arm64"}@20.20.2`;
const NPM = "npm@10.8.2";
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** Parameters: the installation, and the folder of the layer. The mounts end with the process, at the end of its input. */
const MOUNT = `set -e
  root="$2/root"
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/own" "$root"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount --rbind /sys "$root/sys"
  echo mounted
  exec cat`;

export class MinimalDebian {
  private constructor(readonly bench: Bench, readonly root: string, readonly mounts: Running) {}

  /** Starts the release of a code name, which is installed if it is missing. It ends with the bench. */
  static async start(bench: Bench, release: string): Promise<MinimalDebian> {
    const installed = await installation(release);
    const layer = bench.path("system");
    for (const name of ["", "upper", "own", "root"]) await mkdir(join(layer, name));
    const mounts = bench.run("unshare", ["--mount", "sh", "-c", MOUNT, "sh", installed, layer], {
      takesInput: true,
    });
    const isMounted = await mounts.stdout.first((line) => line === "mounted" ? true : undefined);
    assert.ok(isMounted, mounts.output);
    return new MinimalDebian(bench, join(layer, "root"), mounts);
  }

  /** Runs a program of this computer, for which the system is the folder `root`. Throws if it fails. */
  async outside(...words: string[]): Promise<void> {
    const running = this.bench.run("nsenter", [...this.#entering(), ...words]);
    assert.equal(await running.ended(), 0, running.output);
  }

  /** The command that runs a command there in a folder, with an environment of its own; the command follows. */
  command(folder = "/root"): [string, ...string[]] {
    const mark = Deno.env.get(MARK);
    const env = [
      `PATH=${PATH}`,
      "HOME=/root",
      "LC_ALL=C.UTF-8",
      "NO_COLOR=1",
      `NODE_EXTRA_CA_CERTS=${CERTIFICATES}`,
      ...(mark === undefined ? [] : [`${MARK}=${mark}`]),
    ];
    return ["nsenter", ...this.#entering(), "chroot", this.root, "env", "-i", "-C", folder, ...env];
  }

  #entering(): string[] {
    return [`--target=${this.mounts.process.pid}`, "--mount"];
  }

  run(folder: string, words: readonly string[], options: StartOptions = {}): Running {
    const [program, ...before] = this.command(folder);
    return this.bench.run(program, [...before, ...words], options);
  }

  /** Runs a command to its end; resolves to its standard output. Throws if it fails. */
  async output(folder: string, ...words: string[]): Promise<string> {
    const running = this.run(folder, words);
    assert.equal(await running.ended(), 0, running.output);
    return running.stdout.all.join("\n");
  }
}

/** The folder of a release's installation, which is made if it is missing. */
async function installation(release: string): Promise<string> {
  const folder = join(CACHE, `minimal-${release}-${REVISION}`);
  if (await exists(folder)) return folder;
  const made = `${folder}.${Deno.pid}`;
  const packed = await Deno.makeTempDir({ prefix: "pli-node-" });
  try {
    const options = ["--variant=minbase", "--include=ca-certificates,git"];
    await run("debootstrap", [...options, release, made, MIRROR]);
    await unpack(NODE, packed, join(made, "usr/local"));
    await unpack(NPM, packed, join(made, "usr/local/lib/node_modules/npm"));
    for (const name of ["npm", "npx"]) {
      const link = join(made, "usr/local/bin", name);
      await Deno.symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, link);
      await Deno.chmod(link, 0o755);
    }
    // The name servers and the certificates of this computer.
    await cp("/etc/resolv.conf", join(made, "etc/resolv.conf"), { dereference: true });
    await cp(CERTIFICATES, join(made, CERTIFICATES), { dereference: true });
    await rename(made, folder);
  } finally {
    await rm(packed, { recursive: true });
    await rm(made, { recursive: true, force: true });
  }
  return folder;
}

/** Unpacks a package of npm into a folder. */
async function unpack(name: string, packed: string, folder: string): Promise<void> {
  const file = (await output("npm", ["pack", "--silent", "--pack-destination", packed, name])).trim();
  await mkdir(folder, { recursive: true });
  await run("tar", ["-xzf", join(packed, file), "-C", folder, "--strip-components=1", "--no-same-owner"]);
}
