// A Debian system to install packages in: this computer's system below a writable layer of memory, so that dpkg works on
// its real database and nothing of this computer changes. It needs root, and overlayfs.

import assert from "node:assert/strict";
import { NOT_ROOT, unlessSucceeds, without } from "../left_out.ts";
import type { Bench, Running, StartOptions } from "../product/processes.ts";
import { NO_TMPFS, Volume } from "../product/volume.ts";

/** A number that no user of a computer has. */
const USER = 4_000_124;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** What each of dpkg's calls gets: its defaults would be those of the tests' environment. */
const ENV = { PATH, DEBIAN_FRONTEND: "noninteractive" };

export class DebianSystem implements AsyncDisposable {
  readonly root: string;
  readonly #mounts: string[] = [];

  private constructor(readonly bench: Bench, readonly volume: Volume) {
    this.root = `${volume.path}/root`;
  }

  /** The folder of the bench is in the system under the same path. */
  static async make(bench: Bench): Promise<DebianSystem> {
    // The other user passes through it.
    await Deno.chmod(bench.folder, 0o755);
    const volume = await Volume.make(bench.path("system"), "size=1g,mode=755");
    const system = new DebianSystem(bench, volume);
    for (const name of ["upper", "work", "root"]) await Deno.mkdir(`${volume.path}/${name}`);
    const layers = `lowerdir=/,upperdir=${volume.path}/upper,workdir=${volume.path}/work`;
    await system.#mount(["-t", "overlay", "-o", layers, "overlay"], "");
    await system.#mount(["--bind", "/dev"], "/dev");
    await system.#mount(["--bind", "/proc"], "/proc");
    await Deno.mkdir(`${system.root}${bench.folder}`, { recursive: true });
    await system.#mount(["--bind", bench.folder], bench.folder);
    return system;
  }

  /** Runs a program as root. */
  run(program: string, ...args: string[]): Running {
    return this.bench.run("chroot", [this.root, program, ...args], { env: ENV, cwd: "/" });
  }

  /** Runs a program as root; resolves to its standard output. Throws if it fails. */
  async output(program: string, ...args: string[]): Promise<string> {
    const running = this.run(program, ...args);
    assert.equal(await running.ended(), 0, running.output);
    return running.stdout.all.join("\n");
  }

  /** A folder of the other user in the bench. */
  async home(name: string): Promise<string> {
    const folder = this.bench.path(name);
    await Deno.mkdir(folder);
    await Deno.chown(folder, USER, USER);
    return folder;
  }

  /** Options for starting the installed pli as another user, with a home made by `home`. */
  asUser(home: string): StartOptions & { home: string } {
    const who = [`--userspec=${USER}:${USER}`, "--groups="];
    return {
      command: ["chroot", ...who, this.root, "/usr/bin/pli"],
      env: { PATH, HOME: home, XDG_CACHE_HOME: "", TMPDIR: home },
      cwd: "/",
      home: `${home}/data`,
    };
  }

  /** Whether a path exists in the system. */
  has(path: string): boolean {
    try {
      Deno.lstatSync(`${this.root}${path}`);
      return true;
    } catch {
      return false;
    }
  }

  async #mount(args: string[], place: string): Promise<void> {
    const path = `${this.root}${place}`;
    const { success, stderr } = await new Deno.Command("mount", { args: [...args, path] }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    this.#mounts.unshift(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const path of this.#mounts) {
      await new Deno.Command("umount", { args: ["-l", path], stderr: "null" }).output();
    }
    await this.volume[Symbol.asyncDispose]();
  }
}

/** The reason for ignoring tests that install packages; null where they can be. */
export const NO_DEBIAN = NOT_ROOT ?? without("dpkg", "chroot", "unshare") ?? NO_TMPFS ??
  await unlessSucceeds(
    "no overlay can be mounted",
    "unshare",
    "--mount",
    "sh",
    "-c",
    "mount -t tmpfs tmpfs /mnt && mkdir /mnt/upper /mnt/work /mnt/root && " +
      "mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root",
  );
