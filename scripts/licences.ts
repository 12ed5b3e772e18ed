// The licences of what a released program contains other than pli, as one text. `npm run licences [PATH]` writes that of
// the one-file program for this system, by default to dist/LICENCES.txt.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "./command.ts";
import { type Component, componentsOf } from "./components.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** One text: the licence of each component, then each licence text once, under the names of its components. */
export function written(components: readonly Component[]): string {
  const carriers = new Map<string, string[]>();
  for (const { name, version, texts } of components) {
    for (const text of texts) carriers.set(text, [...carriers.get(text) ?? [], `${name} ${version}`]);
  }
  const list = components.map(({ name, version, licence }) => `${name} ${version}: ${licence}\n`);
  const texts = [...carriers].map(([text, names]) => `\n${"=".repeat(80)}\n${names.join(", ")}\n\n${text}\n`);
  return `pli is under the GNU Affero General Public License, version 3 or later: see LICENSE.
It contains what follows, each under the licence of its own.

${list.join("")}${texts.join("")}`;
}

if (import.meta.main) {
  await runCommand(
    { usage: "npm run licences -- [FILE]", operands: [0, 1] },
    async ({ positionals: [path = join(ROOT, "dist", "LICENCES.txt")] }) => {
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeTextFile(path, written(await componentsOf({ hasLauncher: true })));
    },
  );
}
