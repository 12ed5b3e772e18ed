// Medians, ratios and goals, on numbers that can be checked by eye; and the table made of them.

import assert from "node:assert/strict";
import { alternate, type Comparison, type Goal, median, summarize } from "./statistics.ts";
import { tableOf, withTable } from "./table.ts";

const goal = (of: Goal["of"], at: Goal["at"], bound: number): Goal => ({ of, at, bound });

function comparison(pli: number[], other: number[] | null, goals: Goal[]): Comparison {
  return {
    measure: "file",
    words: "a file",
    unit: "s",
    pli: { name: "pli", values: pli },
    other: other === null ? null : { name: "peer 1.0", values: other },
    goals,
  };
}

const MACHINE = {
  cpu: "a processor",
  cores: 2,
  memoryGiB: 8,
  system: "linux 6.1",
  fileSystem: "ext4",
  date: "2026-01-02",
  pli: "pli 0.1.0",
  binding: "a binding",
  deno: "2.9.6",
};

Deno.test("the median is the middle value, or the mean of the two in the middle", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(median([10, 9]), 9.5);
  assert.ok(Number.isNaN(median([])));
});

Deno.test("a ratio is the median of the pairs' ratios, not the ratio of the medians", () => {
  const { pli, other, ratio } = summarize(comparison([1, 2, 30], [2, 8, 40], []));
  assert.deepEqual([pli, other], [2, 8]);
  assert.deepEqual(ratio, { median: 0.5, lowest: 0.25, highest: 0.75 });
});

Deno.test("the goals of a row are met when each of them is", () => {
  const isMet = (...goals: Goal[]) => summarize(comparison([1, 1, 1], [2, 2, 2], goals)).isMet;
  assert.equal(isMet(), null);
  assert.equal(isMet(goal("ratio", "most", 0.5)), true);
  assert.equal(isMet(goal("ratio", "least", 0.6)), false);
  assert.equal(isMet(goal("ratio", "most", 0.5), goal("value", "most", 0.9)), false);
  assert.equal(summarize(comparison([1], null, [goal("ratio", "most", 9)])).isMet, false);
});

Deno.test("programs run in turn, pli first", async () => {
  const order: string[] = [];
  const run = (name: string) => () => Promise.resolve(order.push(name));
  await alternate(3, run("ours"), run("theirs"));
  assert.deepEqual(order, ["ours", "theirs", "ours", "theirs", "ours", "theirs"]);
});

Deno.test("the table names the machine, the goal and the outcome, in either form", () => {
  const comparisons = [comparison([1, 1, 1], [2, 2, 2], [goal("ratio", "most", 0.5)])];
  for (const isMarkdown of [true, false]) {
    const text = tableOf({ machine: MACHINE, pairs: 3, scale: 1, comparisons }, isMarkdown).join("\n");
    for (const part of ["a processor, 2 cores", "peer 1.0: 2 s", "0.5 (0.5 to 0.5)", "≤ 0.5", "met"]) {
      assert.ok(text.includes(part), `${part} in:\n${text}`);
    }
    assert.doesNotMatch(text, /quick look/);
  }
});

Deno.test("the table replaces the section between the marks of a document, and nothing else", () => {
  const report = { machine: MACHINE, pairs: 1, scale: 1, comparisons: [comparison([1], [2], [])] };
  const [before, after] = ["# Title\n\n<!-- bench -->\n", "<!-- /bench -->\n\nLast.\n"];
  const document = withTable(`${before}an older table\n${after}`, report);
  assert.ok(document.startsWith(before) && document.endsWith(after), document);
  assert.match(document, /2026-01-02.*\n[^]*\| file \| a file \| 1 s \| peer 1\.0: 2 s \| 0\.5/);
  assert.doesNotMatch(document, /older/);
  assert.equal(withTable(document, report), document);
  assert.throws(() => withTable("# Title\n", report), /no section/);
});
