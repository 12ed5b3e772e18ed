// Completes package-lock.json after a change of the dependencies: adds the platform packages of the native
// dependencies that npm leaves out on this system, with their integrity values, so that a lock file written on one
// system pins the packages of the others too. An entry whose package the registry does not have gets no integrity
// value. Needs npm and the registry.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";

const path = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(path, "utf8"));
const packages = lock.packages;

for (const parent of ["node_modules/@number0/iroh", "node_modules/deno", "node_modules/esbuild"]) {
  for (const [name, version] of Object.entries(packages[parent].optionalDependencies)) {
    const [os, cpu, libc] = name.split("/").at(-1).replace(/^iroh-/, "").split("-");
    const entry = packages[`node_modules/${name}`] ?? {
      version,
      cpu: [cpu],
      ...(packages[parent].dev ? { dev: true } : {}),
      ...(os === "linux" && libc ? { libc: [libc.startsWith("musl") ? "musl" : "glibc"] } : {}),
      optional: true,
      os: [os],
    };
    const integrity = entry.integrity ?? integrityOf(`${name}@${version}`);
    packages[`node_modules/${name}`] = integrity === null ? entry : { version, integrity, ...entry };
  }
}

const sorted = Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
writeFileSync(path, JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2) + "\n");

/** The integrity value of a published package; null if the registry does not have it. */
function integrityOf(name) {
  try {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    const options = { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };
    return execFileSync(npm, ["view", name, "dist.integrity"], options).trim() || null;
  } catch {
    return null;
  }
}
