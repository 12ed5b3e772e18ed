// Bundles pli into one file of JavaScript, dist/pli.js or the path given. The network binding is not in it: it is
// machine code, required by its path when a command needs it.

import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const output = Deno.args[0] ?? `${root}dist/pli.js`;

const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["bundle", "-q", "--platform", "deno", "--output", output, `${root}main.ts`],
  env: { DENO_NO_UPDATE_CHECK: "1" },
  stdin: "null",
  stdout: "inherit",
  stderr: "inherit",
}).output();
Deno.exit(code);
