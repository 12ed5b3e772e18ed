// The binding of a process: shown by `pli --version`, chosen by the addon's presence and `PLI_BINDING`.

import assert from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { addonUrl } from "../../src/engine/native/choice.ts";
import { Running } from "./processes.ts";
import { bundleCommand, pliCommand } from "./program.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const STOCK = /^pli \S+\n@number0\/iroh \S+ \(stock\)\n$/;
const NATIVE = /^pli \S+\niroh( \S+)? \(native(, prebuilt( from earlier sources)?)?\)\n$/;

async function version(binding?: string, [program, ...before] = pliCommand) {
  const { PLI_BINDING: _given, ...rest } = Deno.env.toObject();
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...before, "--version"],
    clearEnv: true,
    env: {
      ...rest,
      DENO_NO_UPDATE_CHECK: "1",
      LC_ALL: "C",
      ...(binding !== undefined && { PLI_BINDING: binding }),
    },
    stdin: "null",
  }).output();
  return { code, output: new TextDecoder().decode(stdout), error: new TextDecoder().decode(stderr) };
}

Deno.test("binding: the native one if it exists, unless the variable has another", async () => {
  const best = addonUrl() === null ? STOCK : NATIVE;
  for (const [binding, expected] of [[undefined, best], ["", best], ["stock", STOCK]] as const) {
    const { code, output } = await version(binding);
    assert.equal(code, 0);
    assert.match(output, expected);
  }
  const { code, output, error } = await version("native");
  if (best === NATIVE) assert.match(output, NATIVE);
  else assert.deepEqual([code, /cannot be loaded/.test(error)], [1, true]);
});

Deno.test("binding: an unknown name is an error", async () => {
  const { code, output, error } = await version("fast");
  assert.equal(code, 2);
  assert.match(output, /^pli \S+\n$/);
  assert.match(error, /^error: PLI_BINDING is fast, .*\n.*stock or native/);
});

Deno.test("binding: a bundle searches the addon beside itself and nowhere else", async () => {
  const folder = await Deno.makeTempDir({ prefix: "pli-bundle-" });
  try {
    const bundle = join(folder, "a", "b", "c", "pli.js");
    await Deno.mkdir(join(folder, "native"), { recursive: true });
    await Deno.writeTextFile(join(folder, "native", "pli_native.node"), "not it");
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", `${ROOT}scripts/build.ts`, bundle],
      env: { DENO_NO_UPDATE_CHECK: "1" },
    }).output();
    assert.ok(success);
    const beside = join(folder, "a", "b", "c", "pli_native.node");
    const isCopied = await Deno.stat(beside).then(() => true, () => false);
    assert.equal(isCopied, addonUrl() !== null);
    if (isCopied) await Deno.remove(beside);
    assert.match((await version(undefined, bundleCommand(bundle))).output, STOCK);
    for (const [binding, isReported] of [["", true], ["stock", false]] as const) {
      const [program, ...before] = bundleCommand(bundle);
      const ui = [...before, "ui", "--json", "--separate", "--no-open"];
      const page = new Running(program, ui, { env: { PLI_BINDING: binding } });
      try {
        await page.stdout.first((line) => JSON.parse(line).type === "listening" || undefined);
        const codes = page.stdout.all.map((line) => JSON.parse(line).code);
        assert.equal(codes.includes("binding_slow"), isReported, page.output);
      } finally {
        await page.stop("SIGTERM");
      }
    }
    await copyFile(join(folder, "native", "pli_native.node"), beside);
    assert.match((await version(undefined, bundleCommand(bundle))).output, NATIVE);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
