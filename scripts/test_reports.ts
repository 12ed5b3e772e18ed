// What the reports of the test runner say: how many tests passed and failed, and which failed, with the first lines
// of why. Pure: text in, text out. A file that threw while it was loaded is in no report, only in what the runner
// printed.

export interface Failure {
  /** The file's path as the runner gives it. */
  file: string;
  /** The test's; null when the file itself failed. */
  name: string | null;
  message: string;
}

/** So much of each message, and so many failures, that the end of a log holds them all. */
const MESSAGE_LINES = 8;
const LINE_MAXIMUM = 200;
const FAILURES_MAXIMUM = 30;

const TESTCASE =
  /<testcase name="([^"]*)" classname="([^"]*)"[^>]*>\s*<(?:failure|error) message="([^"]*)"[^>]*>([^<]*)</g;
const UNCAUGHT = /^(\S+) \(uncaught error\)\nerror: (.+(?:\n.+)*)/gm;
const ENTITIES: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

/** The tests in a JUnit report, as the attributes of its outermost element add them up. */
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
    // A test that did not come to its turn has no more than the brief one.
    message: plain(message.trim() === "" ? brief : message),
  }));
}

/** The files that could not be loaded, of what the runner printed. */
export function uncaughtIn(printed: string): Failure[] {
  return [...printed.matchAll(UNCAUGHT)].map(([, file, message]) => ({ file, name: null, message }));
}

/** The failures in words, each with the first lines of its message, indented; nothing when there are none. */
export function told(failures: readonly Failure[]): string {
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
