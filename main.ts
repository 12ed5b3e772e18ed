// Starts pli: builds what the engine needs from this computer, when a command asks for it, and hands the
// command line to the CLI.

import about from "./package.json" with { type: "json" };
import { run } from "./src/cli/run.ts";
import { systemTerminal } from "./src/cli/terminal.ts";
import { NATIVE_IROH_VERSION, usesNative } from "./src/engine/native/choice.ts";
import type { Engine, HashCache } from "./src/engine/mod.ts";

async function buildEngine(hashes?: HashCache): Promise<Engine> {
  const [{ Engine }, { bindIroh }, { bestHasher }, { denoDisk }, { systemClock }] = await Promise.all([
    import("./src/engine/mod.ts"),
    import("./src/engine/net/iroh_endpoint.ts"),
    import("./src/engine/blake3/best_hasher.ts"),
    import("./src/engine/disk/deno_disk.ts"),
    import("./src/engine/clock.ts"),
  ]);
  return new Engine({
    bind: bindIroh,
    hasher: await bestHasher(),
    disk: denoDisk,
    clock: systemClock,
    hashes,
  });
}

/** The network binding with its version, as `pli --version` tells it. */
function bindingName(): string {
  return usesNative()
    ? `iroh ${NATIVE_IROH_VERSION} (native)`
    : `@number0/iroh ${about.dependencies["@number0/iroh"]} (stock)`;
}

const exitCode = await run(Deno.args, {
  engine: buildEngine,
  about: { version: about.version, binding: bindingName },
  terminal: systemTerminal,
  environment: (name) => Deno.env.get(name),
  systemLocale: ["darwin", "windows"].includes(Deno.build.os) ? navigator.language : null,
});
// The binding's own threads would keep the process alive.
Deno.exit(exitCode);
