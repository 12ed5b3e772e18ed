// The prebuilt addons of native/prebuilt: npm tarballs, one for each platform, and their index. Set-up installs the one
// that fits this computer beside them, where src/engine/native/choice.ts finds it. It fails no set-up: an addon that
// is damaged or cannot be loaded is left out with a sentence. Runs under Node.js and under Deno.

import { spawnSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { nativeDigest, sourcesLevel } from "./native_digest.mjs";
import { filesOf } from "./tarball.mjs";

export const NATIVE = join(dirname(fileURLToPath(import.meta.url)), "..", "native");

/** The oldest glibc of the addons for Linux. */
export const GLIBC_FLOOR = "2.28";

/** Maximum time of the trial of an addon. */
const LOADING_MS = 20_000;

/** Maximum age of the files of an installation under way. */
const INSTALLING_MS = 60_000;

/** The platforms by napi-rs' names, with the fields of package.json that a package manager selects by. */
export const PLATFORMS = {
  "linux-x64-gnu": { os: ["linux"], cpu: ["x64"], libc: ["glibc"] },
  "linux-arm64-gnu": { os: ["linux"], cpu: ["arm64"], libc: ["glibc"] },
  "win32-x64": { os: ["win32"], cpu: ["x64"] },
};

/** The name of a platform's addon in its tarball. */
export const addonName = (platform) => `pli_native.${platform}.node`;

/** @typedef {{ platform: string, file: string, sha256: string, patchLevel: number, sourcesDigest: string }} Prebuilt */

/** The entries of the index; none if there is no index. Throws as `addonOf`. @returns {Prebuilt[]} */
export function prebuiltAddons(native = NATIVE) {
  const path = join(native, "prebuilt", "index.json");
  if (!existsSync(path)) return [];
  const addons = JSON.parse(readFileSync(path, "utf8"))?.addons;
  if (!Array.isArray(addons) || !addons.every(isEntry)) {
    throw new Error("native/prebuilt/index.json is invalid");
  }
  return addons;
}

function isEntry(entry) {
  const texts = ["platform", "file", "sha256", "sourcesDigest"];
  return Number.isInteger(entry?.patchLevel) && texts.every((field) => typeof entry[field] === "string");
}

/** The addon of a tarball. Throws an Error, whose message ends a sentence, if it is not the one of the index. */
export function addonOf(entry, native = NATIVE) {
  return fileOf(entry, addonName(entry.platform), native);
}

/**
 * Name and version of a tarball's package. Throws as `addonOf`.
 *
 * @returns {{ name: string, version: string }}
 */
export function manifestOf(entry, native = NATIVE) {
  return JSON.parse(fileOf(entry, "package.json", native).toString());
}

function fileOf({ file, sha256 }, name, native) {
  if (!/^[\w.-]+\.tgz$/.test(file)) throw new Error("its name is invalid");
  const tarball = readFileSync(join(native, "prebuilt", file));
  if (sha256Of(tarball) !== sha256) throw new Error("its SHA-256 is not that of native/prebuilt/index.json");
  const content = filesOf(tarball).get(name);
  if (content === undefined) throw new Error(`there is no ${name} in it`);
  return content;
}

export function sha256Of(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * This computer, by the names of Node.js. glibc is null where there is another C library.
 *
 * @returns {{ os: string, cpu: string, glibc: string | null }}
 */
export function thisComputer() {
  const { platform: os, arch: cpu } = process;
  return { os, cpu, glibc: os === "linux" ? glibcVersion() : null };
}

/** Whether addons of a platform can be loaded on a computer. */
export function isFitting(platform, { os, cpu, glibc }) {
  const needed = PLATFORMS[platform];
  if (needed === undefined || !needed.os.includes(os) || !needed.cpu.includes(cpu)) return false;
  return needed.libc === undefined || (glibc !== null && isAtLeast(glibc, GLIBC_FLOOR));
}

/**
 * Installs the prebuilt addon that fits the computer and the patch level of the sources; removes one that does not.
 * Does nothing if it is installed already. Returns a sentence about an addon that fits and cannot be used, else null.
 *
 * @returns {string | null}
 */
export function installPrebuilt(native = NATIVE, computer = thisComputer, isLoadable = loads) {
  const folder = join(native, "prebuilt", "installed");
  try {
    const addons = prebuiltAddons(native);
    const chosen = addons.length > 0 ? fittingAddon(addons, sourcesLevel(native), computer()) : undefined;
    if (chosen === undefined) {
      rmSync(folder, { recursive: true, force: true });
      return null;
    }
    const { sha256, patchLevel, sourcesDigest } = chosen;
    const addon = join(folder, `pli_native-${patchLevel}.node`);
    const record = join(folder, "record");
    if (!isRecorded(addon, record, sha256)) {
      try {
        const content = addonOf(chosen, native);
        mkdirSync(folder, { recursive: true });
        writeWhole(addon, content, (path) => {
          if (!isLoadable(path, patchLevel)) throw new Error("it cannot be loaded on this system");
        });
        writeWhole(record, recordOf(sha256, content.length));
        removeLeftovers(folder, [addon, record]);
      } catch (error) {
        rmSync(folder, { recursive: true, force: true });
        throw error;
      }
    }
    mark(join(folder, "earlier_sources"), sourcesDigest !== nativeDigest(native));
    return null;
  } catch (error) {
    return `The prebuilt native addon is not used: ${error.message}. \`npm run native\` builds one.`;
  }
}

function fittingAddon(addons, level, computer) {
  return addons.find(({ patchLevel, platform }) => patchLevel === level && isFitting(platform, computer));
}

/** What is recorded of an installed addon. The size is compared at each start, which the SHA-256 would delay. */
const recordOf = (sha256, sizeBytes) => `${sha256} ${sizeBytes}`;

/** Whether the addon of a tarball is installed, and not cut short since. */
function isRecorded(addon, record, sha256) {
  if (!existsSync(addon) || !existsSync(record)) return false;
  return readFileSync(record, "utf8") === recordOf(sha256, statSync(addon).size);
}

/**
 * Removes addons of other levels, and what killed processes left. Younger files are spared: another process may be
 * installing at the same time.
 */
function removeLeftovers(folder, kept) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const file = statSync(path, { throwIfNoEntry: false });
    if (kept.includes(path) || file === undefined || Date.now() - file.mtimeMs < INSTALLING_MS) continue;
    rmSync(path, { force: true });
  }
}

/** Makes a file exist or not, which choice.ts looks for. */
function mark(path, isMarked) {
  if (isMarked === existsSync(path)) return;
  if (isMarked) writeFileSync(path, "");
  else rmSync(path, { force: true });
}

/** Writes a file under its name only when it is complete, on the disk, and checked. */
function writeWhole(path, content, check = () => {}) {
  // With the ending of the name, by which an addon is loaded.
  const beside = join(dirname(path), `${randomUUID()}-${basename(path)}`);
  try {
    writeFileSync(beside, content, { flush: true });
    check(beside);
    renameSync(beside, path);
  } finally {
    rmSync(beside, { force: true });
  }
}

/** Whether an addon can be loaded and has a level: tried in a process of its own, which an addon may end. */
function loads(path, level) {
  const code = `import { createRequire } from "node:module";
    import process from "node:process";
    const addon = createRequire(${JSON.stringify(NATIVE + "/")})(${JSON.stringify(path)});
    process.exit(addon.patchLevel() === ${level} ? 0 : 1);`;
  const start = "Deno" in globalThis ? ["eval", code] : ["--input-type=module", "--eval", code];
  const env = { ...process.env, DENO_NO_UPDATE_CHECK: "1" };
  return spawnSync(process.execPath, start, { stdio: "ignore", env, timeout: LOADING_MS }).status === 0;
}

function glibcVersion() {
  const { stdout } = spawnSync("getconf", ["GNU_LIBC_VERSION"], {
    stdio: ["ignore", "pipe", "ignore"],
    encoding: "utf8",
  });
  const [, version] = /^glibc (\d+\.\d+)/.exec(stdout ?? "") ?? [];
  // A system without getconf; only Node.js reports it.
  return version ?? process.report?.getReport?.().header?.glibcVersionRuntime ?? null;
}

/** Compares versions of two numbers. */
export function isAtLeast(version, floor) {
  const [[major, minor], [leastMajor, leastMinor]] = [version, floor].map((text) =>
    text.split(".").map(Number)
  );
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
