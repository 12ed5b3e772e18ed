// A.3: names with escape sequences, line breaks, bidi and zero-width characters, at a real terminal. Its
// output is checked byte for byte: all control sequences are those of pli.

import assert from "node:assert/strict";
import { needing } from "../left_out.ts";
import { HostileProvider } from "./hostile_provider.ts";
import { Bench } from "./processes.ts";
import { atTerminal, drawn, NO_TERMINAL } from "./terminal.ts";
import { noise, writeTree } from "./trees.ts";
import { bindIroh } from "../system_ports.ts";

const LOCAL = ["--relay", "disabled"];

/** None of them has a sequence that pli uses. */
const TRICKS = [
  "a\x1b[2Jcleared",
  "b\x1b]0;title\x07",
  "c\x1b]52;c;ZXZpbA==\x07clipboard",
  "d\nFORGED line",
  "e\rOVERWRITTEN",
  "f\x08\x08\x08erased",
  "g\x9b31mc1",
  "h\u202egpj.exe",
  "i\u2066isolated\u2069",
  "j\u200bzero\u200d\ufeffwidth",
  "k\u2028line",
  "l\x7fdelete",
  "m\x1bPdevice\x9c",
  "n\x1b[35mcolour",
];
/** The control sequences of pli: clearing progress, colours, bracketed paste, line ends. */
// deno-lint-ignore no-control-regex
const OWN = /\r\n|\r\x1b\[K|\x1b\[(?:0|2|31|32|33)m|\x1b\[\?2004[hl]/g;
// deno-lint-ignore no-control-regex
const DANGEROUS = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

/** Asserts that the output has only control sequences of pli, and the names, escaped. */
function assertHarmless(text: string, names: readonly string[]): void {
  const rest = text.replace(OWN, "|");
  const at = rest.search(DANGEROUS);
  assert.ok(
    at < 0,
    `raw ${rest.charCodeAt(at).toString(16)}: ${JSON.stringify(rest.slice(at - 80, at + 80))}`,
  );
  assert.doesNotMatch(text, /(^|[\r\n])(FORGED|OVERWRITTEN)/);
  for (const name of names) assert.ok(text.includes(escaped(name)), `${JSON.stringify(name)} is not shown`);
}

/** A name as it must be shown, computed independently of the code under test. */
function escaped(name: string): string {
  return [...name].map((character) =>
    DANGEROUS.test(character) ? `\\u{${character.codePointAt(0)!.toString(16)}}` : character
  ).join("");
}

Deno.test(needing("A.3 names of a real folder reach both terminals only escaped", NO_TERMINAL), async () => {
  await using bench = await Bench.make();
  const tree = Object.fromEntries(TRICKS.map((name, at) => [`f\x1b[2J/${name}`, noise(at)]));
  await writeTree(bench.folder, tree);
  // Names of skipped, renamed, existing and received files are shown too.
  await Deno.symlink("/", bench.path("f\x1b[2J", "link\x1b[2J"));
  await writeTree(bench.path("out"), {
    [`f\x1b[2J/${TRICKS[0]}`]: noise(99),
    [`f\x1b[2J/${TRICKS[5]}`]: noise(98),
  });
  const sender = atTerminal(bench, "sender", ["send", ...LOCAL, "-v", "f\x1b[2J"]);
  const ticket = await sender.stdout.first((line) => /blob[a-z2-7]{60,}/.exec(line)?.[0]);
  assert.ok(ticket !== undefined, sender.output);
  const options = ["--preview", "-v", "--out", bench.path("out/")];
  const receiver = atTerminal(bench, "receiver", ["receive", ...LOCAL, ...options, ticket], {
    answer: "y\n",
  });
  assert.equal(await receiver.ended(), 0, receiver.output);
  assert.equal(await sender.ended(), 0, sender.output);
  assertHarmless(await drawn(bench, "sender"), ["f\x1b[2J/link\x1b[2J"]);
  const received = await drawn(bench, "receiver");
  assertHarmless(received, [...TRICKS.slice(0, 8), TRICKS[0], `f\x1b[2J`]);
  assert.match(received, /cleared is saved as f\\u\{1b\}\[2J\/a\\u\{1b\}\[2Jcleared \(2\)/);
});

Deno.test(
  needing("A.3 names of a hostile provider are shown escaped in previews, questions and errors", NO_TERMINAL),
  async () => {
    await using bench = await Bench.make();
    const shown = [...TRICKS, ".hidden\x1b[2J", ".nul\x1b]0;x\x07"];
    await using provider = await HostileProvider.offer(bindIroh, shown.map((name) => [name, name]));
    const out = ["--out", bench.path("out/")];
    const declined = atTerminal(bench, "declined", [
      "receive",
      ...LOCAL,
      "--preview",
      ...out,
      provider.ticket,
    ], { answer: "n\n" });
    assert.notEqual(await declined.ended(), 0);
    assertHarmless(await drawn(bench, "declined"), [...TRICKS.slice(0, 8), ".hidden\x1b[2J"]);
    const inspected = atTerminal(bench, "inspected", ["inspect", ...LOCAL, "--remote", provider.ticket]);
    assert.equal(await inspected.ended(), 0, inspected.output);
    assertHarmless(await drawn(bench, "inspected"), shown);

    // The name is the reason of these errors, so they contain it.
    const bad = ["x\x1b[2J\x07/../y", "a\0\x1b]0;t\x07", "twice\u202e"];
    for (const [at, name] of bad.entries()) {
      await using refused = await HostileProvider.offer(bindIroh, [[name, ""], [name, ""]]);
      const home = `refused${at}`;
      const receiver = atTerminal(bench, home, ["receive", ...LOCAL, "-v", ...out, refused.ticket]);
      assert.equal(await receiver.ended(), 4, receiver.output);
      assertHarmless(await drawn(bench, home), [name]);
    }
    const json = bench.pli(["inspect", ...LOCAL, "--remote", provider.ticket]);
    assert.equal(await json.ended(), 0, json.output);
    for (const line of json.stdout.all) assert.doesNotMatch(line, DANGEROUS);
    const manifest = json.events.find((event) => event.type === "manifest");
    assert.deepEqual(Array.from(manifest?.files ?? [], ({ name }) => name), shown);
  },
);
