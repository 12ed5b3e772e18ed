// Runs the tests and counts them truly: from the reports that the test runner writes, not from its closing
// line. `full` runs the slow suites instead of the quick ones: real peers, namespaces, long runs.
//
// Prints `N passed, N failed` last; with PLI_TEST_COUNTS set, appends the same line to that file.

import { addonUrl } from "../src/engine/native/choice.ts";

const SUITES = {
  quick: [[
    "tests/structure_test.ts",
    "tests/engine",
    "tests/app",
    "tests/web",
    "tests/cli",
    "tests/bench",
    "tests/product",
    "tests/hostile",
    "tests/corruption",
    "tests/simulation",
    "tests/crash",
  ]],
  // One suite after the other: they measure, or have the machine's network to themselves.
  full: [
    ["tests/engine/wire", "tests/engine/store"],
    ["tests/corruption", "tests/simulation"],
    ["tests/crash"],
    // Its own process: the strangers' ends of a thousand connections live in it.
    ["tests/crowd"],
    ["tests/full"],
    ["tests/interop"],
    ["tests/browser"],
    ["tests/network"],
  ],
};

const isFull = Deno.args[0] === "full";
const root = new URL("..", import.meta.url).pathname;
const reports = await Deno.makeTempDir({ prefix: "pli-tests-" });
let passed = 0;
let failed = 0;

try {
  const groups = isFull ? SUITES.full : SUITES.quick;
  for (const [index, paths] of groups.entries()) {
    const report = `${reports}/${index}.xml`;
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: [
        "test",
        "-A",
        "--no-check",
        `--junit-path=${report}`,
        ...(isFull ? [] : ["--parallel"]),
        ...paths,
      ],
      cwd: root,
      env: {
        DENO_NO_UPDATE_CHECK: "1",
        // Most of the slow tests wait for other processes, or for time to pass.
        DENO_JOBS: String(navigator.hardwareConcurrency + 2),
        ...(isFull ? { PLI_LONG: "1" } : {}),
      },
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).output();
    const counts = await count(report);
    passed += counts.passed;
    failed += counts.failed;
    // A file that cannot even be loaded fails without a test of its own in the report.
    if (!success && counts.failed === 0) failed++;
  }
} finally {
  await Deno.remove(reports, { recursive: true });
}

if (addonUrl() === null) {
  await say("The native addon has not been built, so its tests were ignored: npm run native builds it.");
}
const line = `${passed} passed, ${failed} failed`;
const countsPath = Deno.env.get("PLI_TEST_COUNTS");
if (countsPath !== undefined) await Deno.writeTextFile(countsPath, `${line}\n`, { append: true });
await say(line);
Deno.exit(failed > 0 || passed === 0 ? 1 : 0);

async function say(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${text}\n`));
}

/** The tests in a JUnit report, as the attributes of its outermost element add them up. */
async function count(report: string): Promise<{ passed: number; failed: number }> {
  const xml = await Deno.readTextFile(report).catch(() => "");
  const attributes = /<testsuites\b([^>]*)>/.exec(xml)?.[1] ?? "";
  const number = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(attributes)?.[1] ?? 0);
  const failed = number("failures") + number("errors");
  const skipped = (xml.match(/<skipped\b/g) ?? []).length;
  return { passed: number("tests") - failed - skipped, failed };
}
