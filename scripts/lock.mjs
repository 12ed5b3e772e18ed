// Completes package-lock.json after a change of the dependencies: adds the platform packages of the native
// dependencies that the registry in use does not carry, so that a lock file written on one system has the
// packages of the others too. Those entries have no integrity value until a registry that carries them is used.

import { readFileSync, writeFileSync } from "node:fs";

const path = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(path, "utf8"));
const packages = lock.packages;

for (const parent of ["node_modules/@number0/iroh", "node_modules/deno", "node_modules/esbuild"]) {
  for (const [name, version] of Object.entries(packages[parent].optionalDependencies)) {
    const [os, cpu, libc] = name.split("/").at(-1).replace(/^iroh-/, "").split("-");
    packages[`node_modules/${name}`] ??= {
      version,
      cpu: [cpu],
      ...(packages[parent].dev ? { dev: true } : {}),
      ...(os === "linux" && libc ? { libc: [libc.startsWith("musl") ? "musl" : "glibc"] } : {}),
      optional: true,
      os: [os],
    };
  }
}

const sorted = Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
writeFileSync(path, JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2) + "\n");
