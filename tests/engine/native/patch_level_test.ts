// The patch level of the addon: an addon of another level is refused by name, and each change of the patches and the
// exports increases the level.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { isPliError } from "../../../src/engine/errors.ts";
import { nativeAddon, ofThisLevel } from "../../../src/engine/native/addon.ts";
import { PATCH_LEVEL } from "../../../src/engine/native/choice.ts";
import { needing, NO_ADDON } from "../../left_out.ts";
import { readPatches } from "../../../scripts/patched_crates.mjs";

/** After a change: raise the level here, in src/engine/native/choice.ts and in native/src/level.rs, and set the digest. */
const LEVEL = { level: 6, digest: "644c0d0665498cb0fd302ce923adbcce8aa1e72cb0cfeac76ea25c88fbc5f363" };

const native = fileURLToPath(new URL("../../../native/", import.meta.url));

/** The declaration after each `#[napi]` of a source, without its body, of an object with its fields; and without spaces. */
function exportsOf(source: string): string[] {
  const found = source.matchAll(
    /#\[napi(?:\(([^)]*)\))?\]\s*((?:pub )?(?:fn|struct|impl)[^{;]*)(?=(\{[^}]*\})?)/g,
  );
  return [...found].map(([, options = "", head, body = ""]) => {
    const declared = `${options}:${head}${options.includes("object") ? body : ""}`;
    // Independent of line breaks of the formatter.
    return declared.replace(/\s+/g, "").replace(/,(?=[)}])/g, "");
  });
}

function digest(): string {
  const sum = createHash("sha256");
  for (const { text } of readPatches(`${native}patches`)) {
    sum.update(text.slice(text.indexOf("\ndiff --git ")));
  }
  const sources = [...Deno.readDirSync(`${native}src`)].map(({ name }) => name).sort();
  for (const name of sources) {
    const text = Deno.readTextFileSync(`${native}src/${name}`).replaceAll("\r\n", "\n");
    for (const line of exportsOf(text)) sum.update(line);
  }
  return sum.digest("hex");
}

Deno.test("a change of patches or exports increases the level of the addon", () => {
  const rust = /const PATCH_LEVEL: u32 = (\d+);/.exec(Deno.readTextFileSync(`${native}src/level.rs`))?.[1];
  assert.deepEqual({ level: PATCH_LEVEL, digest: digest() }, LEVEL);
  assert.equal(Number(rust), PATCH_LEVEL);
});

Deno.test("the exports of a source are found", () => {
  const source = `
#[napi]
pub struct A(u8);
#[napi(object)]
pub struct B { pub c: u32 }
#[napi]
impl A {
    #[napi(getter, catch_unwind)]
    pub fn d(
        &self,
    ) -> u8 { 1 }
}`;
  assert.deepEqual(exportsOf(source), [
    ":pubstructA(u8)",
    "object:pubstructB{pubc:u32}",
    ":implA",
    "getter,catch_unwind:pubfnd(&self)->u8",
  ]);
});

Deno.test("an addon of another level, or of none, is refused by name", () => {
  for (const [addon, found] of [[{}, 0], [{ patchLevel: () => PATCH_LEVEL - 1 }, PATCH_LEVEL - 1]] as const) {
    assert.throws(() => ofThisLevel(addon), (error) => {
      assert.ok(isPliError(error, "addon_outdated"));
      assert.deepEqual(error.parameters, { found, needed: PATCH_LEVEL });
      return true;
    });
  }
  const right = { patchLevel: () => PATCH_LEVEL };
  assert.equal(ofThisLevel(right), right);
});

Deno.test(needing("the built addon has the level of the sources", NO_ADDON), () => {
  assert.ok(nativeAddon());
});

Deno.test("each patch states its crate, kind, reason, upstream reference and the condition for its removal", () => {
  for (const { name, text } of readPatches(`${native}patches`)) {
    const head = text.slice(0, text.indexOf("\ndiff --git "));
    assert.match(name, /^\d{4}-[a-z-]+\.patch$/);
    for (const field of ["Crate", "Kind", "Reason", "Upstream", "Needless when"]) {
      assert.match(head, new RegExp(`^${field}: \\S`, "m"), `${name}: ${field}`);
    }
    assert.match(head, /^Kind: (fix|feature)$/m, name);
  }
});
