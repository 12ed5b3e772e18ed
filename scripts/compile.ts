// Builds the binary: `deno compile` over the bundle and the native addon, with the permissions below and without
// prompts. It works in an empty folder, because `deno compile` embeds everything beside a package.json. Arguments: the
// path of the binary (default: dist/pli or dist/pli.exe), and `--target TRIPLE` for another system, whose addon
// NATIVE_ADDON names. Prints the compiler's output. Where the runtime of `deno compile` cannot be downloaded, one_file.ts
// makes the binary for this system.

import { copyFile, mkdir, rename } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { addonUrl } from "../src/engine/native/choice.ts";
import { runCommand } from "./command.ts";
import { oneFile } from "./one_file.ts";
import { ALONE, PERMISSIONS } from "./run_options.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Compiles into `output`. Resolves to the compiler's output, which lists the embedded files. Throws if it fails. */
export async function compile(output: string, targetArguments: readonly string[] = []): Promise<string> {
  const addon = Deno.env.get("NATIVE_ADDON") ?? addonUrl();
  if (addon === null) throw new Error("there is no native addon: npm run native builds it");
  const folder = await Deno.makeTempDir({ prefix: "pli-compile-" });
  try {
    await run([Deno.execPath(), "run", "-A", join(ROOT, "scripts/build.ts"), join(folder, "pli.js")]);
    await copyFile(addon, join(folder, "pli_native.node"));
    const printed = await run(
      [
        Deno.execPath(),
        "compile",
        ...ALONE,
        ...PERMISSIONS,
        ...targetArguments,
        "--include",
        "pli_native.node",
        "--output",
        basename(output),
        "pli.js",
      ],
      folder,
    );
    await mkdir(dirname(output), { recursive: true });
    await copyFile(join(folder, basename(output)), `${output}.new`);
    await rename(`${output}.new`, output);
    await Deno.chmod(output, 0o755).catch(() => {});
    return printed;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run([program, ...args]: string[], cwd?: string): Promise<string> {
  const env = { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
  const { code, stdout, stderr } = await new Deno.Command(program, { args, cwd, env, stdin: "null" })
    .output();
  const printed = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (code !== 0) throw new Error(`${args.slice(0, 3).join(" ")} failed:\n${printed}`);
  return printed;
}

/** Whether `deno compile` failed because it could not download the part of Deno that it writes into binaries. */
function isWithoutDenort(error: unknown): boolean {
  return error instanceof Error && /denort/.test(error.message);
}

if (import.meta.main) {
  const usage = "npm run compile -- [FILE] [--target TRIPLE]";
  const options = { target: { type: "string" } } as const;
  await runCommand({ usage, options, operands: [0, 1] }, async ({ values: { target }, positionals }) => {
    const name = Deno.build.os === "windows" ? "pli.exe" : "pli";
    const output = resolve(positionals[0] ?? join(ROOT, "dist", name));
    try {
      return await compile(output, target === undefined ? [] : ["--target", target as string]);
    } catch (error) {
      if (!isWithoutDenort(error) || target !== undefined) throw error;
      const reason =
        "deno compile cannot download denort, its runtime: npm run one-file makes the file instead.";
      return `${reason}\n${await oneFile(output)}`;
    }
  });
}
