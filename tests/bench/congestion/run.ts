// Builds the simulation of congestion controllers with cargo, in the cache folder, and runs it. It compiles the addon's
// own controller (native/src/congestion.rs) with the patched noq-proto.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CACHE, prepare } from "../../../scripts/native_cargo.mjs";

prepare();
const manifest = fileURLToPath(new URL("Cargo.toml", import.meta.url));
const options = [
  "--release",
  "--locked",
  "--manifest-path",
  manifest,
  "--target-dir",
  join(CACHE, "congestion"),
];
const { code } = await new Deno.Command("cargo", { args: ["run", ...options, "--", ...Deno.args] }).spawn()
  .status;
Deno.exit(code);
