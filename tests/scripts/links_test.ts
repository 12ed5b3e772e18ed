// The links of the documents to files and headings of the project.

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const inFolder = (folder: string) =>
  [...Deno.readDirSync(join(ROOT, folder))].map(({ name }) => join(folder, name)).filter((path) =>
    path.endsWith(".md")
  );
const DOCUMENTS = [...inFolder("."), ...inFolder("docs"), "tests/README.md"];

const read = (path: string) => Deno.readTextFileSync(join(ROOT, path));

/** The anchors of a document's headings, as code hosts derive them. */
function anchorsOf(text: string): string[] {
  const headings = text.replace(/^```[^]*?^```/gm, "").matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading]) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
}

/** What is wrong with the links of a document; `exists` and `read` are of paths below the project's folder. */
function wrongLinks(
  path: string,
  text: string,
  exists: (path: string) => boolean,
  read: (path: string) => string,
): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/^\[[^\]]+\]: (\S+)/gm)];
  return links.map(([, link]) => link).filter((link) => {
    if (/^(https?|mailto):/.test(link)) return false;
    const [file, anchor] = link.split("#");
    const target = file === "" ? path : join(dirname(path), file);
    if (target.startsWith("..") || !exists(target)) return true;
    return anchor !== undefined && !anchorsOf(file === "" ? text : read(target)).includes(anchor);
  });
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(join(ROOT, path)) !== null;
  } catch {
    return false;
  }
}

Deno.test("the links of the documents lead to files and headings that exist", () => {
  for (const path of DOCUMENTS) assert.deepEqual(wrongLinks(path, read(path), exists, read), [], path);
});

Deno.test("links: a missing file, a missing heading and one outside the project are found", () => {
  const text =
    "# One two\n[a](b.md) [c](#one-two) [d](#three) [e](../../x) [f](https://x/y)\n[g]: docs/c.md#h\n";
  const wrong = wrongLinks(
    "README.md",
    text,
    (path) => /^(README|docs\/c)\.md$/.test(path),
    () => "## H `i`\n",
  );
  assert.deepEqual(wrong, ["b.md", "#three", "../../x", "docs/c.md#h"]);
});
