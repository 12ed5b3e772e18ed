// Whether the built page is up to date. Plain JavaScript, because set-up runs under Node.js too.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** The module with the page's files; it is not kept in git. */
export const BUILT_PAGE_PATH = join(ROOT, "src", "web", "built_page.ts");
/** The inputs of the page's build. */
const FOLDERS = ["static", "src/web/ui", "src/words", "src/tickets"];
const FILES = ["scripts/build_page.ts", "package-lock.json", "deno.json"];

/** SHA-256, in hex, over the names and contents of the page's sources. */
export function sourcesDigest() {
  const hash = createHash("sha256");
  for (const path of [...FOLDERS.flatMap(filesBelow), ...FILES]) {
    const content = readFileSync(join(ROOT, path));
    hash.update(`${path} ${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

/** Whether the built page is there and was built from the present sources. */
export function isPageCurrent() {
  try {
    return readFileSync(BUILT_PAGE_PATH, "utf8").includes(sourcesDigest());
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  return entries.sort((one, other) => one.name < other.name ? -1 : 1).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}
