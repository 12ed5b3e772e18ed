// Builds the page: bundles src/web/ui/main.tsx for browsers and writes it, with the other files of the page, into
// src/web/built_page.ts, which the server imports. That file is kept with the sources, so that pli runs from
// them without a build; a test says when it is not theirs. What the page imports on demand, its languages, are
// files of their own: `/fr-….js`.

import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCES = fileURLToPath(new URL("../src", import.meta.url));
const UI = `${SOURCES}/web/ui`;
const OUTPUT = `${SOURCES}/web/built_page.ts`;
/** What the page is made of, below src/. */
const FOLDERS = ["web/ui", "words"];
/** Files of the page that are as they are; what ends so in ui/ is one of them. */
const PLAIN = [".svg", ".webmanifest"];

/** SHA-256 over the names and contents of everything that the page is made of. */
export async function sourcesDigest(): Promise<string> {
  const parts: Uint8Array[] = [];
  for (const folder of FOLDERS) {
    const names = await readdir(`${SOURCES}/${folder}`, { recursive: true });
    const paths = names.map((name) => `${folder}/${name.replaceAll("\\", "/")}`);
    for (const path of paths.filter((path) => /\.\w+$/.test(path)).sort()) {
      parts.push(new TextEncoder().encode(`${path}\n`), await readFile(`${SOURCES}/${path}`));
    }
  }
  const all = await new Blob(parts as BlobPart[]).bytes();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all)).toHex();
}

/** The files of the page as they are served, by path. */
export async function buildPage(): Promise<Record<string, string>> {
  const names = (await readdir(UI)).sort();
  const ends = (ends: readonly string[]) => names.filter((name) => ends.some((end) => name.endsWith(end)));
  const files = new Map([["/", await readFile(`${UI}/index.html`, "utf8")]]);
  for (const name of ["main.tsx", ...ends([".css"])]) {
    for (const [path, text] of await bundle(name)) files.set(path, text);
  }
  for (const name of ends(PLAIN)) files.set(`/${name}`, await readFile(`${UI}/${name}`, "utf8"));
  return Object.fromEntries(files);
}

/** A script or a sheet of the page with all that it takes in, as short as it goes. */
async function bundle(name: string): Promise<[path: string, text: string][]> {
  const folder = await Deno.makeTempDir({ prefix: "pli-page-" });
  const options = ["-q", "--platform", "browser", "--minify", "--code-splitting", "--outdir", folder];
  try {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", ...options, `${UI}/${name}`],
      // Where the packages are found from.
      cwd: ROOT,
      env: { DENO_NO_UPDATE_CHECK: "1" },
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).output();
    if (!success) throw new Error(`${name} cannot be bundled`);
    const made = (await readdir(folder)).sort();
    return await Promise.all(made.map(async (name): Promise<[string, string]> => {
      return [`/${name}`, inLetters(await readFile(`${folder}/${name}`, "utf8"))];
    }));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The bundler writes letters beyond ASCII as six characters, which is most of what some languages take. */
function inLetters(code: string): string {
  return code.replace(/\\\\|\\u([0-9A-F]{4})|\\x([0-9A-F]{2})/gi, (escape, long?: string, short?: string) => {
    const hex = long ?? short;
    const letter = hex === undefined ? "" : String.fromCharCode(parseInt(hex, 16));
    return letter > "\x7f" && /[\p{L}\p{N}\p{P}]/u.test(letter) ? letter : escape;
  });
}

async function write(files: Record<string, string>): Promise<void> {
  const entries = Object.entries(files).map(([path, text]) => {
    return `  ${JSON.stringify(path)}: ${JSON.stringify(text)},\n`;
  });
  await writeFile(
    OUTPUT,
    `// deno-fmt-ignore-file
// deno-lint-ignore-file
// Made by scripts/build_page.ts from src/web/ui and src/words: the files of the page, by path. Not to be changed by hand.
export const SOURCES_DIGEST: string = "${await sourcesDigest()}";
export const BUILT_PAGE: Readonly<Record<string, string>> = {
${entries.join("")}};
`,
  );
}

if (import.meta.main) await write(await buildPage());
