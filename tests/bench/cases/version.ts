// Start-up time of the bundled pli, compared with an empty script: whole processes, in turn.

import type { Case } from "../case.ts";
import type { Lab } from "../lab.ts";
import { alternate } from "../statistics.ts";

/** Starts are short and vary, so there are more runs than in other cases. */
const LEAST_RUNS = 21;

export const version: Case = {
  measures: ["version"],
  async run(lab) {
    const [bundle, empty] = [lab.freshPath("pli") + ".js", lab.freshPath("empty") + ".js"];
    await lab.output(Deno.execPath(), "run", "-A", buildScript, bundle);
    await Deno.writeTextFile(empty, "");
    const commands = { pli: [bundle, "--version"], empty: [empty] };
    // The first start fills the compilation cache.
    for (const args of Object.values(commands)) await startSeconds(lab, args);
    const { ours, theirs } = await alternate(
      Math.max(LEAST_RUNS, lab.options.pairs),
      () => startSeconds(lab, commands.pli),
      () => startSeconds(lab, commands.empty),
    );
    return [{
      measure: "version",
      words: "`pli --version` from the bundle, the whole process",
      unit: "s",
      pli: { name: "pli", values: ours },
      other: { name: "an empty script", values: theirs },
      goals: [{ of: "ratio", at: "most", bound: 1.5 }],
    }];
  },
};

const buildScript = new URL("../../../scripts/build.ts", import.meta.url).pathname;

async function startSeconds(lab: Lab, args: string[]): Promise<number> {
  const startMs = performance.now();
  await lab.output(Deno.execPath(), "run", "-A", ...args);
  return (performance.now() - startMs) / 1000;
}
