// The benchmark: runs pli and another program in turn, prints the comparison and whether goals are met, and stores each
// value. A case fails when a program fails, and not when a machine is slow.
// Needs Linux; Rust and Go for the peers, root for `long-link`, `lossy-link` and `lossy-transfer`.

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Case } from "./case.ts";
import { croc } from "./cases/croc.ts";
import { file } from "./cases/file.ts";
import { hash } from "./cases/hash.ts";
import { longLink, lossyLink, lossyTransfer } from "./cases/links.ts";
import { memory } from "./cases/memory.ts";
import { page } from "./cases/page.ts";
import { fileVsLoop, stdoutVsPump } from "./cases/pump.ts";
import { smallFiles } from "./cases/small_files.ts";
import { ticket } from "./cases/ticket.ts";
import { version } from "./cases/version.ts";
import { Lab, writeAll } from "./lab.ts";
import { describeMachine } from "./machine.ts";
import { type Report, tableOf, withTable } from "./table.ts";

const CASES = [
  file,
  fileVsLoop,
  stdoutVsPump,
  ticket,
  smallFiles,
  page,
  longLink,
  lossyLink,
  lossyTransfer,
  croc,
  version,
  memory,
  hash,
];
const HELP = `npm run bench -- [OPTIONS]

  --case NAME     only this one; can be repeated: ${[...new Set(CASES.flatMap(measuresOf))].join(", ")}
  --pairs N       how often both programs take turns (5)
  --scale X       multiplies the sizes; for a quick look, not for results (1)
  --bundle        run dist/pli.js, as npm run build made it, not the source
  --folder DIR    where files are sent from and received to (the system's temporary folder)
  --json PATH     where every value is kept (dist/bench/<date>.json)
  --markdown      print the table as Markdown
  --document PATH replaces the section of a Markdown document that is marked for it: docs/measurements.md
  --from PATH     run nothing: print the table of what --json kept
`;

function measuresOf({ measures }: Case): string[] {
  return measures;
}

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    case: { type: "string", multiple: true, default: [] },
    pairs: { type: "string", default: "5" },
    scale: { type: "string", default: "1" },
    bundle: { type: "boolean", default: false },
    folder: { type: "string" },
    json: { type: "string" },
    markdown: { type: "boolean", default: false },
    document: { type: "string" },
    from: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

async function print(text: string): Promise<void> {
  await writeAll(Deno.stdout, new TextEncoder().encode(text));
}

async function printTable(report: Report): Promise<void> {
  await print(`${tableOf(report, options.markdown).join("\n")}\n`);
  const { document } = options;
  if (document === undefined) return;
  await Deno.writeTextFile(document, withTable(await Deno.readTextFile(document), report));
}

/** Resolves to whether every case succeeded. */
async function measure(cases: Case[]): Promise<boolean> {
  const [pairs, scale] = [Number(options.pairs), Number(options.scale)];
  if (!(Number.isInteger(pairs) && pairs > 0 && scale > 0)) {
    throw new Error("--pairs and --scale are positive");
  }
  await using lab = await Lab.open({ pairs, scale, isBundled: options.bundle, parent: options.folder });
  let isInterrupted = false;
  // The running case then fails, and everything is removed.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      isInterrupted = true;
      lab.stopAll();
    });
  }
  const report: Report = { machine: await describeMachine(lab), pairs, scale, comparisons: [] };
  const path = options.json ?? resultPath();
  await Deno.mkdir(dirname(path), { recursive: true });
  let hasWorked = true;
  for (const { measures, run } of cases) {
    await lab.say(`\n${measures.join(", ")}`);
    try {
      report.comparisons.push(...await run(lab));
    } catch (error) {
      if (!isInterrupted) await lab.say(`failed: ${error instanceof Error ? error.message : error}`);
      hasWorked = false;
    }
    // After every case: values are kept when a later case fails.
    await Deno.writeTextFile(path, `${JSON.stringify(report, null, 1)}\n`);
    if (isInterrupted) break;
  }
  await lab.say("");
  await printTable(report);
  await lab.say(`\nkept in ${path}`);
  return hasWorked;
}

function resultPath(): string {
  const name = new Date().toISOString().slice(0, 19).replaceAll(":", "");
  return fileURLToPath(new URL(`../../dist/bench/${name}.json`, import.meta.url));
}

const chosen = CASES.filter(({ measures }) =>
  options.case.length === 0 || measures.some((name) => options.case.includes(name))
);
const unknown = options.case.filter((name) => !CASES.some(({ measures }) => measures.includes(name)));
if (options.help || unknown.length > 0) {
  if (unknown.length > 0) await print(`no such case: ${unknown.join(", ")}\n\n`);
  await print(HELP);
  Deno.exit(options.help ? 0 : 2);
} else if (options.from !== undefined) {
  await printTable(JSON.parse(await Deno.readTextFile(options.from)));
} else {
  const hasWorked = await measure(chosen);
  Deno.exit(hasWorked ? 0 : 1);
}
