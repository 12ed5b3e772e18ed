// The choice of the binding by the existing files: the addon that was built, otherwise the installed prebuilt one of this
// patch level, otherwise the stock package. Each case is a separate source tree.

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { PATCH_LEVEL } from "../../../src/engine/native/choice.ts";
import type * as choice from "../../../src/engine/native/choice.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const BUILT = "native/pli_native.node";
const prebuilt = (level: number) => `native/prebuilt/installed/pli_native-${level}.node`;
const EARLIER = "native/prebuilt/installed/earlier_sources";

/** Loads the module in a tree with these files; in a bundle, which has another place, if `module` is one. */
async function withTree(
  files: Record<string, string>,
  use: (chosen: typeof choice, path: (url: URL | null) => string | null) => void,
  module = "src/engine/native/choice.ts",
): Promise<void> {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "pli-choice-" }));
  const place = join(root, dirname(module));
  try {
    const sources = ["errors.ts", "system.ts", "skip_reason.ts"];
    await Deno.mkdir(place, { recursive: true });
    await Deno.copyFile(join(ROOT, "src/engine/native/choice.ts"), join(root, module));
    for (const name of sources) {
      await Deno.copyFile(join(ROOT, "src/engine", name), join(place, "..", name));
    }
    for (const [path, content] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(root, path)), { recursive: true });
      await Deno.writeTextFile(join(root, path), content);
    }
    const loaded = await import(pathToFileURL(join(root, module)).href);
    use(loaded, (url) => url && fileURLToPath(url).slice(root.length + 1).replaceAll("\\", "/"));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("an addon that was built comes first, then the prebuilt one, then the stock package", async () => {
  const both = { [BUILT]: "", [prebuilt(PATCH_LEVEL)]: "" };
  await withTree(both, (chosen, path) => {
    assert.equal(path(chosen.addonUrl()), BUILT);
    assert.equal(chosen.addonOrigin(), "built");
    assert.equal(chosen.availableBinding(), "native");
    assert.equal(chosen.availableBinding("stock"), "stock");
  });
  const { [BUILT]: _built, ...installed } = both;
  await withTree(installed, (chosen, path) => {
    assert.equal(path(chosen.addonUrl()), prebuilt(PATCH_LEVEL));
    assert.equal(chosen.addonOrigin(), "prebuilt");
    assert.equal(chosen.availableBinding(), "native");
    assert.equal(chosen.availableBinding("native"), "native");
    assert.equal(chosen.availableBinding("stock"), "stock");
  });
  await withTree({}, (chosen) => {
    assert.equal(chosen.addonUrl(), null);
    assert.equal(chosen.addonOrigin(), null);
    assert.equal(chosen.availableBinding(), "stock");
    assert.throws(
      () => chosen.availableBinding("native"),
      (error) => (error as { code: string }).code === "binding_missing",
    );
  });
});

Deno.test("a prebuilt addon of earlier sources is recognised as such", async () => {
  await withTree({ [prebuilt(PATCH_LEVEL)]: "", [EARLIER]: "" }, (chosen) => {
    assert.equal(chosen.availableBinding(), "native");
    assert.equal(chosen.addonOrigin(), "prebuilt_earlier");
  });
});

Deno.test("a prebuilt addon of another patch level is not found", async () => {
  const files = { [prebuilt(PATCH_LEVEL - 1)]: "", [prebuilt(PATCH_LEVEL + 1)]: "" };
  await withTree(files, (chosen) => assert.equal(chosen.availableBinding(), "stock"));
});

Deno.test("a bundle has the addon beside itself, and looks nowhere else", async () => {
  const elsewhere = { [BUILT]: "", [prebuilt(PATCH_LEVEL)]: "", "a/b/native/pli_native.node": "" };
  const bundle = "a/b/c/pli.ts";
  await withTree(elsewhere, (chosen) => assert.equal(chosen.addonUrl(), null), bundle);
  await withTree({ ...elsewhere, "a/b/c/pli_native.node": "" }, (chosen, path) => {
    assert.equal(path(chosen.addonUrl()), "a/b/c/pli_native.node");
    assert.equal(chosen.addonOrigin(), "built");
  }, bundle);
});

Deno.test("a package has the addons of all platforms beside itself, and this one's is used", async () => {
  const cpu = Deno.build.arch === "x86_64" ? "x64" : "arm64";
  const names: Record<string, string> = { linux: `linux-${cpu}-gnu`, windows: `win32-${cpu}` };
  const own = names[Deno.build.os] ?? `${Deno.build.os}-${cpu}`;
  const addon = (platform: string) => `a/pli_native.${platform}.node`;
  await withTree({ [addon("plan9-x64")]: "", [addon(own)]: "" }, (chosen, path) => {
    assert.equal(path(chosen.addonUrl()), addon(own));
    assert.equal(chosen.addonOrigin(), "prebuilt");
  }, "a/pli.ts");
  await withTree({ [addon("plan9-x64")]: "" }, (chosen) => assert.equal(chosen.addonUrl(), null), "a/pli.ts");
});
