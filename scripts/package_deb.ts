// Builds the program as a package for Debian and the systems that descend from it, dist/pli_VERSION_ARCHITECTURE.deb:
// `npm run package:deb [FOLDER] [--target PLATFORM] [--fast]`. The package has Deno, the bundle and the addon as files of
// the system, so that no user unpacks them, and a starter with the permissions of the released programs. --target
// linux-arm64-gnu or linux-x64-gnu takes the prebuilt addon, as one-file does; --fast compresses less, for tests. The
// bytes depend on the contents and on SOURCE_DATE_EPOCH, by default the time of the commit. It needs dpkg-deb, readelf,
// and what `npm run licences` needs.

import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { runCommand } from "./command.ts";
import { componentsOf } from "./components.ts";
import { glibcOf, newerGlibc, TRIPLES } from "./cross_build.ts";
import { written } from "./licences.ts";
import { addonFor } from "./one_file.ts";
import { GLIBC_FLOOR } from "./prebuilt.mjs";
import { buildBundle, output, run } from "./programs.ts";
import { ALONE, PERMISSIONS, WITHOUT_PACKAGES } from "./run_options.ts";
import { runtimeOf } from "./runtime.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Debian's names of the architectures. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  "linux-x64-gnu": "amd64",
  "linux-arm64-gnu": "arm64",
};
/** What the package can be built for, by napi-rs' names. */
export const DEB_PLATFORMS: readonly string[] = Object.keys(ARCHITECTURES);
/** The files of the program, in the installed system. */
const PROGRAM = "usr/lib/pli";
const DOCUMENTS = "usr/share/doc/pli";
/** Where each shell looks for completions. */
const COMPLETIONS = {
  bash: "usr/share/bash-completion/completions/pli",
  zsh: "usr/share/zsh/vendor-completions/_pli",
  fish: "usr/share/fish/vendor_completions.d/pli.fish",
};
/** The number that Debian adds to the version for its package. */
const REVISION = 1;

export interface DebOptions {
  /** By napi-rs' name; this system if it is missing. */
  platform?: string;
  /** Compresses less. */
  isFast?: boolean;
  /** The time of the package in seconds; the commit's if it is missing. */
  epochSeconds?: number;
}

/** Builds into a folder; resolves to the path of the package. Throws an Error that says what is missing. */
export async function packageDeb(folder: string, options: DebOptions = {}): Promise<string> {
  const { platform, isFast } = options;
  const architecture = ARCHITECTURES[platform ?? `linux-${process.arch}-gnu`];
  if (architecture === undefined || Deno.build.os !== "linux") {
    throw new Error(`Debian's package is built on Linux, for ${DEB_PLATFORMS.join(" or ")}`);
  }
  const about = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  const version = debVersion(about.version);
  const epochSeconds = options.epochSeconds ?? await timeOfCommit();
  const made = await mkdtemp(join(tmpdir(), "pli-deb-"));
  try {
    const tree = new Tree(join(made, "tree"));
    const libc = await writeProgram(tree, platform);
    await writeDocuments(tree, { version, epochSeconds, platform });
    await writeShellFiles(tree);
    await tree.write(
      "DEBIAN/control",
      control({ about, version, architecture, libc, kib: await tree.kib() }),
    );
    await tree.write("DEBIAN/md5sums", await tree.md5sums());
    const path = join(folder, debName(about.version, architecture));
    await mkdir(folder, { recursive: true });
    const compression = isFast ? ["-Zgzip", "-z1"] : ["-Zxz"];
    await run("dpkg-deb", [...compression, "--root-owner-group", "--build", tree.root, path], {
      SOURCE_DATE_EPOCH: String(epochSeconds),
    });
    return path;
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

/** The names of the packages of all platforms. */
export function debNames(version: string): string[] {
  return Object.values(ARCHITECTURES).map((architecture) => debName(version, architecture));
}

function debName(version: string, architecture: string): string {
  return `pli_${debVersion(version)}_${architecture}.deb`;
}

/** A hyphen would begin the revision, and a tilde sorts before everything: 1.0.0~rc.1 is older than 1.0.0. */
function debVersion(version: string): string {
  return `${version.replaceAll("-", "~")}-${REVISION}`;
}

/** Files with the modes of a package, whatever the umask is. */
class Tree {
  constructor(readonly root: string) {}

  async write(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
    const place = await this.place(path);
    await writeFile(place, content);
    await chmod(place, mode);
  }

  /** Where to put a file: its folder exists then. */
  async place(path: string): Promise<string> {
    const folders = dirname(path).split("/");
    await mkdir(join(this.root, dirname(path)), { recursive: true });
    for (let depth = 0; depth <= folders.length; depth++) {
      await chmod(join(this.root, ...folders.slice(0, depth)), 0o755);
    }
    return join(this.root, path);
  }

  /** The size of the files in KiB. */
  async kib(): Promise<number> {
    const sizes = await Promise.all((await this.#files()).map(async (path) => (await Deno.stat(path)).size));
    return sizes.reduce((sum, size) => sum + Math.ceil(size / 1024), 0);
  }

  async md5sums(): Promise<string> {
    const lines = (await this.#files()).map(async (path) => {
      const sum = createHash("md5").update(await readFile(path)).digest("hex");
      return `${sum}  ${relative(this.root, path)}\n`;
    });
    return (await Promise.all(lines)).join("");
  }

  async #files(): Promise<string[]> {
    const entries = await readdir(join(this.root, "usr"), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
      .sort();
  }
}

/** Writes Deno, the bundle, the addon and the starter. Resolves to the oldest glibc on which they run. */
async function writeProgram(tree: Tree, platform: string | undefined): Promise<string> {
  // Under this name the system shows the process.
  const deno = await tree.place(`${PROGRAM}/pli`);
  await copyFile(await runtimeOf(platform), deno);
  await chmod(deno, 0o755);
  const bundle = await tree.place(`${PROGRAM}/pli.js`);
  await buildBundle(bundle);
  await chmod(bundle, 0o644);
  const addon = `${PROGRAM}/pli_native.node`;
  await tree.write(addon, await addonFor(platform));
  await tree.write("usr/bin/pli", starter(), 0o755);
  return [await glibcOf(deno), await glibcOf(join(tree.root, addon)), GLIBC_FLOOR].reduce(newerGlibc);
}

function starter(): string {
  const options = ["run", ...ALONE, ...WITHOUT_PACKAGES, ...PERMISSIONS, `/${PROGRAM}/pli.js`];
  return `#!/bin/sh
# Starts pli by its own Deno, which keeps compiled code in the user's cache folder and looks for no newer version.
# Set for other programs of the same runtime, they would change pli's permissions or code.
unset NODE_OPTIONS NODE_V8_COVERAGE NODE_CHANNEL_FD
for name in $(env | sed -n 's/^\\(\\(DENO\\|OTEL\\)_[A-Za-z0-9_]*\\)=.*/\\1/p'); do
  unset "$name"
done
DENO_DIR="\${XDG_CACHE_HOME:-\${HOME:-/nonexistent}/.cache}/pli/runtime_cache"
DENO_NO_UPDATE_CHECK=1
# For links and menus that start it again.
PLI_PROGRAM_PATH=/usr/bin/pli
export DENO_DIR DENO_NO_UPDATE_CHECK PLI_PROGRAM_PATH
# Deno would read npm's settings in the user's folder, and end where it cannot. pli restores the variable, which must be
# UTF-8 for that.
case \${HOME-} in
'' | *[![:graph:]]*) ;;
*) export PLI_USER_HOME="$HOME" HOME=/${PROGRAM} ;;
esac
exec /${PROGRAM}/pli ${options.map((option) => `'${option}'`).join(" ")} "$@"
`;
}

interface Release {
  version: string;
  epochSeconds: number;
  platform: string | undefined;
}

async function writeDocuments(tree: Tree, { version, epochSeconds, platform }: Release): Promise<void> {
  const triple = platform === undefined ? undefined : TRIPLES[platform];
  const licences = written(await componentsOf({ target: triple, hasLauncher: false }))
    .replace(": see LICENSE.", ", at the end.");
  const licence = await readFile(join(ROOT, "LICENSE"), "utf8");
  await tree.write(`${DOCUMENTS}/copyright`, copyright(licence, licences));
  await tree.write(`${DOCUMENTS}/changelog.gz`, gzipped(await readFile(join(ROOT, "CHANGELOG.md"))));
  const time = new Date(epochSeconds * 1000).toUTCString().replace("GMT", "+0000");
  const changes = `pli (${version}) unstable; urgency=medium

  * The changes of pli are in changelog.gz.

 -- ${maintainer()}  ${time}
`;
  await tree.write(`${DOCUMENTS}/changelog.Debian.gz`, gzipped(changes));
  await tree.write(
    "usr/share/lintian/overrides/pli",
    await readFile(join(ROOT, "scripts/lintian_overrides.txt")),
  );
}

function copyright(licence: string, licences: string): string {
  return `This package has pli with its native addon, and Deno, which runs it. Copyright: pli's authors, and the authors
of the components that are listed below.

${licences}
${"=".repeat(80)}
pli

${licence}`;
}

/** What the program itself prints: completions and the manual page. */
async function writeShellFiles(tree: Tree): Promise<void> {
  const printed = async (...args: string[]) =>
    await output(Deno.execPath(), [
      "run",
      ...ALONE,
      ...WITHOUT_PACKAGES,
      ...PERMISSIONS,
      join(tree.root, PROGRAM, "pli.js"),
      ...args,
    ]);
  for (const [shell, path] of Object.entries(COMPLETIONS)) {
    await tree.write(path, await printed("--completions", shell));
  }
  await tree.write("usr/share/man/man1/pli.1.gz", gzipped(await printed("--man")));
}

interface Control {
  about: { description: string };
  version: string;
  architecture: string;
  /** The oldest glibc on which it runs. */
  libc: string;
  kib: number;
}

function control({ about, version, architecture, libc, kib }: Control): string {
  return `Package: pli
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer()}
Installed-Size: ${kib}
Depends: libc6 (>= ${libc}), libgcc-s1 | libgcc1
Suggests: xdg-utils, wl-clipboard | xclip | xsel
Section: net
Priority: optional
Description: ${about.description.replace(/^Send/, "send")}
 pli sends files and folders directly between two computers, end-to-end
 encrypted and verified, through NATs or over an encrypted relay. It needs no
 account and stores nothing at a third party. It is compatible with sendme and
 AltSendMe, and has a command line and a page in the browser.
`;
}

/** As Debian's tools take it from the environment. The project has no address of its own. */
function maintainer(): string {
  return `${Deno.env.get("DEBFULLNAME") ?? "pli's authors"} <${
    Deno.env.get("DEBEMAIL") ?? "pli@pli.invalid"
  }>`;
}

function gzipped(content: string | Uint8Array): Uint8Array {
  return gzipSync(content, { level: 9 });
}

async function timeOfCommit(): Promise<number> {
  const given = Deno.env.get("SOURCE_DATE_EPOCH");
  if (given !== undefined) return Number(given);
  return Number(await output("git", ["-C", ROOT, "log", "-1", "--format=%ct"]));
}

if (import.meta.main) {
  const usage = `npm run package:deb -- [FOLDER] [--target ${DEB_PLATFORMS.join("|")}] [--fast]`;
  const options = { target: { type: "string" }, fast: { type: "boolean" } } as const;
  await runCommand(
    { usage, options, operands: [0, 1] },
    async ({ values: { target, fast }, positionals }) => {
      const [folder = join(ROOT, "dist")] = positionals;
      const platform = target as string | undefined;
      return `${await packageDeb(resolve(folder), { platform, isFast: fast === true })}\n`;
    },
  );
}
