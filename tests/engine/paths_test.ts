// Paths as text equal those of `node:path`, for both kinds of systems.

import assert from "node:assert/strict";
import { posix, win32 } from "node:path";
import fc from "fast-check";
import { join, pathsOf } from "../../src/engine/paths.ts";

const part = fc.string({ minLength: 1, maxLength: 6 }).filter((name) =>
  !/[/\\:\0]/.test(name) && name !== "." && name !== ".."
);

for (
  const { system, isWindows, reference, roots } of [
    { system: "Unix", isWindows: false, reference: posix, roots: ["/"] },
    {
      system: "Windows",
      isWindows: true,
      reference: win32,
      roots: ["C:\\", "z:\\", "\\", "\\\\server\\share\\"],
    },
  ]
) {
  const paths = pathsOf(isWindows);

  Deno.test(`paths: joined and split on ${system} like node:path`, () => {
    fc.assert(
      fc.property(fc.constantFrom(...roots), fc.array(part, { maxLength: 4 }), part, (root, parts, name) => {
        const folder = root + parts.join(paths.sep);
        const path = paths.join(folder, name);
        assert.equal(path, reference.join(folder, name));
        assert.equal(paths.basename(path), reference.basename(path));
        assert.equal(paths.dirname(path), reference.dirname(path));
        assert.equal(paths.basename(`${path}${paths.sep}`), name);
      }),
    );
    for (const root of roots) assert.equal(paths.dirname(root), reference.dirname(root));
    assert.equal(paths.dirname("alone"), reference.dirname("alone"));
  });
}

Deno.test("paths: a folder that ends with a separator gets no second one", () => {
  assert.equal(pathsOf(false).join("/", "a"), "/a");
  assert.equal(pathsOf(false).join("/b/", "a"), "/b/a");
  assert.equal(pathsOf(true).join("C:\\", "a"), "C:\\a");
  assert.equal(pathsOf(true).join("C:/b/", "a"), "C:/b/a");
});

Deno.test("paths: those of this system", () => {
  assert.equal(join("/a", "b"), Deno.build.os === "windows" ? "/a\\b" : "/a/b");
});
