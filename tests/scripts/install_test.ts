// scripts/install.sh over a local file server with a shell script as pli: it installs what has the sum of the release's
// list and nothing else, replaces a pli by a rename, and leaves no file behind when it fails or is ended.

import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { needing, NOT_UNIX, without } from "../left_out.ts";
import { Bench, type Running } from "../product/processes.ts";
import { NO_TMPFS, Volume } from "../product/volume.ts";
import { NO_TAR, ReleaseServer, sumOf } from "./release_server.ts";

const SCRIPT = fileURLToPath(new URL("../../scripts/install.sh", import.meta.url));
const TOOLS = ["cat", "chmod", "cut", "gzip", "mkdir", "mktemp", "mv", "rm", "sh", "sleep", "tar"];
const NOT_RUN = NOT_UNIX ?? NO_TAR ?? without("sh", "curl");
const PLI = '#!/bin/sh\necho "pli 1.2.3"\n';

/** A computer: its programs, its home, and the server that it reaches. */
class Computer implements AsyncDisposable {
  readonly home: string;
  readonly bin: string;

  private constructor(readonly bench: Bench, readonly server: ReleaseServer) {
    this.home = bench.path("home of Ada");
    this.bin = `${this.home}/.local/bin`;
  }

  static async make(): Promise<Computer> {
    const computer = new Computer(await Bench.make(), await ReleaseServer.start());
    await Deno.mkdir(computer.home);
    await Deno.mkdir(computer.bench.path("programs"));
    for (const tool of [...TOOLS, "curl", hasSha256sum ? "sha256sum" : "shasum"]) await computer.link(tool);
    await computer.script("uname", "case $1 in -s) echo Linux ;; *) echo x86_64 ;; esac");
    await computer.script("getconf", 'case $1 in LONG_BIT) echo 64 ;; *) echo "glibc 2.36" ;; esac');
    return computer;
  }

  /** Installs a program of this computer's own system. */
  async link(name: string): Promise<void> {
    const found = (Deno.env.get("PATH") ?? "").split(":").map((folder) => `${folder}/${name}`).find(
      (path) => {
        try {
          return Deno.statSync(path).isFile;
        } catch {
          return false;
        }
      },
    );
    assert.ok(found !== undefined, name);
    await Deno.symlink(found, this.bench.path("programs", name));
  }

  async remove(name: string): Promise<void> {
    await Deno.remove(this.bench.path("programs", name));
  }

  async script(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(this.bench.path("programs", name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }

  install(args: string[] = [], { shell = "sh", path = "", stdin }: {
    shell?: string;
    path?: string;
    stdin?: Uint8Array;
  } = {}): Running {
    const env = {
      PATH: `${path}${this.bench.path("programs")}`,
      HOME: this.home,
      PLI_RELEASES: this.server.address,
      TMPDIR: this.bench.folder,
    };
    return this.bench.run(shell, stdin === undefined ? [SCRIPT, ...args] : ["-s", "--", ...args], {
      env,
      stdin,
    });
  }

  /** Every file and folder of the home, by its path. */
  files(folder = this.home): string[] {
    return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
      const path = `${folder}/${name}`;
      return isDirectory ? [path, ...this.files(path)] : [path];
    }).sort();
  }

  /** Asserts that the script failed with a sentence and that the home has no file. */
  async assertRefused(running: Running, sentence: RegExp): Promise<void> {
    assert.equal(await running.ended(), 1, running.output);
    assert.match(running.stderr.all.at(-1)!, sentence);
    assert.match(running.stderr.all.at(-1)!, /^install\.sh: /);
    assert.deepEqual(this.files().filter((path) => !this.bin.startsWith(path)), []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bench[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

const hasSha256sum = without("sha256sum") === null;

function installTest(
  name: string,
  test: (computer: Computer) => Promise<void>,
  ...missing: (string | null)[]
): void {
  Deno.test(needing(`F.13 install.sh: ${name}`, NOT_RUN, ...missing), async () => {
    await using computer = await Computer.make();
    await test(computer);
  });
}

async function assertInstalled(running: Running, path: string): Promise<void> {
  assert.equal(await running.ended(), 0, running.output);
  assert.deepEqual(running.stderr.all, []);
  assert.equal(await Deno.readTextFile(path), PLI);
  const { mode, uid } = Deno.statSync(path);
  assert.equal(mode! & 0o7777, 0o755);
  assert.equal(uid, Deno.uid());
}

for (const shell of ["sh", "dash", "bash"]) {
  installTest(`the newest release is installed by ${shell}`, async (computer) => {
    const archive = await computer.server.publish("1.2.3", { program: PLI });
    if (shell !== "sh") await computer.link(shell);
    const running = computer.install([], { shell });
    await assertInstalled(running, `${computer.bin}/pli`);
    assert.deepEqual(running.stdout.all, [
      `Downloading ${archive}`,
      `pli 1.2.3 is installed: ${computer.bin}/pli`,
      `${computer.bin} is not in PATH. This line, for example in ~/.profile, adds it:`,
      `  export PATH="${computer.bin}:$PATH"`,
    ]);
    assert.deepEqual(computer.files(), [`${computer.home}/.local`, computer.bin, `${computer.bin}/pli`]);
    assert.deepEqual(computer.server.requests, [
      "/releases/latest/download/SHA256SUMS",
      "/releases/download/v1.2.3/SHA256SUMS",
      `/releases/download/v1.2.3/${archive}`,
    ]);
  }, without(shell));
}

installTest(
  "a named release, into a named folder with spaces, by a script from standard input",
  async (computer) => {
    await computer.server.publish("1.2.3", { program: PLI, isNewest: false });
    await computer.server.publish("1.3.0", { program: "#!/bin/sh\necho newer\n" });
    const stdin = await Deno.readFile(SCRIPT);
    const args = ["--to", "my pro grams", "--version", "v1.2.3"];
    await assertInstalled(computer.install(args, { stdin }), computer.bench.path("my pro grams", "pli"));
    assert.deepEqual(computer.files(), []);
  },
);

installTest("the folder's place in PATH is told", async (computer) => {
  await computer.server.publish("1.2.3", { program: PLI });
  const inPath = computer.install([], { path: `${computer.bin}:` });
  await assertInstalled(inPath, `${computer.bin}/pli`);
  assert.equal(inPath.stdout.all.length, 2, inPath.output);
  await computer.script("pli", "echo another one");
  const hidden = computer.install([], { path: `${computer.bench.path("programs")}:${computer.bin}:` });
  await assertInstalled(hidden, `${computer.bin}/pli`);
  assert.equal(
    hidden.stdout.all[2],
    `The command pli is still ${computer.bench.path("programs", "pli")}, which comes before in PATH.`,
  );
});

installTest("wget and shasum serve where curl and sha256sum are missing", async (computer) => {
  await computer.server.publish("1.2.3", { program: PLI });
  for (const name of ["curl", ...(hasSha256sum ? ["sha256sum"] : [])]) await computer.remove(name);
  await computer.link("wget");
  // shasum is a script of Perl.
  await computer.script("shasum", `PATH='${Deno.env.get("PATH")}' exec shasum "$@"`);
  await assertInstalled(computer.install(), `${computer.bin}/pli`);
  computer.server.files.clear();
  const failed = computer.install(["--to", `${computer.home}/other`]);
  assert.equal(await failed.ended(), 1);
  assert.match(failed.output, /SHA256SUMS cannot be downloaded\. Nothing was installed\.$/);
}, without("wget", "shasum"));

installTest("an archive with another sum is refused", async (computer) => {
  const archive = await computer.server.publish("1.2.3", { program: PLI });
  const sum = sumOf(new TextEncoder().encode("another archive"));
  computer.server.setSums("1.2.3", `${sum}  ${archive}\n`);
  await computer.assertRefused(
    computer.install(),
    new RegExp(`SHA256SUMS has ${sum}\\. Nothing was installed`),
  );
});

installTest("a list without one valid entry for the system is refused", async (computer) => {
  const archive = await computer.server.publish("1.2.3", { program: PLI });
  const sum = "0".repeat(64);
  const cases: [string, RegExp][] = [
    ["", /SHA256SUMS has no archive for linux-x64\./],
    [`${sum}  pli-v1.2.3-linux-arm64.tar.gz\n`, /has no archive for linux-x64\./],
    [`${sum}  pli-v1.2.3/../x-linux-x64.tar.gz\n`, /has no archive for linux-x64\./],
    [`${sum}  ${archive}\n${sum}  pli-v1.2.4-linux-x64.tar.gz\n`, /has several archives/],
    [`${sum.slice(1)}  ${archive}\n`, /has no valid sum/],
    [`${"z".repeat(64)}  ${archive}\n`, /has no valid sum/],
  ];
  for (const [sums, sentence] of cases) {
    computer.server.setSums("1.2.3", sums);
    await computer.assertRefused(computer.install(), sentence);
  }
  const other = computer.install(["--version", "1.2.4"]);
  await computer.assertRefused(other, /v1\.2\.4\/SHA256SUMS cannot be downloaded/);
  assert.ok(computer.server.requests.every((path) => path.endsWith("/SHA256SUMS")));
});

installTest("a missing or cut archive is refused", async (computer) => {
  const archive = await computer.server.publish("1.2.3", { program: PLI });
  const path = `/releases/download/v1.2.3/${archive}`;
  const whole = computer.server.files.get(path) as Uint8Array;
  const part = whole.subarray(0, whole.length / 2);
  computer.server.files.set(path, (response) => {
    response.writeHead(200, { "Content-Length": whole.length });
    response.write(part, () => response.destroy());
  });
  await computer.assertRefused(computer.install(), /linux-x64\.tar\.gz cannot be downloaded/);
  computer.server.files.set(path, part);
  await computer.assertRefused(computer.install(), /the download has the sum [0-9a-f]{64}, SHA256SUMS has/);
  computer.server.files.delete(path);
  await computer.assertRefused(computer.install(), /linux-x64\.tar\.gz cannot be downloaded/);
});

installTest("a list that belongs to an archive without a working pli is refused", async (computer) => {
  await computer.server.publish("1.2.3", { program: "#!/bin/sh\nexit 1\n" });
  await computer.assertRefused(computer.install(), /the downloaded pli does not start here/);
  const name = "pli-v1.2.3-linux-x64.tar.gz";
  const noArchive = new TextEncoder().encode("not an archive");
  computer.server.setSums("1.2.3", `${sumOf(noArchive)}  ${name}\n`);
  computer.server.files.set(`/releases/download/v1.2.3/${name}`, noArchive);
  await computer.assertRefused(computer.install(), /has no program pli/);
});

installTest("without a program for sums, or for downloads, nothing is requested", async (computer) => {
  await computer.server.publish("1.2.3", { program: PLI });
  await computer.remove(hasSha256sum ? "sha256sum" : "shasum");
  await computer.assertRefused(computer.install(), /neither sha256sum nor shasum is installed/);
  await computer.remove("curl");
  await computer.assertRefused(computer.install(), /neither curl nor wget is installed/);
  assert.deepEqual(computer.server.requests, []);
});

installTest("systems without an archive are refused by their name", async (computer) => {
  await computer.server.publish("1.2.3", { program: PLI });
  const systems: [string, string, string, RegExp][] = [
    ["FreeBSD", "amd64", "", /no archive for FreeBSD that/],
    ["MINGW64_NT-10.0-26100", "x86_64", "", /no archive for MINGW64_NT/],
    ["Linux", "riscv64", "glibc 2.36", /no archive for the processor riscv64/],
    ["Linux", "x86_64", "glibc 2.27", /has glibc 2\.27\. pli needs 2\.28 or newer/],
    ["Linux", "x86_64", "", /has no glibc .*musl/],
    ["Linux", "x86_64", "musl 1.2.5", /has no glibc .*musl/],
  ];
  for (const [kernel, processor, libc, sentence] of systems) {
    await computer.script("uname", `case $1 in -s) echo ${kernel} ;; *) echo ${processor} ;; esac`);
    const answer = libc === "" ? "exit 1" : `echo "${libc}"`;
    await computer.script("getconf", `case $1 in LONG_BIT) echo 64 ;; *) ${answer} ;; esac`);
    await computer.assertRefused(computer.install(), sentence);
  }
  await computer.script("uname", "case $1 in -s) echo Linux ;; *) echo x86_64 ;; esac");
  await computer.script("getconf", "echo 32");
  await computer.assertRefused(computer.install(), /programs have 32 bits/);
  await computer.remove("getconf");
  await computer.assertRefused(computer.install(), /has no glibc/);
  assert.deepEqual(computer.server.requests, []);
});

installTest("each system gets its own archive", async (computer) => {
  const systems: [string, string, string, string, string][] = [
    ["Linux", "x86_64", "glibc 2.28", "", "linux-x64"],
    ["Linux", "aarch64", "glibc 3.0", "", "linux-arm64"],
    ["Darwin", "arm64", "", "", "macos-arm64"],
    ["Darwin", "x86_64", "", "0", "macos-x64"],
    ["Darwin", "x86_64", "", "1", "macos-arm64"],
  ];
  for (const [kernel, processor, libc, rosetta, system] of systems) {
    await computer.script("uname", `case $1 in -s) echo ${kernel} ;; *) echo ${processor} ;; esac`);
    await computer.script("getconf", `case $1 in LONG_BIT) echo 64 ;; *) echo "${libc}" ;; esac`);
    await computer.script("sysctl", `echo ${rosetta}`);
    const archive = await computer.server.publish("1.2.3", { program: PLI, system });
    await assertInstalled(computer.install(), `${computer.bin}/pli`);
    assert.equal(computer.server.requests.at(-1), `/releases/download/v1.2.3/${archive}`);
    await Deno.remove(`${computer.bin}/pli`);
  }
});

installTest("a folder that cannot be used is named, and another pli stays", async (computer) => {
  await computer.server.publish("1.2.3", { program: PLI });
  const file = `${computer.bench.folder}/file`;
  await Deno.writeTextFile(file, "");
  await computer.assertRefused(
    computer.install(["--to", `${file}/bin`]),
    /the folder .*file\/bin cannot be made/,
  );
  const folder = computer.bench.path("with a folder");
  await Deno.mkdir(`${folder}/pli`, { recursive: true });
  await computer.assertRefused(computer.install(["--to", folder]), /with a folder\/pli is a folder/);
  assert.deepEqual(computer.server.requests, []);
});

installTest("a read-only folder is named before the download", async (computer) => {
  await computer.server.publish("1.2.3", { program: PLI });
  await using volume = await Volume.make(computer.bench.path("volume"), "size=1m,ro");
  await computer.assertRefused(computer.install(["--to", volume.path]), /volume is not writable/);
  assert.deepEqual(computer.server.requests, []);
}, NO_TMPFS);

installTest("a full disk keeps the pli that is there", async (computer) => {
  await computer.server.publish("1.2.3", { program: `${PLI}# ${randomText(200_000)}\n` });
  await using volume = await Volume.make(computer.bench.path("volume"), "size=100k");
  await Deno.writeTextFile(`${volume.path}/pli`, "the old one");
  const running = computer.install(["--to", volume.path]);
  assert.equal(await running.ended(), 1, running.output);
  assert.deepEqual(computer.files(volume.path), [`${volume.path}/pli`]);
  assert.equal(await Deno.readTextFile(`${volume.path}/pli`), "the old one");
}, NO_TMPFS);

/** Text that gzip hardly compresses. */
function randomText(length: number): string {
  const bytes = new Uint8Array(length / 2).map(() => Math.floor(Math.random() * 256));
  return bytes.toHex();
}

installTest("a pli that runs continues with its file, also behind a link", async (computer) => {
  await computer.server.publish("1.2.3", { program: PLI });
  await Deno.mkdir(computer.bin, { recursive: true });
  const elsewhere = computer.bench.path("elsewhere");
  const old = "#!/bin/sh\necho started\nread line\necho the old one: $line\n";
  await Deno.writeTextFile(elsewhere, old, { mode: 0o755 });
  for (const place of ["copy", "link"]) {
    await Deno.remove(`${computer.bin}/pli`).catch(() => {});
    if (place === "copy") await Deno.copyFile(elsewhere, `${computer.bin}/pli`);
    else await Deno.symlink(elsewhere, `${computer.bin}/pli`);
    const running = computer.bench.run(`${computer.bin}/pli`, [], { takesInput: true });
    await running.stdout.first((line) => line === "started" || undefined);
    await assertInstalled(computer.install(), `${computer.bin}/pli`);
    const input = running.process.stdin.getWriter();
    await input.write(new TextEncoder().encode("still here\n"));
    await input.close();
    assert.equal(await running.ended(), 0, running.output);
    assert.equal(running.stdout.all[1], "the old one: still here");
    assert.equal(await Deno.readTextFile(elsewhere), old);
  }
});

installTest("a signal ends the download, and leaves the pli that is there alone", async (computer) => {
  const archive = await computer.server.publish("1.2.3", { program: PLI });
  await Deno.mkdir(computer.bin, { recursive: true });
  await Deno.writeTextFile(`${computer.bin}/pli`, "the old one");
  for (const [signal, code] of [["SIGTERM", 143], ["SIGINT", 130], ["SIGHUP", 129]] as const) {
    const begun = Promise.withResolvers<void>();
    const cut = Promise.withResolvers<void>();
    computer.server.files.set(`/releases/download/v1.2.3/${archive}`, (response) => {
      response.writeHead(200, { "Content-Length": 1000 });
      response.write("the beginning", () => begun.resolve());
      response.on("close", () => cut.resolve());
    });
    const running = computer.install();
    await begun.promise;
    running.process.kill(signal);
    assert.equal(await running.ended(), code, running.output);
    await cut.promise;
    assert.deepEqual(computer.files(computer.bin), [`${computer.bin}/pli`], signal);
    assert.equal(await Deno.readTextFile(`${computer.bin}/pli`), "the old one");
  }
});

installTest("a second signal does not end the cleaning", async (computer) => {
  const archive = await computer.server.publish("1.2.3", { program: PLI });
  const begun = Promise.withResolvers<void>();
  computer.server.files.set(`/releases/download/v1.2.3/${archive}`, (response) => {
    response.writeHead(200, { "Content-Length": 1000 });
    response.write("the beginning", () => begun.resolve());
  });
  // The terminal sends the signal to both.
  const rm = await Deno.realPath(computer.bench.path("programs", "rm"));
  await computer.remove("rm");
  await computer.script("rm", `kill -INT $PPID; kill -INT $$; exec ${rm} "$@"`);
  const running = computer.install();
  await begun.promise;
  running.process.kill("SIGINT");
  assert.equal(await running.ended(), 130, running.output);
  assert.deepEqual(computer.files(computer.bin), []);
});

for (const program of ["curl", "wget"]) {
  installTest(`${program} ends a download without an end at a maximum`, async (computer) => {
    if (program === "wget") {
      await computer.remove("curl");
      await computer.link("wget");
    }
    const archive = await computer.server.publish("1.2.3", { program: PLI });
    const endless = (response: ServerResponse) => {
      response.on("error", () => {});
      Readable.from((function* () {
        for (;;) yield new Uint8Array(65_536);
      })()).pipe(response);
    };
    const script = (await Deno.readTextFile(SCRIPT)).replace(/^ARCHIVE_BLOCKS=.*$/m, "ARCHIVE_BLOCKS=200");
    const stdin = new TextEncoder().encode(script);
    computer.server.files.set(`/releases/download/v1.2.3/${archive}`, endless);
    await computer.assertRefused(computer.install([], { stdin }), /linux-x64\.tar\.gz cannot be downloaded/);
    computer.server.setSums("1.2.3", endless);
    await computer.assertRefused(computer.install(), /SHA256SUMS cannot be downloaded/);
  }, without(program));

  installTest(`${program} follows no redirection from https to http`, async (computer) => {
    const [key, certificate] = [computer.bench.path("key"), computer.bench.path("certificate")];
    const made = computer.bench.run("openssl", [
      ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate],
      ...["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
    ]);
    assert.equal(await made.ended(), 0, made.output);
    await computer.server.publish("1.2.3", { program: PLI });
    const listed = "/releases/latest/download/SHA256SUMS";
    let target = computer.server.address.replace("/releases", listed);
    const options = { key: await Deno.readTextFile(key), cert: await Deno.readTextFile(certificate) };
    const secure = createServer(options, (request, response) => {
      if (request.url === listed) response.writeHead(302, { Location: target }).end();
      else response.writeHead(200).end(computer.server.files.get(request.url!));
    });
    await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
    try {
      const address = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
      if (program === "wget") await computer.link("wget");
      const real = await Deno.realPath(computer.bench.path("programs", program));
      await computer.remove("curl");
      if (program === "wget") await computer.remove("wget");
      const option = program === "curl" ? "--cacert" : "--ca-certificate";
      await computer.script(program, `exec ${real} ${option} '${certificate}' "$@"`);
      const args = ["--from", `${address}/releases`];
      await computer.assertRefused(computer.install(args), /SHA256SUMS cannot be downloaded/);
      assert.deepEqual(computer.server.requests, []);
      target = `${address}/releases/download/v1.2.3/SHA256SUMS`;
      await assertInstalled(computer.install(args), `${computer.bin}/pli`);
    } finally {
      secure.closeAllConnections();
      await new Promise<void>((resolve) => secure.close(() => resolve()));
    }
  }, without(program, "openssl"));
}

installTest("a part of the script does nothing", async (computer) => {
  await computer.server.publish("1.2.3", { program: PLI });
  const whole = await Deno.readFile(SCRIPT);
  const complete = whole.length - 1;
  const cuts = Array.from({ length: 40 }, (_, at) => Math.floor((at * complete) / 40));
  for (const cut of [...cuts, ...Array.from({ length: 15 }, (_, at) => complete - 1 - at)]) {
    const running = computer.install([], { stdin: whole.subarray(0, cut) });
    await running.ended();
    assert.deepEqual(computer.files(), [], String(cut));
  }
  assert.deepEqual(computer.server.requests, []);
  await assertInstalled(computer.install([], { stdin: whole.subarray(0, complete) }), `${computer.bin}/pli`);
});

installTest("wrong arguments are refused", async (computer) => {
  const plain = computer.install(["--from", "http://pli.example/releases"]);
  await computer.assertRefused(plain, /begins with https:/);
  const user = computer.install([
    "--from",
    computer.server.address.replace("127.0.0.1", "127.0.0.1:x@127.0.0.1"),
  ]);
  await computer.assertRefused(user, /has no user name/);
  assert.deepEqual(computer.server.requests, []);
  await computer.assertRefused(computer.install(["--from"]), /--from needs a value/);
  await computer.assertRefused(computer.install(["--version", "1.2.3/.."]), /is not a version/);
  const unknown = computer.install(["--unknown"]);
  assert.equal(await unknown.ended(), 2);
  assert.match(unknown.stderr.all[0], /^Usage: /);
  const help = computer.install(["--help"]);
  assert.equal(await help.ended(), 0);
  assert.match(help.stdout.all[0], /^Usage: /);
  const nowhere = computer.bench.run("sh", [SCRIPT], { env: { HOME: computer.home, PLI_RELEASES: "" } });
  await computer.assertRefused(nowhere, /the address of the releases is missing/);
});

Deno.test(needing("F.13 install.sh: shellcheck finds nothing", without("shellcheck")), async () => {
  const { success, stdout } = await new Deno.Command("shellcheck", { args: [SCRIPT] }).output();
  assert.ok(success, new TextDecoder().decode(stdout));
});
