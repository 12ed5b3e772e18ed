// Builds the page: bundles src/web/ui/main.tsx for browsers, joins its style sheets, and writes both, with the other
// files of the page, into src/web/built_page.ts, which the server imports. That file is kept with the sources, so that pli runs from
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

/** The page's script, bundled. */
async function bundle(): Promise<string> {
  const output = await Deno.makeTempFile({ suffix: ".js" });
  try {
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "-q", "--platform", "browser", "--minify", "--output", output, `${UI}/main.tsx`],
      // Where the packages are found from.
      cwd: ROOT,
      env: { DENO_NO_UPDATE_CHECK: "1" },
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).output();
    if (code !== 0) Deno.exit(code);
    return await readFile(output, "utf8");
  } finally {
    await rm(output, { force: true });
  }
}

/** The page's style sheets, joined without their comments: the one for the whole sheet first. */
async function joinStyles(): Promise<string> {
  const [first, folder] = ["sheet.css", `${UI}/css`];
  const others = (await readdir(folder)).filter((name) => name !== first).sort();
  const texts = await Promise.all([first, ...others].map((name) => readFile(`${folder}/${name}`, "utf8")));
  return texts.join("").replace(/\/\*[\s\S]*?\*\//g, "").replace(/\s*\n\s*/g, "\n").trimStart();
}

/** The files of the page, by path. */
export async function pageFiles(): Promise<Record<string, string>> {
  const files: Record<string, string> = {
    "/": await readFile(`${UI}/index.html`, "utf8"),
    "/page.js": await bundle(),
    "/page.css": await joinStyles(),
  };
  for (const name of (await readdir(UI)).sort()) {
    if (PLAIN.some((end) => name.endsWith(end))) files[`/${name}`] = await readFile(`${UI}/${name}`, "utf8");
  }
  return files;
}

async function build(): Promise<void> {
  const entries = Object.entries(await pageFiles()).map(([path, text]) => {
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
