// The engine as a package: the packed files for npm and for JSR, that its documents and types are complete, and that
// its examples run on Node.js.

import { transform } from "esbuild";
import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPackage } from "../../scripts/package.ts";
import { readDocument } from "../documents.ts";
import { needing, without } from "../left_out.ts";
import { inTemporaryFolder, NO_NODE } from "../node_program.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const project: { name: string; version: string; exports: Record<string, string> } = JSON.parse(
  await Deno.readTextFile(join(ROOT, "deno.json")),
);
const root = JSON.parse(await Deno.readTextFile(join(ROOT, "package.json")));
const ENTRIES = Object.values(project.exports);

interface Output {
  success: boolean;
  text: string;
  log: string;
}

async function output(program: string, args: readonly string[], cwd: string): Promise<Output> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { success, text: decoder.decode(stdout), log: decoder.decode(stderr) };
}

/** The output of Deno. Throws when it fails. */
async function deno(args: readonly string[], cwd = ROOT): Promise<string> {
  const { success, text, log } = await output(Deno.execPath(), args, cwd);
  assert.ok(success, log);
  return text;
}

/** The code of the examples in the package's README. */
const EXAMPLES = [...readDocument("docs/library.md").matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) =>
  code
);

Deno.test("the package has the version and the licence of the program, which is not published", () => {
  const { version, license } = project as { version: string; license?: string };
  assert.deepEqual({ version, license }, { version: root.version, license: root.license });
  assert.equal(root.private, true);
});

Deno.test("the documents of the public entries are complete, by Deno's linter of documents", async () => {
  await deno(["doc", "--lint", ...ENTRIES]);
});

Deno.test("the examples in the documents of the package compile and run", async () => {
  const text = await deno(["test", "--doc", "-A", "--no-lock", ...ENTRIES, "docs/library.md"]);
  assert.match(text, /ok \| 5 passed \| 0 failed/);
});

Deno.test("a dry run of publishing for JSR has no error, and contains the engine alone", async () => {
  const { success, log } = await output(Deno.execPath(), [
    "publish",
    "--dry-run",
    "--allow-dirty",
    "--no-check",
  ], ROOT);
  assert.ok(success, log);
  const files = [...log.matchAll(/^ +(file:\S+) \(/gm)].map(([, url]) => relative(ROOT, fileURLToPath(url)));
  for (const entry of ENTRIES) assert.ok(files.includes(entry.replace("./", "")), entry);
  const others = files.filter((path) =>
    !/^(src\/(engine|library|tickets)\/.*\.ts|docs\/library\.md|README\.md|LICENSE|deno\.json)$/.test(path)
  );
  assert.deepEqual(others, []);
});

Deno.test({
  ...needing("the package for npm contains the entries and their types alone", NO_NODE, without("npm")),
  fn: (context) =>
    inTemporaryFolder(async (folder) => {
      const modules = join(folder, "node_modules");
      const built = join(modules, project.name);
      await buildPackage(built);
      // The files that npm installs, and the types of `node:fs` for the example.
      for (const scope of ["@number0", "@scure", "@types", "undici-types"]) {
        await Deno.symlink(join(ROOT, "node_modules", scope), join(modules, scope));
      }
      const manifest = JSON.parse(await Deno.readTextFile(join(built, "package.json")));

      await context.step("its dependencies are those of the program", () => {
        assert.deepEqual(Object.keys(manifest.dependencies), ["@number0/iroh", "@scure/base"]);
        for (const [name, version] of Object.entries(manifest.dependencies)) {
          assert.equal(version, root.dependencies[name], name);
        }
        assert.equal(manifest.private, undefined);
      });

      await context.step("a dry run of packing lists what its manifest names", async () => {
        const { success, text, log } = await output("npm", ["pack", "--dry-run", "--json"], built);
        assert.ok(success, log);
        const files: string[] = JSON.parse(text)[0].files.map(({ path }: { path: string }) => path);
        for (const { types, default: code } of Object.values<Record<string, string>>(manifest.exports)) {
          for (const path of [types, code]) assert.ok(files.includes(path.replace("./", "")), path);
        }
        const others = files.filter((path) =>
          !/^(LICENSE|README\.md|package\.json|[^/]+\.js|pli_native\.[\w-]+\.node|types\/.*\.d\.ts)$/.test(
            path,
          )
        );
        assert.deepEqual(others, []);
      });

      await context.step("what the core imports needs no module of Node.js", async () => {
        const seen = new Set<string>();
        for (const waiting = ["core.js"]; waiting.length > 0;) {
          const file = waiting.pop()!;
          if (seen.has(file)) continue;
          seen.add(file);
          const code = await Deno.readTextFile(join(built, file));
          for (const [, specifier] of code.matchAll(/^(?:import|export)\b[^;]*?"([^"\n]+)";$/gm)) {
            if (specifier.startsWith("./")) waiting.push(specifier.slice(2));
            else assert.equal(specifier, "@scure/base", `${file} imports ${specifier}`);
          }
        }
        assert.ok(seen.size > 1);
      });

      await context.step("its types are enough for its examples", async () => {
        await Deno.writeTextFile(join(folder, "deno.json"), '{ "nodeModulesDir": "manual", "lock": false }');
        for (const [i, code] of EXAMPLES.entries()) {
          await Deno.writeTextFile(join(folder, `example${i}.ts`), code);
          await deno(["check", `example${i}.ts`], folder);
        }
      });

      await context.step("its examples run on Node.js", async () => {
        assert.ok(EXAMPLES.length > 1);
        for (const [i, example] of EXAMPLES.entries()) {
          const { code } = await transform(example, { loader: "ts", format: "esm", target: "node20" });
          await Deno.writeTextFile(join(folder, `example${i}.mjs`), `${code}\nprocess.exit(0);\n`);
          const { success, log } = await output("node", [`example${i}.mjs`], folder);
          assert.ok(success, log);
        }
      });

      await context.step("both entries have one class of errors", async () => {
        const script =
          `import * as all from "${project.name}"; import * as core from "${project.name}/core";` +
          `process.exit(all.PliError === core.PliError && core.openEngine === undefined ? 0 : 1)`;
        const { success, log } = await output("node", ["--input-type=module", "--eval", script], folder);
        assert.ok(success, log);
      });
    }),
});
