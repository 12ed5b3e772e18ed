// The report of failed tests, from the output of the real runner.

import assert from "node:assert/strict";
import { join } from "node:path";
import {
  countsIn,
  failuresIn,
  failureText,
  leftOutIn,
  leftOutText,
  uncaughtIn,
} from "../../scripts/test_reports.ts";

const FAILING = `
import assert from "node:assert/strict";
Deno.test('a <b> & "c"', () => assert.equal([1].map((x) => x + 1)[0], 3, "2 => 3 > 1\\n\\nwhat follows"));
Deno.test("is well", () => {});
Deno.test({ name: "is left out", ignore: true, fn() {} });
Deno.test({ name: "needs (left out: there is no <x>)", ignore: true, fn() {} });
Deno.test({ name: "needs it, too (left out: there is no <x>)", ignore: true, fn() {} });
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

Deno.test("reports: each failed test is shown by its name and the first lines of its message", async () => {
  const { xml } = await run({ "a_test.ts": FAILING });
  assert.deepEqual(countsIn(xml), { passed: 1, failed: 2 });
  const [first, second, ...rest] = failureText(failuresIn(xml)).split(/^(?=FAILED)/m);
  assert.deepEqual(rest, []);
  assert.match(
    first,
    /^FAILED \.\/a_test\.ts: a <b> & "c"\n {4}AssertionError: 2 => 3 > 1\n {4}what follows\n/,
  );
  assert.match(second, /^FAILED \.\/a_test\.ts: says much\n {4}Error: line\n/);
  assert.equal(second.trimEnd().split("\n").length, 9);
});

Deno.test("reports: tests that are left out are counted by their reasons, and have not passed", async () => {
  const { xml } = await run({ "a_test.ts": FAILING });
  assert.equal(countsIn(xml).passed, 1);
  assert.equal(
    leftOutText(leftOutIn(xml)),
    "left out, 1: no reason is given\nleft out, 2: there is no <x>\n",
  );
  assert.equal(leftOutText([]), "");
});

Deno.test("reports: nothing is shown of passed tests", async () => {
  const { xml, printed } = await run({ "a_test.ts": 'Deno.test("is well", () => {});' });
  assert.deepEqual(countsIn(xml), { passed: 1, failed: 0 });
  assert.equal(failureText([...failuresIn(xml), ...uncaughtIn(printed)]), "");
});

Deno.test("reports: a file that throws while it is loaded is shown, too", async () => {
  const { xml, printed } = await run({ "a_test.ts": FAILING, "b_test.ts": 'throw new Error("at load");' });
  assert.equal(failuresIn(xml).length, 2);
  assert.match(failureText(uncaughtIn(printed)), /^FAILED \.\/b_test\.ts\n {4}.*Error: at load\n/);
});

Deno.test("reports: tests that another error ended are shown with it", async () => {
  const { xml, printed } = await run({
    "a_test.ts": `
      Deno.test("waits", () => new Promise(() => setTimeout(() => { throw new Error("aside"); })));
      Deno.test("comes later", () => {});`,
  });
  assert.equal(
    failureText(failuresIn(xml)),
    "FAILED ./a_test.ts: waits\n    Cancelled\nFAILED ./a_test.ts: comes later\n    Cancelled\n",
  );
  assert.match(failureText(uncaughtIn(printed)), /^FAILED \.\/a_test\.ts\n.*Error: aside\n/);
});

Deno.test("reports: of many failures the first are shown, and the count of the others", () => {
  const failures = Array.from({ length: 32 }, (_, at) => ({ file: "f", name: `${at}`, message: "no\n" }));
  assert.match(failureText(failures), /FAILED f: 29\n {4}no\nFAILED and 2 more\n$/);
});
