// Starts pli: builds what the engine needs from this computer, when a command asks for it, and hands the
// command line to the CLI.

import about from "./package.json" with { type: "json" };
import { run } from "./src/cli/run.ts";
import { systemTerminal } from "./src/cli/terminal.ts";
import type { Engine } from "./src/engine/mod.ts";

async function buildEngine(): Promise<Engine> {
  const [{ Engine }, { bindIroh }, { wasmHasher }, { denoDisk }, { systemClock }] = await Promise.all([
    import("./src/engine/mod.ts"),
    import("./src/engine/net/iroh_endpoint.ts"),
    import("./src/engine/blake3/wasm_hasher.ts"),
    import("./src/engine/disk/deno_disk.ts"),
    import("./src/engine/clock.ts"),
  ]);
  return new Engine({ bind: bindIroh, hasher: wasmHasher(), disk: denoDisk, clock: systemClock });
}

const exitCode = await run(Deno.args, {
  engine: buildEngine,
  about: {
    version: about.version,
    binding: `@number0/iroh ${about.dependencies["@number0/iroh"]} (stock)`,
  },
  terminal: systemTerminal,
  environment: (name) => Deno.env.get(name),
});
// The binding's own threads would keep the process alive.
Deno.exit(exitCode);
