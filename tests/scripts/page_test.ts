// The built page in a separate checkout: set-up builds it once, a start builds it again if its sources have changed,
// and a failed build is reported by one sentence.

import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Running } from "../product/processes.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PARTS = ["main.ts", "deno.json", "package.json", "package-lock.json", "scripts", "static", "src"];
const BUILT = "src/web/built_page.ts";

/** A copy of the tracked files, with the packages of this checkout. */
async function withCheckout(use: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "pli-checkout-" });
  try {
    for (const part of PARTS) await cp(join(ROOT, part), join(root, part), { recursive: true });
    await Deno.symlink(join(ROOT, "node_modules"), join(root, "node_modules"));
    await Deno.remove(join(root, BUILT));
    await use(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function ends(root: string, args: string[]): Promise<Running & { code: number }> {
  const env = { PLI_HOME: join(root, "home") };
  const running = new Running(Deno.execPath(), ["run", "-A", "--no-check", ...args], { cwd: root, env });
  return Object.assign(running, { code: await running.ended() });
}

const ADDED = "@media print{#added-by-a-test{color:red}}";

Deno.test("set-up builds the page once, and a start from changed sources builds it again", async () => {
  await withCheckout(async (root) => {
    const setUp = await ends(root, ["scripts/setup.mjs"]);
    assert.equal(setUp.code, 0, setUp.output);
    assert.deepEqual(setUp.stdout.all, []);
    const first = await Deno.stat(join(root, BUILT));
    await ends(root, ["scripts/setup.mjs"]);
    assert.deepEqual((await Deno.stat(join(root, BUILT))).ino, first.ino);
    assert.deepEqual((await Deno.stat(join(root, BUILT))).mtime, first.mtime);

    await Deno.writeTextFile(join(root, "static/css/sheet.css"), ADDED, { append: true });
    const page = new Running(
      Deno.execPath(),
      ["run", "-A", "--no-check", "main.ts", "ui", "--json", "--separate", "--no-open"],
      { cwd: root, env: { PLI_HOME: join(root, "home") } },
    );
    try {
      const url = await page.stdout.first((line) => JSON.parse(line).url as string | undefined);
      assert.ok(url !== undefined, page.output);
      const sheet = await (await fetch(new URL("/page.css", url))).text();
      assert.ok(sheet.includes("#added-by-a-test"));
    } finally {
      await page.stop("SIGTERM");
    }
  });
});

Deno.test("a page that cannot be built stops set-up and `pli ui` with a sentence, and no other command", async () => {
  await withCheckout(async (root) => {
    await Deno.writeTextFile(join(root, "static/page.css"), '@import "./missing.css";');
    const setUp = await ends(root, ["scripts/setup.mjs"]);
    assert.equal(setUp.code, 1);
    assert.match(
      setUp.stderr.all.at(-1)!,
      /^The page of pli cannot be built from static\/ and src\/web\/ui\.$/,
    );
    const ui = await ends(root, ["main.ts", "ui", "--separate", "--no-open"]);
    assert.equal(ui.code, 1, ui.output);
    assert.ok(
      ui.stderr.all.some((line) => /The page is not built, and cannot be built/.test(line)),
      ui.output,
    );
    const other = await ends(root, ["main.ts", "history"]);
    assert.equal(other.code, 0, other.output);
  });
});
