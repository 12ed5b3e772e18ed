// The command lines of the scripts: what their usage does not have is refused, with the usage and without a stack trace.

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SCRIPTS = fileURLToPath(new URL("../../scripts", import.meta.url));
/** Each script with arguments that it has not. */
const REFUSED: Record<string, string[][]> = {
  "compile.ts": [["--target"], ["one", "two"]],
  "demo.ts": [["one"]],
  "json_lines.ts": [["one"]],
  "licences.ts": [["one", "two"]],
  "one_file.ts": [["--target"], ["one", "two"]],
  "package.ts": [["one", "two"]],
  "package_deb.ts": [["--target"], ["one", "two"]],
  "package_program.ts": [["one", "two"]],
  "prebuild.ts": [["--into"]],
  "release/archive.ts": [[], ["linux-x64", "linux-arm64"]],
  "release/imports.ts": [[]],
  "release/npm.ts": [["one", "two"]],
  "release/sums.ts": [["one", "two"]],
  "release/try.ts": [[], ["linux-x64", "linux-arm64"]],
  "release/twice.ts": [[], ["linux-x64", "linux-arm64"]],
  "sbom.ts": [["one", "two"]],
};

async function run(script: string, args: readonly string[]): Promise<{ code: number; stderr: string }> {
  // Without the right to write or to start anything, a script that accepts the arguments does no harm.
  const rights = ["--allow-read", "--allow-env", "--allow-sys"];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...rights, "--no-prompt", "--no-check", join(SCRIPTS, script), ...args],
    env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

for (const [script, refused] of Object.entries(REFUSED)) {
  Deno.test(`scripts/${script} refuses arguments that it has not`, async () => {
    for (const args of [["--unknown"], ...refused]) {
      const { code, stderr } = await run(script, args);
      assert.equal(code, 2, `${args}: ${stderr}`);
      assert.match(stderr, /^.+\n(npm run|deno run) .+\n$/, `${args}`);
    }
  });
}

Deno.test("an error of a script is a sentence", async () => {
  const sentences: [string, string[], RegExp][] = [
    ["release/try.ts", ["other"], /^other is none of linux-x64, .+\n$/],
    ["release/twice.ts", ["other"], /^other is none of linux-x64, .+\n$/],
    ["release/imports.ts", [join(SCRIPTS, "missing")], /^[^\n]*missing[^\n]*\n$/],
    ["prebuild.ts", ["other"], /^other is none of linux-x64-gnu, .+\n$/],
  ];
  for (const [script, args, sentence] of sentences) {
    const { code, stderr } = await run(script, args);
    assert.equal(code, 1, stderr);
    assert.match(stderr, sentence);
  }
});
