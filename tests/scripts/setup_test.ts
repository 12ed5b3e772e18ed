// Set-up in checkouts without packages, by npm itself: whatever npm's settings are, by two commands at the same time,
// after an installation by hand, and where npm fails.

import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { needing, NOT_UNIX, without } from "../left_out.ts";
import { inTemporaryFolder, NO_NODE } from "../node_program.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PARTS = [
  "main.ts",
  "deno.json",
  "package.json",
  "package-lock.json",
  "scripts",
  "static",
  "src",
  "native",
];
/** Not tracked, or large. */
const BUILT = /built_page\.ts$|\.node$|native\/(target|prebuilt\/installed|patched-by-.*)$/;
const MISSING = without("npm") ?? NO_NODE ?? NOT_UNIX;

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

interface Checkout {
  root: string;
  /** Runs npm in the checkout, without settings of the calling npm. */
  npm: (args: string[], env?: Record<string, string>) => Promise<Ended>;
}

async function inCheckout(use: (checkout: Checkout) => Promise<void>): Promise<void> {
  await inTemporaryFolder(async (root) => {
    const filter = (path: string) => !BUILT.test(path);
    for (const part of PARTS) await cp(join(ROOT, part), join(root, part), { recursive: true, filter });
    const inherited = Object.entries(Deno.env.toObject()).filter(([name]) =>
      name !== "NODE_ENV" && name !== "INIT_CWD" && !name.startsWith("npm_")
    );
    await use({
      root,
      npm: async (args, env = {}) => {
        const { code, stdout, stderr } = await new Deno.Command("npm", {
          args,
          cwd: root,
          clearEnv: true,
          env: { ...Object.fromEntries(inherited), PLI_HOME: join(root, "home"), ...env },
        }).output();
        const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
        return { code, stdout: out, stderr: error };
      },
    });
  });
}

const START = ["-s", "start", "--", "--version"];
const installations = ({ stderr }: Ended) => [...stderr.matchAll(/^added \d+ packages/gm)].length;

function assertStarted(ended: Ended): void {
  assert.equal(ended.code, 0, ended.stderr);
  assert.match(ended.stdout, /^pli \d/);
  assert.doesNotMatch(ended.stderr, /not used|cannot be/);
}

Deno.test(needing("settings of npm that leave packages out break no start", MISSING), async () => {
  await inCheckout(async ({ root, npm }) => {
    const first = await npm(START, { NODE_ENV: "production", npm_config_omit: "optional" });
    assertStarted(first);
    assert.equal(installations(first), 1);
    assert.equal(installations(await npm(START)), 0);
    // The record of an earlier set-up is of no use without the packages.
    for (const name of ["@deno", "deno"]) {
      await Deno.remove(join(root, "node_modules", name), { recursive: true });
    }
    const repaired = await npm(START, { npm_config_omit: "dev" });
    assertStarted(repaired);
    assert.equal(installations(repaired), 1);
  });
});

Deno.test(needing("two commands at the same time set a checkout up once", MISSING), async () => {
  await inCheckout(async ({ root, npm }) => {
    const both = await Promise.all([npm(START), npm(["-s", "run", "build"])]);
    for (const ended of both) {
      assert.equal(ended.code, 0, ended.stderr);
      assert.doesNotMatch(ended.stderr, /not used|cannot be/);
    }
    assert.equal(both.map(installations).reduce((sum, count) => sum + count), 1);
    assert.equal([...Deno.readDirSync(root)].filter(({ name }) => name.startsWith(".pli-setup")).length, 0);
  });
});

Deno.test(needing("packages that npm has installed by hand are not installed again", MISSING), async () => {
  await inCheckout(async ({ root, npm }) => {
    assert.equal((await npm(["ci", "--no-audit", "--no-fund"])).code, 0);
    const start = await npm(START);
    assertStarted(start);
    assert.equal(installations(start), 0);
    // Those of an earlier lock file are.
    const own = join(root, "node_modules/.package-lock.json");
    const text = await Deno.readTextFile(own);
    await Deno.writeTextFile(own, text.replace(/"integrity": "[^"]+"/, '"integrity": "sha512-other"'));
    await Deno.remove(join(root, "node_modules/.pli-lock.json"));
    const updated = await npm(START);
    assertStarted(updated);
    assert.equal(installations(updated), 1);
  });
});

Deno.test(needing("a failure of npm ends set-up with a sentence", MISSING), async () => {
  await inCheckout(async ({ root, npm }) => {
    const failed = await npm(START, { npm_config_offline: "true", npm_config_cache: join(root, "cache") });
    assert.equal(failed.code, 1);
    assert.equal(failed.stdout, "");
    assert.match(failed.stderr, /^The packages of pli cannot be installed: Command failed: npm ci .*\n$/m);
    assert.doesNotMatch(failed.stderr, /^ {4}at /m);
  });
});
