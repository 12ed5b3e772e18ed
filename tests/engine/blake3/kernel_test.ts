// The committed kernel is compiled from its sources.

import { equal } from "node:assert/strict";
import { compileKernel, moduleText } from "../../../src/engine/blake3/build_kernel.ts";

Deno.test("the committed kernel equals the compiled sources", async () => {
  const committed = new URL("../../../src/engine/blake3/kernel_wasm.ts", import.meta.url);
  equal(moduleText(await compileKernel()), await Deno.readTextFile(committed), "run: npm run kernel");
});
