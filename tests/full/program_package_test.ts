// The packed program, installed by npm in an empty folder and started by npx, without cargo in PATH: it sends and
// receives a file over the addon that the package has for this system.

import assert from "node:assert/strict";
import { delimiter, dirname, join } from "node:path";
import { buildProgramPackage } from "../../scripts/package_program.ts";
import { isFitting, prebuiltAddons, thisComputer } from "../../scripts/prebuilt.mjs";
import { PATCH_LEVEL } from "../../src/engine/native/choice.ts";
import { needing, without } from "../left_out.ts";
import { NO_NODE } from "../node_program.ts";
import { Bench } from "../product/processes.ts";

const isPrebuilt = prebuiltAddons().some(({ platform, patchLevel }) =>
  patchLevel === PATCH_LEVEL && isFitting(platform, thisComputer())
);
const BINDING = isPrebuilt ? /^iroh \S+ \(native, prebuilt\)$/ : /^@number0\/iroh \S+ \(stock\)$/;

/** PATH with Node.js and the system's programs alone. */
async function plainPath(): Promise<string> {
  const { stdout } = await new Deno.Command("node", { args: ["-p", "process.execPath"] }).output();
  const node = dirname(new TextDecoder().decode(stdout).trim());
  return [node, "/usr/local/bin", "/usr/bin", "/bin"].join(delimiter);
}

Deno.test(
  needing(
    "the packed program sends and receives by npx, without cargo",
    NO_NODE,
    without("npm", "npx"),
    Deno.build.os === "windows" ? "npm is a script there" : null,
  ),
  async () => {
    await using bench = await Bench.make();
    const env = { PATH: await plainPath() };
    const npm = async (args: string[], cwd: string) => {
      const running = bench.run("npm", args, { cwd, env });
      assert.equal(await running.ended(), 0, running.output);
    };
    const built = bench.path("built");
    await buildProgramPackage(built);
    await npm(["pack", "--silent", "--pack-destination", bench.folder], built);
    const archive = [...Deno.readDirSync(bench.folder)].find(({ name }) => name.endsWith(".tgz"))!.name;
    const installed = bench.path("installed");
    await Deno.mkdir(installed);
    await Deno.writeTextFile(join(installed, "package.json"), "{}");
    await npm(["install", "--no-audit", "--no-fund", "--prefer-offline", bench.path(archive)], installed);

    const version = bench.run("npx", ["--no", "pli", "--", "--version"], { cwd: installed, env });
    assert.equal(await version.ended(), 0, version.output);
    assert.match(version.stdout.all[1], BINDING);

    const content = crypto.getRandomValues(new Uint8Array(60_000));
    await Deno.writeFile(bench.path("letter"), content);
    const command = ["npx", "--no", "pli", "--"];
    const options = { cwd: installed, env, command };
    const sender = bench.pli(["send", "--relay", "disabled", bench.path("letter")], options);
    const ticket = await sender.ticket();
    const receive = ["receive", "--relay", "disabled", "-o", `${bench.path("received")}/`, ticket];
    const receiver = bench.pli(receive, options);
    assert.equal(await receiver.ended(), 0, receiver.output);
    assert.equal(await sender.ended(), 0, sender.output);
    assert.deepEqual(await Deno.readFile(bench.path("received", "letter")), content);
  },
);
