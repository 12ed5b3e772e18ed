// Debian's package: the same contents yield the same bytes, lintian has nothing to say, and the pli that dpkg has
// installed sends and receives as a user of the system. Its removal leaves nothing.

import assert from "node:assert/strict";
import { packageDeb } from "../../scripts/package_deb.ts";
import { needing, NO_ADDON, NOT_LINUX, without } from "../left_out.ts";
import { Bench } from "../product/processes.ts";
import { noise } from "../product/trees.ts";
import { DebianSystem, NO_DEBIAN } from "./debian_system.ts";

const NOT_BUILT = NOT_LINUX ?? NO_ADDON ?? without("cargo", "dpkg-deb", "readelf");
const EPOCH_SECONDS = 1_790_000_000;
const LOCAL = ["--relay", "disabled"];

/** The package, built once. */
let built: Promise<string> | undefined;

function builtDeb(): Promise<string> {
  built ??= Deno.makeTempDir({ prefix: "pli-deb-test-" }).then((folder) => {
    globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
    return packageDeb(folder, { isFast: true, epochSeconds: EPOCH_SECONDS });
  });
  return built;
}

async function output(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  const text = new TextDecoder();
  assert.ok(success, `${program}: ${text.decode(stdout)}${text.decode(stderr)}`);
  return text.decode(stdout);
}

Deno.test(
  needing("F.13 deb: the same contents yield the same bytes, also with another umask", NOT_BUILT),
  async () => {
    const deb = await builtDeb();
    const folder = await Deno.makeTempDir({ prefix: "pli-deb-test-" });
    const before = Deno.umask(0o077);
    try {
      const again = await packageDeb(folder, { isFast: true, epochSeconds: EPOCH_SECONDS });
      assert.deepEqual(await Deno.readFile(again), await Deno.readFile(deb));
    } finally {
      Deno.umask(before);
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test(needing("F.13 deb: its files, owners and modes, and what it depends on", NOT_BUILT), async () => {
  const deb = await builtDeb();
  const files = (await output("dpkg-deb", "--contents", deb)).trimEnd().split("\n").map((line) => {
    const [mode, owner, , date, , path] = line.split(/\s+/);
    assert.equal(owner, "root/root", line);
    assert.equal(date, "2026-09-21", line);
    return `${mode} ${path}`;
  });
  assert.ok(files.every((line) => /^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x) /.test(line)), files.join("\n"));
  const programs = files.filter((line) => line.startsWith("-rwx")).map((line) => line.split(" ")[1]);
  assert.deepEqual(programs.sort(), ["./usr/bin/pli", "./usr/lib/pli/pli"]);
  const { version } = JSON.parse(await Deno.readTextFile(new URL("../../package.json", import.meta.url)));
  const field = async (name: string) => (await output("dpkg-deb", "--field", deb, name)).trim();
  assert.equal(await field("Version"), `${version}-1`);
  assert.equal(await field("Section"), "net");
  assert.match(await field("Depends"), /^libc6 \(>= 2\.(2[89]|[3-9]\d)\), libgcc-s1 \| libgcc1$/);
});

Deno.test(needing("F.13 deb: lintian finds nothing", NOT_BUILT, without("lintian")), async () => {
  // It leaves temporary files behind.
  await using bench = await Bench.make();
  const args = ["--allow-root", "--fail-on=error,warning", await builtDeb()];
  const running = bench.run("lintian", args, { env: { TMPDIR: bench.folder } });
  assert.equal(await running.ended(), 0, running.output);
  assert.doesNotMatch(running.output, /^[EW]: /m);
});

Deno.test(
  needing(
    "F.13 deb: dpkg installs it, a user sends and receives with it, and dpkg removes all of it",
    NOT_BUILT,
    NO_DEBIAN,
  ),
  async () => {
    await using bench = await Bench.make();
    await using system = await DebianSystem.make(bench);
    const deb = bench.path("pli.deb");
    await Deno.copyFile(await builtDeb(), deb);
    await system.output("dpkg", "--install", deb);
    // What differs from its list of sums would be printed.
    assert.equal(await system.output("dpkg", "--verify", "pli"), "");
    const installed = (await system.output("dpkg", "--listfiles", "pli")).split("\n");
    assert.ok(installed.includes("/usr/bin/pli") && system.has("/usr/bin/pli"));

    const ada = await system.home("ada");
    const bob = await system.home("bob");
    const content = noise(3_000_000, 7);
    await Deno.writeFile(`${ada}/a letter`, content);
    const sender = bench.pli(["send", ...LOCAL, `${ada}/a letter`], system.asUser(ada));
    const receive = ["receive", ...LOCAL, "-o", `${bob}/`, await sender.ticket()];
    const receiver = bench.pli(receive, system.asUser(bob));
    assert.equal(await receiver.ended(), 0, receiver.output);
    assert.equal(await sender.ended(), 0, sender.output);
    assert.deepEqual(await Deno.readFile(`${bob}/a letter`), content);
    const { command, env } = system.asUser(ada);
    const version = bench.run(command![0], [...command!.slice(1), "--version"], { env, cwd: "/" });
    assert.equal(await version.ended(), 0, version.output);
    assert.match(version.stdout.all[1], /^iroh \S+ \(native\)$/);
    const integrate = bench.run(command![0], [...command!.slice(1), "integrate"], {
      env: { ...env, XDG_DATA_HOME: `${bob}/desktop`, PLI_HOME: `${bob}/data` },
      cwd: "/",
    });
    assert.equal(await integrate.ended(), 0, integrate.output);
    const entries = [...Deno.readDirSync(`${bob}/desktop/applications`)].map(({ name }) => name);
    const entry = entries.find((name) => name.endsWith(".desktop"));
    const text = await Deno.readTextFile(`${bob}/desktop/applications/${entry}`);
    assert.match(text, /^Exec=.*\/usr\/bin\/pli\b/m);
    assert.doesNotMatch(text, /usr\/lib/);
    // The runtime's cache and pli's data are this user's, and nothing else is left.
    const left = [...Deno.readDirSync(ada)].map(({ name }) => name).sort();
    assert.deepEqual(left, [".cache", "a letter", "data"]);

    await system.output("dpkg", "--purge", "pli");
    // Folders of other packages stay.
    const own = installed.filter((path) => /[/_]pli(\/|\.|$)/.test(path));
    assert.ok(own.length >= 10, installed.join("\n"));
    assert.deepEqual(own.filter((path) => system.has(path)), []);
  },
);

Deno.test(
  needing(
    "F.13 deb: bash, zsh and fish complete its command, and man shows its page",
    NOT_BUILT,
    NO_DEBIAN,
    without("bash", "zsh", "fish", "man"),
  ),
  async () => {
    await using bench = await Bench.make();
    await using system = await DebianSystem.make(bench);
    await Deno.copyFile(await builtDeb(), bench.path("pli.deb"));
    await system.output("dpkg", "--install", bench.path("pli.deb"));
    const bash = ". /usr/share/bash-completion/completions/pli && complete -p pli";
    assert.match(await system.output("bash", "-c", bash), /^complete .*-F _pli pli$/);
    const zsh = "autoload -U compinit && compinit -u -D && print -r -- $_comps[pli]";
    assert.equal(await system.output("zsh", "-f", "-c", zsh), "_pli");
    const page = await system.output("man", "--pager=cat", "pli");
    assert.match(page, /^PLI\(1\)[^]*pli send/);
    assert.match(await system.output("fish", "-c", "complete -C 'pli rece'"), /^receive\t/);
  },
);
