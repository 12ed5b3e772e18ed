// What the binary is made of. The compiler's own runtime comes from outside the registries, so what is made here
// stands on the full one, and need not run; what is embedded, and how large that is, is the same.

import assert from "node:assert/strict";
import { join } from "node:path";
import { compile, PERMISSIONS } from "../../scripts/compile.ts";
import { addonUrl } from "../../src/engine/native/choice.ts";

Deno.test({
  name: "the binary embeds the bundle and the addon, and nothing else",
  ignore: addonUrl() === null,
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

Deno.test("the binary asks for no right to the network but that of its page", () => {
  const net = PERMISSIONS.filter((permission) => permission.startsWith("--allow-net"));
  assert.deepEqual(net, ["--allow-net=127.0.0.1,[::1],localhost"]);
  assert.ok(!PERMISSIONS.includes("-A") && !PERMISSIONS.includes("--allow-all"));
});
