// Builds the page: bundles src/web/ui/main.tsx and static/page.css for browsers and writes them, with the other
// files of static/, into src/web/built_page.ts, a module, so that a bundle or a binary contains them. Set-up runs
// it; it does nothing if the built page is up to date. The languages, which the page imports on demand, are separate
// files: `/fr-….js`.

import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { BUILT_PAGE_PATH, isPageCurrent, sourcesDigest } from "./page_digest.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const STATIC = `${ROOT}static`;
const SCRIPT = `${ROOT}src/web/ui/main.tsx`;
const STYLES = `${STATIC}/page.css`;
/** The nominal output folder of the bundler, which writes nothing. */
const OUT = join(ROOT, "dist", "page");
/** The extensions of files that are served unchanged. */
const PLAIN = [".svg", ".webmanifest"];

/** Builds the page unless it is up to date. Throws when it cannot be built. */
export async function ensurePage(): Promise<void> {
  if (isPageCurrent()) return;
  // Computed before the sources are read: a change meanwhile makes the page out of date, never wrongly current.
  const digest = sourcesDigest();
  await write(await buildPage(), digest);
}

/** The files of the page as they are served, by path. Throws when one cannot be bundled. */
export async function buildPage(): Promise<Record<string, string>> {
  const plain = (await readdir(STATIC)).filter((name) => PLAIN.some((end) => name.endsWith(end))).sort();
  const text = (name: string) => readFile(`${STATIC}/${name}`, "utf8");
  const files = [["/", await text("index.html")], ...await bundle()];
  for (const name of plain) files.push([`/${name}`, await text(name)]);
  return Object.fromEntries(files);
}

/** The script and the sheet of the page with all that they import, minified; by path. */
async function bundle(): Promise<[path: string, text: string][]> {
  // Loaded only for a build: this module runs at each start of the page from the sources.
  const { buildSync } = await import("esbuild");
  const { outputFiles } = buildSync({
    entryPoints: { main: SCRIPT, page: STYLES },
    // The folder from which packages are resolved.
    absWorkingDir: ROOT,
    outdir: OUT,
    write: false,
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "browser",
    charset: "utf8",
    chunkNames: "[name]-[hash]",
    jsx: "automatic",
    jsxImportSource: "preact",
    // The type checker's settings do not apply to the page.
    tsconfigRaw: {},
    logLevel: "error",
  });
  return outputFiles.map(({ path, text }) => [`/${relative(OUT, path)}`, text]);
}

/** Writes the module atomically: several processes may build it at once. */
async function write(files: Record<string, string>, digest: string): Promise<void> {
  const entries = Object.entries(files).map(([path, text]) => {
    return `  ${JSON.stringify(path)}: ${JSON.stringify(text)},\n`;
  });
  const path = `${BUILT_PAGE_PATH}.${Deno.pid}`;
  await writeFile(
    path,
    `// deno-fmt-ignore-file
// deno-lint-ignore-file
// The files of the page, by path, made by scripts/build_page.ts. Not to be changed by hand, and not kept in git.
// Sources: ${digest}
export const BUILT_PAGE: Readonly<Record<string, string>> = {
${entries.join("")}};
`,
  );
  await rename(path, BUILT_PAGE_PATH);
}

if (import.meta.main) await ensurePage();
