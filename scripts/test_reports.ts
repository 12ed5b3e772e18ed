// Reads the reports of the test runner: the counts of passed and failed tests, the failures with the first lines of
// their messages, and the ignored tests. Pure: text in, text out. A file that throws while it is loaded is in no report,
// only in the runner's output.

export interface Failure {
  /** The file's path as the runner gives it. */
  file: string;
  /** The test's name; null when the file itself failed. */
  name: string | null;
  message: string;
}

/** Limits on messages and failures, so that the end of a log has room for all of them. */
const MESSAGE_LINES = 8;
const LINE_MAXIMUM = 200;
const FAILURES_MAXIMUM = 30;

const TESTCASE =
  /<testcase name="([^"]*)" classname="([^"]*)"[^>]*>\s*<(?:failure|error) message="([^"]*)"[^>]*>([^<]*)</g;
const SKIPPED = /<testcase name="([^"]*)"[^>]*>\s*<skipped\b/g;
/** The end of the name of an ignored test (tests/left_out.ts). */
const REASON = /\(left out: (.*)\)$/;
const UNCAUGHT = /^(\S+) \(uncaught error\)\nerror: (.+(?:\n.+)*)/gm;
const ENTITIES: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

/** The tests in a JUnit report, from the attributes of its outermost element. */
export function countsIn(xml: string): { passed: number; failed: number } {
  const attributes = /<testsuites\b([^>]*)>/.exec(xml)?.[1] ?? "";
  const number = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(attributes)?.[1] ?? 0);
  const failed = number("failures") + number("errors");
  const skipped = (xml.match(/<skipped\b/g) ?? []).length;
  return { passed: number("tests") - failed - skipped, failed };
}

/** The failed tests in a JUnit report. */
export function failuresIn(xml: string): Failure[] {
  return [...xml.matchAll(TESTCASE)].map(([, name, file, brief, message]) => ({
    file: plain(file),
    name: plain(name),
    // A test that was not run has the brief message only.
    message: plain(message.trim() === "" ? brief : message),
  }));
}

/** The files that could not be loaded, from the runner's output. */
export function uncaughtIn(printed: string): Failure[] {
  return [...printed.matchAll(UNCAUGHT)].map(([, file, message]) => ({ file, name: null, message }));
}

/** For each ignored test in a JUnit report the reason in its name; null for none. */
export function leftOutIn(xml: string): (string | null)[] {
  return [...xml.matchAll(SKIPPED)].map(([, name]) => REASON.exec(plain(name))?.[1] ?? null);
}

/** The number of ignored tests for each reason, as text; empty when there are none. */
export function leftOutText(reasons: readonly (string | null)[]): string {
  const counts = Map.groupBy(reasons, (reason) => reason ?? "no reason is given");
  return [...counts].map(([reason, { length }]) => `left out, ${length}: ${reason}\n`).join("");
}

/** The failures as text, each with the first lines of its message, indented; empty when there are none. */
export function failureText(failures: readonly Failure[]): string {
  const shown = failures.slice(0, FAILURES_MAXIMUM).map(({ file, name, message }) => {
    const lines = message.split("\n").filter((line) => line.trim() !== "").slice(0, MESSAGE_LINES);
    const head = `FAILED ${file}${name === null ? "" : `: ${name}`}`;
    return [head, ...lines.map((line) => `    ${line.slice(0, LINE_MAXIMUM)}`)].join("\n") + "\n";
  });
  const rest = failures.length - shown.length;
  return shown.join("") + (rest > 0 ? `FAILED and ${rest} more\n` : "");
}

function plain(text: string): string {
  return text.replace(/&(?:#(\d+)|(\w+));/g, (whole, number, name) => {
    return number === undefined ? ENTITIES[name] ?? whole : String.fromCodePoint(Number(number));
  });
}
