// Calls of other programs by the scripts.

import { fileURLToPath } from "node:url";

const BUILD = fileURLToPath(new URL("./build.ts", import.meta.url));

/** Runs a program, whose output is shown. Throws an Error that names it if it fails. */
export async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await call(program, args, {
    env: { DENO_NO_UPDATE_CHECK: "1", ...env },
    stdout: "inherit",
    stderr: "inherit",
  });
}

/** Builds the bundle at a path, with the addon of this system beside it, if there is one. */
export async function buildBundle(path: string): Promise<void> {
  await run(Deno.execPath(), ["run", "-A", "--no-check", BUILD, path]);
}

/** Runs a program; resolves to what it prints to standard output. Throws an Error that names it if it fails. */
export async function output(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await call(program, args, { stderr: "inherit" });
  return new TextDecoder().decode(stdout);
}

/** Compresses by GNU gzip, whose output depends neither on its version nor on the runtime of this script. */
export async function gzipped(bytes: Uint8Array): Promise<Uint8Array> {
  const child = new Deno.Command("gzip", { args: ["-9n"], stdin: "piped", stdout: "piped" }).spawn();
  const writing = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeTo(child.stdin);
  const { success, stdout } = await child.output();
  await writing;
  if (!success) throw new Error("gzip failed");
  return stdout;
}

export async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function call(program: string, args: readonly string[], options: Deno.CommandOptions) {
  const command = new Deno.Command(program, { ...options, args: [...args], stdin: "null" });
  const result = await command.output().catch(() => {
    throw new Error(`${program} cannot be run: is it installed?`);
  });
  if (!result.success) throw new Error(`${program} ${args[0]} failed`);
  return result;
}
