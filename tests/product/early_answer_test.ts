// A paste at a real terminal that contains an answer to the question for consent, before the question was drawn.

import { match, rejects, strictEqual } from "node:assert";
import { needing } from "../left_out.ts";
import { Bench } from "./processes.ts";
import { atTerminal, drawn, NO_TERMINAL, type Typed } from "./terminal.ts";
import { writeTree } from "./trees.ts";

const LOCAL = ["--relay", "disabled"];

Deno.test(
  needing("consent is given by what is typed after its question, not by a paste before it", NO_TERMINAL),
  async () => {
    await using bench = await Bench.make();
    await writeTree(bench.path("src"), {
      ".envrc": new Uint8Array(3),
      ".git/hooks/post-checkout": new Uint8Array(3),
    });
    const sender = bench.pli(["send", "--keep", "--ticket", "addresses", ...LOCAL, "src"]);
    const ticket = await sender.ticket();
    const cases: [string, string[], Typed, number][] = [
      ["line", [ticket], { early: "y\n", answer: "\n" }, 1],
      ["part", [ticket], { early: "y", answer: "\n" }, 1],
      ["prompt", [], { early: `${ticket}\ny\n`, answer: "\n" }, 1],
      ["dumb", [ticket], { early: "y\ny", answer: "\n", term: "dumb" }, 1],
      ["accepted", [ticket], { early: "n\nn", answer: "y\n" }, 0],
    ];
    for (const [home, words, typed, exit] of cases) {
      const out = bench.path(`${home}-out`);
      const receiver = atTerminal(bench, home, ["receive", "-o", `${out}/`, ...LOCAL, ...words], typed);
      strictEqual(await receiver.ended(), exit, `${home}: ${receiver.output}`);
      match(await drawn(bench, home), /Receive this\? \[y\/N\]/);
      if (exit !== 0) await rejects(Deno.stat(`${out}/src`), Deno.errors.NotFound);
    }
  },
);
