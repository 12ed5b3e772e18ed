// What a run of the tests tells of its failures, from what the real runner writes about tests that fail.

import assert from "node:assert/strict";
import { join } from "node:path";
import { countsIn, failuresIn, told, uncaughtIn } from "../../scripts/test_reports.ts";

const FAILING = `
import assert from "node:assert/strict";
Deno.test('a <b> & "c"', () => assert.equal([1].map((x) => x + 1)[0], 3, "2 => 3 > 1\\n\\nwhat follows"));
Deno.test("is well", () => {});
Deno.test({ name: "is left out", ignore: true, fn() {} });
Deno.test("says much", () => { throw new Error("line\\n".repeat(50)); });`;

/** Runs the test runner over files of these contents. */
async function run(files: Record<string, string>) {
  const folder = await Deno.makeTempDir({ prefix: "pli-reports-" });
  try {
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(join(folder, name), text);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--no-check", "--no-config", "--junit-path=report.xml", "."],
      cwd: folder,
      env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder();
    const xml = await Deno.readTextFile(join(folder, "report.xml")).catch(() => "");
    return { xml, printed: text.decode(stdout) + text.decode(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("reports: each failed test is told by its name and the first lines of its message", async () => {
  const { xml } = await run({ "a_test.ts": FAILING });
  assert.deepEqual(countsIn(xml), { passed: 1, failed: 2 });
  const [first, second, ...rest] = told(failuresIn(xml)).split(/^(?=FAILED)/m);
  assert.deepEqual(rest, []);
  assert.match(
    first,
    /^FAILED \.\/a_test\.ts: a <b> & "c"\n {4}AssertionError: 2 => 3 > 1\n {4}what follows\n/,
  );
  assert.match(second, /^FAILED \.\/a_test\.ts: says much\n {4}Error: line\n/);
  assert.equal(second.trimEnd().split("\n").length, 9);
});

Deno.test("reports: nothing is told of tests that are well", async () => {
  const { xml, printed } = await run({ "a_test.ts": 'Deno.test("is well", () => {});' });
  assert.deepEqual(countsIn(xml), { passed: 1, failed: 0 });
  assert.equal(told([...failuresIn(xml), ...uncaughtIn(printed)]), "");
});

Deno.test("reports: a file that throws while it is loaded is told, too", async () => {
  const { xml, printed } = await run({ "a_test.ts": FAILING, "b_test.ts": 'throw new Error("at load");' });
  assert.equal(failuresIn(xml).length, 2);
  assert.match(told(uncaughtIn(printed)), /^FAILED \.\/b_test\.ts\n {4}.*Error: at load\n/);
});

Deno.test("reports: tests that an error beside them ended are told with it", async () => {
  const { xml, printed } = await run({
    "a_test.ts": `
      Deno.test("waits", () => new Promise(() => setTimeout(() => { throw new Error("aside"); })));
      Deno.test("comes later", () => {});`,
  });
  assert.equal(
    told(failuresIn(xml)),
    "FAILED ./a_test.ts: waits\n    Cancelled\nFAILED ./a_test.ts: comes later\n    Cancelled\n",
  );
  assert.match(told(uncaughtIn(printed)), /^FAILED \.\/a_test\.ts\n.*Error: aside\n/);
});

Deno.test("reports: of many failures the first are told, and the count of the others", () => {
  const failures = Array.from({ length: 32 }, (_, at) => ({ file: "f", name: `${at}`, message: "no\n" }));
  assert.match(told(failures), /FAILED f: 29\n {4}no\nFAILED and 2 more\n$/);
});
