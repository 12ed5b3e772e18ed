// The packed program, installed by npm in an empty folder and started by npx, without cargo in PATH: it sends and
// receives a file over the addon for this system, which is in the package, or in one of the packages that a release
// publishes.

import assert from "node:assert/strict";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildProgramPackage } from "../../scripts/package_program.ts";
import { npmPackages } from "../../scripts/release/npm.ts";
import { isFitting, prebuiltAddons, sha256Of, thisComputer } from "../../scripts/prebuilt.mjs";
import { PATCH_LEVEL } from "../../src/engine/native/choice.ts";
import { needing, NOT_UNIX, without } from "../left_out.ts";
import { NO_NODE } from "../node_program.ts";
import { Bench } from "../product/processes.ts";
import { serveTarballs } from "./npm_registry.ts";

const fitting = prebuiltAddons().find(({ platform, patchLevel }) =>
  patchLevel === PATCH_LEVEL && isFitting(platform, thisComputer())
);
const BINDING = fitting !== undefined ? /^iroh \S+ \(native, prebuilt\)$/ : /^@number0\/iroh \S+ \(stock\)$/;

/** PATH with Node.js and the system's programs alone. */
async function plainPath(): Promise<string> {
  const { stdout } = await new Deno.Command("node", { args: ["-p", "process.execPath"] }).output();
  const node = dirname(new TextDecoder().decode(stdout).trim());
  return [node, "/usr/local/bin", "/usr/bin", "/bin"].join(delimiter);
}

/** Installs the program in an empty folder, in its own way. */
type Install = (
  bench: Bench,
  npm: (args: string[], cwd: string) => Promise<void>,
  folder: string,
) => Promise<void>;

const OFFLINE = ["--no-audit", "--no-fund", "--prefer-offline"];

const WAYS: Record<string, Install> = {
  "packed with the addons in it": async (bench, npm, folder) => {
    const built = bench.path("built");
    await buildProgramPackage(built);
    await npm(["pack", "--silent", "--pack-destination", bench.folder], built);
    const archive = [...Deno.readDirSync(bench.folder)].find(({ name }) => name.endsWith(".tgz"))!.name;
    await npm(["install", ...OFFLINE, bench.path(archive)], folder);
  },
  "from a registry, as released": async (bench, npm, folder) => {
    const released = bench.path("released");
    await npmPackages(released);
    await using registry = await serveTarballs(released);
    const addons = prebuiltAddons().map(({ platform }) => `@pli/native-${platform}`);
    assert.deepEqual(registry.names, ["@pli/cli", "@pli/engine", ...addons].sort());
    await npm(["install", ...OFFLINE, `--@pli:registry=${registry.url}`, "@pli/cli"], folder);
    const installed = [...Deno.readDirSync(join(folder, "node_modules/@pli"))].map(({ name }) => name).sort();
    const own = fitting === undefined ? [] : [`native-${fitting.platform}`];
    assert.deepEqual(installed, ["cli", ...own], "of the addons only the one that fits");
  },
};

for (const [way, install] of Object.entries(WAYS)) {
  Deno.test(
    needing(
      `the program, ${way}, sends and receives by npx, without cargo`,
      NO_NODE,
      without("npm", "npx", "tar"),
      Deno.build.os === "windows" ? "npm is a script there" : null,
    ),
    async () => {
      await using bench = await Bench.make();
      const env = { PATH: await plainPath() };
      const npm = async (args: string[], cwd: string) => {
        const running = bench.run("npm", args, { cwd, env });
        assert.equal(await running.ended(), 0, running.output);
      };
      const folder = bench.path("installed");
      await Deno.mkdir(folder);
      await Deno.writeTextFile(join(folder, "package.json"), "{}");
      await install(bench, npm, folder);

      const version = bench.run("npx", ["--no", "pli", "--", "--version"], { cwd: folder, env });
      assert.equal(await version.ended(), 0, version.output);
      assert.match(version.stdout.all[1], BINDING);

      const content = crypto.getRandomValues(new Uint8Array(60_000));
      await Deno.writeFile(bench.path("letter"), content);
      const options = { cwd: folder, env, command: ["npx", "--no", "pli", "--"] };
      const sender = bench.pli(["send", "--relay", "disabled", bench.path("letter")], options);
      const ticket = await sender.ticket();
      const receive = ["receive", "--relay", "disabled", "-o", `${bench.path("received")}/`, ticket];
      const receiver = bench.pli(receive, options);
      assert.equal(await receiver.ended(), 0, receiver.output);
      assert.equal(await sender.ended(), 0, sender.output);
      assert.deepEqual(await Deno.readFile(bench.path("received", "letter")), content);
    },
  );
}

Deno.test(
  needing(
    "the packages of a release have the same bytes and modes, whatever the umask is",
    NO_NODE,
    without("npm"),
    NOT_UNIX,
  ),
  async () => {
    await using bench = await Bench.make();
    const script = fileURLToPath(new URL("../../scripts/release/npm.ts", import.meta.url));
    const folders = await Promise.all(["022", "077"].map(async (umask) => {
      const command = [Deno.execPath(), "run", "-A", "--no-check", script, bench.path(umask)];
      const running = bench.run("sh", ["-c", `umask ${umask}; exec "$@"`, "sh", ...command]);
      assert.equal(await running.ended(), 0, running.output);
      return bench.path(umask);
    }));
    const [first, second] = folders.map((folder) =>
      [...Deno.readDirSync(folder)].map(({ name }) => {
        const path = join(folder, name);
        return [name, sha256Of(Deno.readFileSync(path)), Deno.statSync(path).mode! & 0o777];
      }).sort()
    );
    assert.deepEqual(first, second);
    assert.ok(first.length >= 2 && first.every(([, , mode]) => mode === 0o644));
  },
);
