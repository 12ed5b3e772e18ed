// Programs in Go for the suites and the benchmark: croc from the module proxy, and small tools of the project. They are
// built on first use and kept with the peers, croc in a folder for its version, a tool in one for the hash of its source.

import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder, isThere } from "./peers.ts";

const CROC = { module: "github.com/schollz/croc/v10", version: "10.7.0" };

/** The path of croc, which is built if it is missing. */
export async function crocProgram(): Promise<{ program: string; version: string }> {
  const { module, version } = CROC;
  const folder = join(cacheFolder(), `croc-${version}`, "bin");
  const program = join(folder, "croc");
  if (!await isThere(program)) {
    await Deno.mkdir(folder, { recursive: true });
    await go(["install", `${module}@v${version}`], { GOBIN: folder });
  }
  return { program, version };
}

/** The path of the program whose source is in `folder`, which is built if it is missing. */
export async function goTool(folder: URL): Promise<string> {
  const path = fileURLToPath(folder).replace(/\/$/, "");
  const hash = createHash("sha256");
  for (const name of [...Deno.readDirSync(path)].map(({ name }) => name).toSorted()) {
    hash.update(`${name}\0`).update(await Deno.readFile(join(path, name)));
  }
  const name = basename(path);
  const built = join(cacheFolder(), `${name}-${hash.digest("hex").slice(0, 16)}`);
  const program = join(built, name);
  if (await isThere(program)) return program;
  await Deno.mkdir(built, { recursive: true });
  // Renamed to its path when complete, because another run may build it concurrently.
  const unfinished = await Deno.makeTempFile({ dir: built });
  await go(["build", "-C", path, "-buildvcs=false", "-trimpath", "-o", unfinished, "."], {
    CGO_ENABLED: "0",
  });
  await Deno.rename(unfinished, program);
  return program;
}

async function go(args: string[], env: Record<string, string>): Promise<void> {
  const { success } = await new Deno.Command("go", {
    args,
    env,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`go ${args.join(" ")} failed`);
}
