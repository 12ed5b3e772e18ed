// The Deno of each platform, in the version that package.json pins: npm's package of it, checked by the integrity value
// of package-lock.json, and kept in the cache folder.

import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CACHE } from "./native_cargo.mjs";
import { exists, output } from "./programs.ts";
import { denoProgram } from "./run_deno.mjs";

const LOCK = fileURLToPath(new URL("../package-lock.json", import.meta.url));

/** The packages, by napi-rs' names of the platforms. */
const PACKAGES: Readonly<Record<string, string>> = {
  "linux-x64-gnu": "@deno/linux-x64-glibc",
  "linux-arm64-gnu": "@deno/linux-arm64-glibc",
  "win32-x64": "@deno/win32-x64",
};

/** The path of the Deno of a platform; without one, of the running one. Throws if npm cannot fetch it. */
export async function runtimeOf(platform?: string): Promise<string> {
  if (platform === undefined) return denoProgram();
  const name = PACKAGES[platform];
  const { version, integrity } = JSON.parse(await readFile(LOCK, "utf8")).packages[`node_modules/${name}`];
  const folder = join(CACHE, `deno-${version}-${platform}`);
  const program = join(folder, "package", platform.startsWith("win32") ? "deno.exe" : "deno");
  if (await exists(program)) return program;
  const made = `${folder}.${Deno.pid}`;
  await mkdir(made, { recursive: true });
  try {
    const file = (await output("npm", ["pack", "--silent", "--pack-destination", made, `${name}@${version}`]))
      .trim();
    const tarball = join(made, file);
    const digest = createHash("sha512").update(await readFile(tarball)).digest("base64");
    if (integrity !== `sha512-${digest}`) {
      throw new Error(`${name}@${version} is not the package of the lock file`);
    }
    await output("tar", ["-xzf", tarball, "-C", made]);
    await rm(tarball);
    await rm(folder, { recursive: true, force: true });
    await rename(made, folder);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return program;
}
