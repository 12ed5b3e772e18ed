// The previous version: its bundle, built from the history of the repository with its packages and kept between runs
// outside of the checkout, in a folder for its commit. Run as a program, this file builds the missing parts, with the
// addon of that version, which takes minutes.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isThere } from "../interop/peers.ts";

/**
 * The version with which this one has to be compatible. After a release it is the commit of its tag, set in the next
 * commit: `versions_test` fails while the tag of a later release is in the history.
 */
export const PREVIOUS = {
  name: "0.1.0 before its release",
  commit: "02c1bd09221ae96fbe0ead2fde4a669c797ced67",
};

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const ADDON = "pli_native.node";

/** The reason for ignoring tests with the previous version; null where the history has it. */
export const NO_PREVIOUS = await hasHistory()
  ? null
  : `the history does not go back to ${PREVIOUS.commit.slice(0, 7)}: git fetch --unshallow brings it`;

/** The reason for ignoring tests of the previous version over its addon; null where it exists. */
export const NO_PREVIOUS_ADDON = await isThere(join(versionFolder(), "dist", ADDON))
  ? null
  : "the previous version's addon has not been built: npm run peers builds it";

/** The command of the previous version, with the Deno that it pins. Its bundle is built if it is missing. */
export async function previousCommand(): Promise<[string, ...string[]]> {
  const folder = await previousFolder();
  const bundle = join(folder, "dist", "pli.js");
  return [await denoOf(folder), "run", "-A", "--no-check", "--no-prompt", "--no-remote", bundle];
}

/** The commit of the newest release's tag before the current commit; null where there is none. */
export async function latestRelease(): Promise<string | null> {
  const tag = await git("describe", "--tags", "--abbrev=0", "--match=v[0-9]*", "HEAD~1");
  return tag === null ? null : await git("rev-parse", `${tag}^{commit}`);
}

async function hasHistory(): Promise<boolean> {
  return await isThere(join(versionFolder(), "dist", "pli.js")) ||
    await git("cat-file", "-e", `${PREVIOUS.commit}^{tree}`) !== null;
}

/** The folder of the version, also of cargo's files of its addon. */
function versionFolder(): string {
  const { PLI_PEERS, XDG_CACHE_HOME, HOME } = Deno.env.toObject();
  const cache = PLI_PEERS ?? join(XDG_CACHE_HOME ?? join(HOME ?? "/tmp", ".cache"), "pli");
  return join(cache, "previous", PREVIOUS.commit);
}

/** The folder of its sources, packages and bundle, which is complete or missing. */
async function previousFolder(): Promise<string> {
  const folder = versionFolder();
  if (await isThere(join(folder, "dist", "pli.js"))) return folder;
  const unfinished = `${folder}.${Deno.pid}`;
  try {
    await extract(unfinished);
    await run(unfinished, Deno.execPath(), "run", "-A", "scripts/setup.mjs");
    await run(unfinished, await denoOf(unfinished), "run", "-A", "--no-check", "scripts/build.ts");
    // Another run may have created it concurrently.
    await Deno.rename(unfinished, folder).catch((error) => {
      if (!(error instanceof Deno.errors.AlreadyExists) && !/not empty/i.test(error.message)) throw error;
    });
  } finally {
    await Deno.remove(unfinished, { recursive: true }).catch(() => {});
  }
  return folder;
}

/** Writes the files of the commit into a folder, by a separate index. */
async function extract(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const env = { GIT_INDEX_FILE: join(folder, ".index") };
  const isDone = await gitWith(env, "read-tree", PREVIOUS.commit) !== null &&
    await gitWith(env, "checkout-index", "--all", `--prefix=${folder}/`) !== null;
  await Deno.remove(join(folder, ".index"));
  if (!isDone) throw new Error(`git cannot read ${PREVIOUS.commit}`);
}

/** Builds the addon of the version, and copies it beside the bundle. */
async function addAddon(folder: string): Promise<void> {
  const beside = join(folder, "dist", ADDON);
  if (await isThere(beside)) return;
  await run(folder, await denoOf(folder), "run", "-A", "scripts/native.mjs");
  await Deno.copyFile(join(folder, "native", ADDON), `${beside}.${Deno.pid}`);
  await Deno.rename(`${beside}.${Deno.pid}`, beside);
}

/** The Deno among the packages of a version. */
async function denoOf(folder: string): Promise<string> {
  const name = Deno.build.os === "windows" ? "deno.exe" : "deno";
  const systems = join(folder, "node_modules", "@deno");
  for await (const system of Deno.readDir(systems)) {
    const program = join(systems, system.name, name);
    if (await isThere(program)) return program;
  }
  throw new Error(`there is no Deno in ${systems}`);
}

async function run(cwd: string, program: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(program, {
    args,
    cwd,
    env: { DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${args.join(" ")} failed for ${PREVIOUS.commit}`);
}

/** The output of a command of git; null when it fails, or there is no git. */
async function git(...args: string[]): Promise<string | null> {
  return await gitWith({}, ...args);
}

async function gitWith(env: Record<string, string>, ...args: string[]): Promise<string | null> {
  const command = new Deno.Command("git", {
    // The checkout may belong to another user, as in a container.
    args: ["-c", "safe.directory=*", "-C", ROOT, ...args],
    // A partial clone would fetch missing files.
    env: { GIT_NO_LAZY_FETCH: "1", ...env },
    stdin: "null",
    stderr: "null",
  });
  const output = await command.output().catch(() => null);
  return output?.success ? new TextDecoder().decode(output.stdout).trim() : null;
}

if (import.meta.main) {
  const say = (line: string) => Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
  if (NO_PREVIOUS === null) {
    const folder = await previousFolder();
    await addAddon(folder);
    await say(folder);
  } else {
    await say(NO_PREVIOUS);
  }
}
