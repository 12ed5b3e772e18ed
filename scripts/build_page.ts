// Builds the page: bundles src/web/ui/main.tsx for browsers and writes it, with the other files of the page, into
// src/web/built_page.ts, which the server imports. That file is kept with the sources, so that pli runs from
// them without a build; a test says when it is not theirs.

import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const UI = fileURLToPath(new URL("../src/web/ui", import.meta.url));
const OUTPUT = fileURLToPath(new URL("../src/web/built_page.ts", import.meta.url));
/** Files of the page that are as they are; what ends so in ui/ is one of them. */
const PLAIN = [".svg", ".webmanifest"];

/** SHA-256 over the names and contents of everything in src/web/ui. */
export async function sourcesDigest(): Promise<string> {
  const paths = (await readdir(UI, { recursive: true })).filter((path) => /\.\w+$/.test(path)).sort();
  const parts: Uint8Array[] = [];
  for (const path of paths) {
    parts.push(new TextEncoder().encode(`${path.replaceAll("\\", "/")}\n`), await readFile(`${UI}/${path}`));
  }
  const all = await new Blob(parts as BlobPart[]).bytes();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all)).toHex();
}

/** A script or a sheet of the page with all that it takes in, as short as it goes. */
async function bundle(name: string): Promise<string> {
  const output = await Deno.makeTempFile({ suffix: name.endsWith(".css") ? ".css" : ".js" });
  try {
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "-q", "--platform", "browser", "--minify", "--output", output, `${UI}/${name}`],
      // Where the packages are found from.
      cwd: ROOT,
      env: { DENO_NO_UPDATE_CHECK: "1" },
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).output();
    if (code !== 0) Deno.exit(code);
    return inLetters(await readFile(output, "utf8"));
  } finally {
    await rm(output, { force: true });
  }
}

/** The bundler writes letters beyond ASCII as six characters, which is most of what some languages take. */
function inLetters(code: string): string {
  return code.replace(/\\\\|\\u([0-9A-F]{4})/gi, (escape, hex: string | undefined) => {
    const letter = hex === undefined ? "" : String.fromCharCode(parseInt(hex, 16));
    return /[\p{L}\p{N}\p{P}]/u.test(letter) ? letter : escape;
  });
}

async function build(): Promise<void> {
  const files: Record<string, string> = {
    "/": await readFile(`${UI}/index.html`, "utf8"),
    "/page.js": await bundle("main.tsx"),
  };
  for (const name of (await readdir(UI)).sort()) {
    if (name.endsWith(".css")) files[`/${name}`] = await bundle(name);
    if (PLAIN.some((end) => name.endsWith(end))) files[`/${name}`] = await readFile(`${UI}/${name}`, "utf8");
  }
  const entries = Object.entries(files).map(([path, text]) => {
    return `  ${JSON.stringify(path)}: ${JSON.stringify(text)},\n`;
  });
  await writeFile(
    OUTPUT,
    `// deno-fmt-ignore-file
// deno-lint-ignore-file
// Made by scripts/build_page.ts from src/web/ui: the files of the page, by path. Not to be changed by hand.
export const SOURCES_DIGEST: string = "${await sourcesDigest()}";
export const BUILT_PAGE: Readonly<Record<string, string>> = {
${entries.join("")}};
`,
  );
}

if (import.meta.main) await build();
