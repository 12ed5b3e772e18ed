// Runs the tests and counts them from the reports that the test runner writes, not from its closing line. `full` runs
// the slow suites instead of the quick ones: real peers, namespaces, long runs. Its end-to-end tests are of the bundle or
// of the program as one file, alone and without a network; the quick ones are of the sources. `long` runs what no gate
// has the time for. `arm64` and `windows` run suites on another system (scripts/other_system.ts), behind which `gate`
// leaves the long ones out; paths are the only suite, over the sources or, after `bundle` or `one_file`, over that
// program.
//
// Prints the reasons of ignored tests, the failures, and `N passed, N failed` last. With
// PLI_TEST_SUMMARY set it appends all three to that file. A suite that leaves a process or a temporary file behind
// fails.

import { join } from "node:path";
import { addonUrl } from "../src/engine/native/choice.ts";
import { bundleAlone, withoutNetwork } from "./alone.ts";
import { endProcesses, MARK, removeFiles } from "./leftovers.ts";
import { allSettled } from "../src/engine/settled.ts";
import { without } from "../tests/left_out.ts";
import { oneFile } from "./one_file.ts";
import { type OtherSystem, otherSystem } from "./other_system.ts";
import {
  filesOf,
  FULL,
  LONG,
  ON_OTHER_SYSTEMS,
  type ProgramKind,
  QUICK,
  type Suite,
  type SystemName,
} from "./suites.ts";
import {
  countsIn,
  type Failure,
  failuresIn,
  failureText,
  leftOutIn,
  leftOutText,
  uncaughtIn,
} from "./test_reports.ts";

/** The characters of output that are reported for a run that failed without a failed test. */
const TAIL_LINES = 8;
/** How long output is read after the runner has ended. */
const LINGER_MS = 5_000;
/** A run in which no test ends for this time hangs. */
const HANG_MS = { quick: 300_000, emulated: 600_000, full: 1_800_000 };
// deno-lint-ignore no-control-regex
const COLOURS = /\x1b\[[\d;]*m/g;
/** The end of the line of a finished test. */
const ENDED = /\.\.\. (ok|FAILED|ignored)\b/;
/** Every user may create files and remove only their own, as in /tmp. */
const STICKY_FOR_ALL = 0o1777;

/** A suite's report, its folder for temporary files, and the mark of its processes. */
interface Place {
  report: string;
  temporary: string;
  mark: string;
}

const mode = Deno.args[0] ?? "quick";
const isFull = mode === "full" || mode === "long";
const root = new URL("..", import.meta.url).pathname;
const work = await Deno.makeTempDir({ prefix: "pli-tests-" });
const failures: Failure[] = [];
const leftOut: (string | null)[] = [];
let passed = 0;
let failed = 0;
let runs = 0;

try {
  await Deno.chmod(work, 0o755);
  if (mode === "long") {
    for (const suite of LONG) await count(suite, null);
  } else if (isFull) {
    const programs = await builtPrograms();
    for (const suite of FULL) {
      await count(suite, suite.program === undefined ? null : programs[suite.program]);
    }
  } else if (mode in ON_OTHER_SYSTEMS) {
    await countOn(mode as SystemName);
  } else {
    // One of them is mostly idle, waiting for a browser.
    await allSettled(QUICK.map((suite) => count(suite, null)));
  }
} finally {
  await Deno.remove(work, { recursive: true });
}

const summary = `${leftOutText(leftOut)}${failureText(failures)}${passed} passed, ${failed} failed\n`;
const summaryPath = Deno.env.get("PLI_TEST_SUMMARY");
if (summaryPath !== undefined) await Deno.writeTextFile(summaryPath, summary, { append: true });
await say(Deno.stdout, summary);
Deno.exit(failed > 0 || passed === 0 ? 1 : 0);

/** The paths of what end-to-end tests start; null for the sources. */
async function builtPrograms(): Promise<Record<ProgramKind, string | null>> {
  // Without an addon a bundle is not self-contained.
  if (addonUrl() === null) return { bundle: null, one_file: null };
  const bundle = await bundleAlone(await folderOfRun("bundle"));
  if (without("cargo") !== null) return { bundle, one_file: bundle };
  const one_file = join(await folderOfRun("one_file"), "pli");
  await oneFile(one_file, { isFast: true });
  return { bundle, one_file };
}

/**
 * The suites of another system: all of them, those of `gate`, or of the paths that are given, behind the kind of program
 * if it is not the sources.
 */
function suitesOf(name: SystemName): readonly Suite[] {
  const [first, ...rest] = Deno.args.slice(1);
  if (first === undefined) return ON_OTHER_SYSTEMS[name];
  if (first === "gate") return ON_OTHER_SYSTEMS[name].filter(({ isLong }) => !isLong);
  if (first === "bundle" || first === "one_file") return [{ paths: rest, program: first }];
  return [{ paths: [first, ...rest] }];
}

/** Runs the suites of another system. If that cannot be prepared, this is a failure. */
async function countOn(name: SystemName): Promise<void> {
  try {
    const suites = suitesOf(name);
    const system = await otherSystem(name, work, suites);
    for (const suite of suites) {
      const program = suite.program === undefined ? null : await system.program(suite.program);
      await count(suite, program, system);
    }
  } catch (error) {
    failed++;
    failures.push({
      file: name,
      name: null,
      message: error instanceof Error ? error.message : String(error),
    });
  }
}

/** Runs a suite, over a program if one is given, and adds its results to the counts and lists. */
async function count(suite: Suite, program: string | null, system: OtherSystem | null = null): Promise<void> {
  const folder = await folderOfRun(String(runs++));
  const place: Place = {
    report: `${folder}/report.xml`,
    temporary: `${folder}/tmp`,
    mark: crypto.randomUUID(),
  };
  await Deno.mkdir(place.temporary);
  await Deno.chmod(place.temporary, STICKY_FOR_ALL);
  const { success, printed } = await run(place, suite, program, system);
  const xml = await Deno.readTextFile(place.report).catch(() => "");
  const counts = countsIn(xml);
  // The error that ended a file comes before the tests that it ended.
  const found = [...uncaughtIn(printed), ...failuresIn(xml)];
  const others = await leftBy(suite, place);
  // A suite that cannot start fails, also where Wine reports a success.
  if ((!success || xml === "") && found.length === 0) {
    const message = printed.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
    others.push({ file: suite.paths.join(" "), name: null, message });
  }
  passed += counts.passed;
  failed += counts.failed + uncaughtIn(printed).length + others.length;
  const where = system === null ? "" : `${system.platform}: `;
  failures.push(...[...found, ...others].map((each) => ({ ...each, file: where + each.file })));
  leftOut.push(...leftOutIn(xml));
}

async function folderOfRun(name: string): Promise<string> {
  const folder = join(work, name);
  await Deno.mkdir(folder);
  await Deno.chmod(folder, 0o755);
  return folder;
}

/** Runs one process of the test runner to its end. Its output is passed on. */
async function run(
  { report, temporary, mark }: Place,
  suite: Suite,
  program: string | null,
  system: OtherSystem | null,
) {
  const lonely = program === null ? null : withoutNetwork();
  const nameOf = system?.nameOf ?? ((path: string) => path);
  const [command, ...before] = [...lonely ?? [], ...system?.deno(temporary) ?? [Deno.execPath()]];
  const process = new Deno.Command(command, {
    args: [
      ...before,
      "test",
      "-A",
      "--no-check",
      `--junit-path=${nameOf(report)}`,
      ...(suite.isParallel ? ["--parallel"] : []),
      ...filesOf(suite),
    ],
    cwd: root,
    env: {
      DENO_NO_UPDATE_CHECK: "1",
      // Most slow tests are idle, waiting for other processes or for time to pass.
      DENO_JOBS: String(navigator.hardwareConcurrency + 4),
      TMPDIR: temporary,
      [MARK]: mark,
      ...(isFull ? { PLI_LONG: "1" } : {}),
      // A program as one file is unpacked once.
      ...(program === null ? {} : { PLI_PROGRAM: program, PLI_UNPACK: nameOf(join(work, "unpacked")) }),
      ...(lonely === null ? {} : { PLI_WITHOUT_NETWORK: "1" }),
      ...system?.env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const printed: string[] = [];
  const hangMs = isFull ? HANG_MS.full : system === null ? HANG_MS.quick : HANG_MS.emulated;
  let hang: ReturnType<typeof setTimeout> | undefined;
  const watch = () => {
    clearTimeout(hang);
    hang = setTimeout(() => {
      printed.push(`\nno test has ended for ${hangMs / 1000} s: the suite was ended\n`);
      process.kill("SIGKILL");
    }, hangMs);
  };
  const hear = (text: string) => {
    printed.push(text);
    if (ENDED.test(text.replace(COLOURS, ""))) watch();
  };
  watch();
  const read = Promise.all([
    passOn(process.stdout, Deno.stdout, hear),
    passOn(process.stderr, Deno.stderr, hear),
  ]);
  const { success } = await process.status;
  clearTimeout(hang);
  // A process that a test left running may hold the pipes open.
  await Promise.race([read, new Promise((resolve) => setTimeout(resolve, LINGER_MS))]);
  return { success, printed: printed.join("").replace(COLOURS, "") };
}

/** The leftovers of a suite, each as a failure. */
async function leftBy({ paths }: Suite, { mark, temporary }: Place): Promise<Failure[]> {
  const file = paths.join(" ");
  const processes = await endProcesses(mark);
  const files = await removeFiles(temporary);
  return [
    ...processes.map((command) => ({ file, name: null, message: `left running: ${command}` })),
    ...files.map((name) => ({
      file,
      name: null,
      message: `left in the folder for temporary files: ${name}`,
    })),
  ];
}

type Output = typeof Deno.stdout;

async function passOn(
  stream: ReadableStream<Uint8Array>,
  output: Output,
  hear: (text: string) => void,
): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string>)) {
    hear(text);
    await say(output, text);
  }
}

async function say(output: Output, text: string): Promise<void> {
  for (let rest = new TextEncoder().encode(text); rest.length > 0;) {
    rest = rest.subarray(await output.write(rest));
  }
}
