// The content of the compiled program. The runtime of the compiler comes from outside the registries, so this program is
// based on the full runtime, and need not run; the embedded files and their size are the same.

import assert from "node:assert/strict";
import { join } from "node:path";
import { compile } from "../../scripts/compile.ts";
import { PERMISSIONS } from "../../scripts/run_options.ts";
import { needing, NO_ADDON } from "../left_out.ts";

Deno.test({
  ...needing("the binary embeds the bundle and the addon, and nothing else", NO_ADDON),
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "pli-binary-" });
    const earlier = Deno.env.get("DENORT_BIN");
    try {
      if (earlier === undefined) Deno.env.set("DENORT_BIN", Deno.execPath());
      const binary = join(folder, "dist", "pli");
      const said = await compile(binary);
      assert.ok((await Deno.stat(binary)).isFile);
      const files = [...said.matchAll(/[├└]── (\S+) \(([\d.]+)(KB|MB)\)/g)];
      assert.deepEqual(files.map(([, name]) => name).sort(), ["pli.js", "pli_native.node"], said);
      const sizes = new Map(
        files.map(([, name, size, unit]) => [name, Number(size) * (unit === "MB" ? 1000 : 1)]),
      );
      assert.ok(sizes.get("pli.js")! < 1_500, said);
      assert.ok(sizes.get("pli_native.node")! < 25_000, said);
    } finally {
      if (earlier === undefined) Deno.env.delete("DENORT_BIN");
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("the binary has no permission for the network except that of its page", () => {
  const net = PERMISSIONS.filter((permission) => permission.startsWith("--allow-net"));
  assert.deepEqual(net, ["--allow-net=127.0.0.1,[::1],localhost"]);
  assert.ok(!PERMISSIONS.includes("-A") && !PERMISSIONS.includes("--allow-all"));
});
