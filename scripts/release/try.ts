// Tests an archive of a release on its system: `npm run release:try -- NAME` unpacks it from dist/release into an empty
// folder by the system's tar, as a user does, and runs tests/release with the program there.

import { join } from "node:path";
import { runCommand } from "../command.ts";
import { run } from "../programs.ts";
import { type Archive, archiveNamed, builtArchive, ROOT } from "./table.ts";

async function tryArchive(archive: Archive): Promise<void> {
  const path = await builtArchive(archive);
  const folder = await Deno.makeTempDir({ prefix: "pli-unpacked-" });
  try {
    await run(systemTar(), ["-xf", path, "-C", folder]);
    await run(Deno.execPath(), ["test", "-A", "--no-check", join(ROOT, "tests", "release")], {
      PLI_PROGRAM: join(folder, archive.program),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Windows has a tar that reads zip; Git's, which may come first in PATH, does not. */
function systemTar(): string {
  return Deno.build.os === "windows" ? join(Deno.env.get("SystemRoot")!, "System32", "tar.exe") : "tar";
}

await runCommand(
  { usage: "npm run release:try -- NAME", operands: [1, 1] },
  async ({ positionals: [name] }) => await tryArchive(archiveNamed(name)),
);
