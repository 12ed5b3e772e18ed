// Runs the tests and counts them truly: from the reports that the test runner writes, not from its closing
// line. `full` runs the slow suites instead of the quick ones: real peers, namespaces, long runs. Its end-to-end
// tests are of the bundle, alone and without a network; the quick ones are of the sources.
//
// Names what failed, and why, and prints `N passed, N failed` last; with PLI_TEST_SUMMARY set, appends both to
// that file.

import { addonUrl } from "../src/engine/native/choice.ts";
import { bundleAlone, withoutNetwork } from "./alone.ts";
import { countsIn, type Failure, failuresIn, told, uncaughtIn } from "./test_reports.ts";

interface Suite {
  paths: string[];
  /** Whether its end-to-end tests start the bundle instead of the sources. */
  isOfBundle?: true;
}

const SUITES: Record<"quick" | "full", Suite[]> = {
  quick: [{
    paths: [
      "tests/structure_test.ts",
      "tests/scripts",
      "tests/engine",
      "tests/app",
      "tests/web",
      "tests/words",
      "tests/cli",
      "tests/bench",
      "tests/product",
      "tests/hostile",
      "tests/corruption",
      "tests/simulation",
      "tests/crash",
    ],
  }],
  // One suite after the other: they measure, or have the machine's network to themselves.
  full: [
    { paths: ["tests/engine/wire", "tests/engine/store"] },
    { paths: ["tests/corruption", "tests/simulation"] },
    { paths: ["tests/crash"] },
    // Its own process: the strangers' ends of a thousand connections live in it.
    { paths: ["tests/crowd"] },
    { paths: ["tests/full"] },
    { paths: ["tests/interop"] },
    { paths: ["tests/product", "tests/release"], isOfBundle: true },
    { paths: ["tests/browser"], isOfBundle: true },
    { paths: ["tests/network"] },
  ],
};
/** Of a run that ended without a failed test, so much of what it printed last. */
const TAIL_LINES = 8;
/** How long what was printed is read after the runner has ended. */
const LINGER_MS = 5_000;

const isFull = Deno.args[0] === "full";
const root = new URL("..", import.meta.url).pathname;
const reports = await Deno.makeTempDir({ prefix: "pli-tests-" });
const bundleFolder = await Deno.makeTempDir({ prefix: "pli-alone-" });
const failures: Failure[] = [];
let passed = 0;
let failed = 0;

try {
  const groups = isFull ? SUITES.full : SUITES.quick;
  // Without an addon it would not stand alone.
  const bundle = isFull && addonUrl() !== null ? await bundleAlone(bundleFolder) : null;
  for (const [index, { paths, isOfBundle }] of groups.entries()) {
    const report = `${reports}/${index}.xml`;
    const { success, printed } = await run(report, paths, isOfBundle ? bundle : null);
    const xml = await Deno.readTextFile(report).catch(() => "");
    const counts = countsIn(xml);
    // What ended a file stands before the tests that it ended.
    const found = [...uncaughtIn(printed), ...failuresIn(xml)];
    passed += counts.passed;
    failed += counts.failed + uncaughtIn(printed).length;
    // So fails what cannot even begin.
    if (!success && found.length === 0) {
      failed++;
      const message = printed.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
      found.push({ file: paths.join(" "), name: null, message });
    }
    failures.push(...found);
  }
} finally {
  await Deno.remove(reports, { recursive: true });
  await Deno.remove(bundleFolder, { recursive: true });
}

if (addonUrl() === null) {
  await say(
    Deno.stdout,
    "The native addon has not been built, so its tests were ignored: npm run native builds it.\n",
  );
}
const summary = `${told(failures)}${passed} passed, ${failed} failed\n`;
const summaryPath = Deno.env.get("PLI_TEST_SUMMARY");
if (summaryPath !== undefined) await Deno.writeTextFile(summaryPath, summary, { append: true });
await say(Deno.stdout, summary);
Deno.exit(failed > 0 || passed === 0 ? 1 : 0);

/** One process of the test runner, to its end; over a bundle, if one is given. What it prints is passed on. */
async function run(report: string, paths: string[], bundle: string | null) {
  const lonely = bundle === null ? null : withoutNetwork();
  const [program, ...before] = [...lonely ?? [], Deno.execPath()];
  const process = new Deno.Command(program, {
    args: [
      ...before,
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
      ...(bundle === null ? {} : { PLI_PROGRAM: bundle }),
      ...(lonely === null ? {} : { PLI_WITHOUT_NETWORK: "1" }),
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const printed: string[] = [];
  const read = Promise.all([
    passOn(process.stdout, Deno.stdout, printed),
    passOn(process.stderr, Deno.stderr, printed),
  ]);
  const { success } = await process.status;
  // What a test has left running may hold the pipes open.
  await Promise.race([read, new Promise((resolve) => setTimeout(resolve, LINGER_MS))]);
  // deno-lint-ignore no-control-regex
  return { success, printed: printed.join("").replace(/\x1b\[[\d;]*m/g, "") };
}

type Output = typeof Deno.stdout;

async function passOn(stream: ReadableStream<Uint8Array>, output: Output, printed: string[]): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string>)) {
    printed.push(text);
    await say(output, text);
  }
}

async function say(output: Output, text: string): Promise<void> {
  for (let rest = new TextEncoder().encode(text); rest.length > 0;) {
    rest = rest.subarray(await output.write(rest));
  }
}
