import { deepStrictEqual, strictEqual } from "node:assert";
import { Output, type OutputMode } from "../../src/cli/report/output.ts";
import { CliFixture, type FakeOptions } from "./cli_fixture.ts";

const PLAIN: OutputMode = { json: false, quiet: false, color: true, isDataOutput: false, isPlain: false };

async function written(mode: Partial<OutputMode>, options: FakeOptions, write: (output: Output) => void) {
  const fixture = new CliFixture("", options);
  const output = new Output(fixture.terminal, { ...PLAIN, ...mode });
  write(output);
  await output.flush();
  return [fixture.output.text, fixture.error.text];
}

function writeAll(output: Output) {
  output.result("result");
  output.say("word");
  output.sayDespiteQuiet("error");
  output.json({ type: "waiting", reason: "relay" });
}

Deno.test("output: results and messages go to different streams", async () => {
  deepStrictEqual(await written({}, {}, writeAll), ["result\n", "word\nerror\n"]);
});

Deno.test("output: quiet leaves messages out", async () => {
  deepStrictEqual(await written({ quiet: true }, {}, writeAll), ["result\n", "error\n"]);
});

Deno.test("output: JSON lines are the only output, on standard error beside data", async () => {
  const line = '{"v":1,"type":"waiting","reason":"relay"}\n';
  deepStrictEqual(await written({ json: true }, {}, writeAll), [line, ""]);
  deepStrictEqual(await written({ json: true, isDataOutput: true }, {}, writeAll), ["", line]);
  deepStrictEqual(await written({ isDataOutput: true }, {}, writeAll), ["", "word\nerror\n"]);
});

Deno.test("output: control characters of names do not reach the terminal", async () => {
  const [result, words] = await written({}, {}, (output) => {
    output.result("a\nb");
    output.say("a\x1b[31mb");
    output.ask("a\rb");
  });
  strictEqual(result, "a\\u{a}b\n");
  strictEqual(words, "a\\u{1b}[31mb\na\\u{d}b ");
});

Deno.test("output: colours are for terminals that support them", async () => {
  const warn = (output: Output) => output.say("word", "warning");
  deepStrictEqual(await written({}, { isTerminal: true }, warn), ["", "\x1b[33mword\x1b[0m\n"]);
  deepStrictEqual(await written({ color: false }, { isTerminal: true }, warn), ["", "word\n"]);
  deepStrictEqual(await written({}, {}, warn), ["", "word\n"]);
});

Deno.test("output: progress is drawn on a terminal only, and cleared before a line", async () => {
  const fixture = new CliFixture("", { isTerminal: true });
  const output = new Output(fixture.terminal, PLAIN);
  output.progress("1 %");
  await output.flush();
  output.progress("2 %");
  output.say("word");
  await output.flush();
  strictEqual(fixture.error.text, "\r\x1b[K1 %\r\x1b[K2 %\r\x1b[Kword\n");
  deepStrictEqual(await written({}, {}, (output) => output.progress("1 %")), ["", ""]);
  deepStrictEqual(await written({ quiet: true }, { isTerminal: true }, (output) => output.progress("1 %")), [
    "",
    "",
  ]);
});

Deno.test("output: reports a closed reader, and does not fail", async () => {
  const fixture = new CliFixture("");
  let closed = 0;
  const output = new Output(fixture.terminal, PLAIN, undefined, () => closed++);
  const fault = new Deno.errors.BrokenPipe();
  fixture.output.fault = fixture.error.fault = fault;
  output.say("word");
  await output.flush();
  strictEqual(closed, 0);
  output.result("result");
  await output.flush();
  strictEqual(closed, 1);
  strictEqual(output.fault, fault);
});
