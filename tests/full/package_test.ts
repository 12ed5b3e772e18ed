// The packed engine, installed by npm in an empty folder: 200 MiB from one process to another, on Node.js, on Deno and
// between them. The receiver is killed in the middle, and the next one continues.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPackage } from "../../scripts/package.ts";
import { needing, without } from "../left_out.ts";
import { inTemporaryFolder, NO_NODE } from "../node_program.ts";
import { inTime } from "../time_limits.ts";

const PEER = fileURLToPath(new URL("./package_peer.mjs", import.meta.url));
const MIB = 1024 * 1024;
const SIZE_BYTES = 200 * MIB;
const KILLED_AT_BYTES = 40 * MIB;
/** A rate limit, so that the receiver is still running when it is killed. */
const SLOW_BYTES_PER_SECOND = 30 * MIB;

type Runtime = "node" | "deno";

/** A process of the program, and the JSON lines that it prints. */
class Peer {
  readonly #process: Deno.ChildProcess;
  readonly #lines: AsyncGenerator<Record<string, unknown>>;

  constructor(runtime: Runtime, folder: string, args: readonly string[]) {
    const [program, ...first] = runtime === "node"
      ? ["node", "peer.mjs"]
      : [Deno.execPath(), "run", "-A", "--no-check", "peer.mjs"];
    this.#process = new Deno.Command(program, {
      args: [...first, ...args],
      cwd: folder,
      env: { DENO_NO_UPDATE_CHECK: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#lines = linesOf(this.#process.stdout);
  }

  /** The next line for which `isIt` is true. Rejects when the process ends before. */
  async line(isIt: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    for (;;) {
      const { value, done } = await inTime(this.#lines.next(), "a line of the peer");
      if (done) throw new Error(`the peer has ended: ${(await this.#process.status).code}`);
      if (isIt(value)) return value;
    }
  }

  async kill(): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#process.status;
    for await (const _ of this.#lines);
  }
}

async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Record<string, unknown>> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line);
  }
}

async function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args: [...args], cwd, stdin: "null" })
    .output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of (await Deno.open(path)).readable) hash.update(bytes);
  return hash.digest("hex");
}

async function writeRandom(path: string, sizeBytes: number): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  const piece = new Uint8Array(64 * 1024);
  for (let written = 0; written < sizeBytes; written += piece.length) {
    await file.write(crypto.getRandomValues(piece));
  }
}

async function interruptedTransfer(folder: string, source: string, sender: Runtime, receiver: Runtime) {
  const destination = join(folder, `${sender}-to-${receiver}`);
  const provider = new Peer(sender, folder, ["share", source]);
  try {
    const { ticket } = await provider.line(({ type }) => type === "ticket") as { ticket: string };

    const first = new Peer(receiver, folder, ["fetch", ticket, destination, String(SLOW_BYTES_PER_SECOND)]);
    await first.line(({ type, bytes }) => type === "progress" && Number(bytes) >= KILLED_AT_BYTES);
    await first.kill();
    assert.deepEqual([...Deno.readDirSync(destination)].filter(({ name }) => !name.startsWith(".pli-")), []);

    const second = new Peer(receiver, folder, ["fetch", ticket, destination, "0"]);
    const fetched = await second.line(({ type }) => type === "fetched");
    await second.kill();
    assert.deepEqual(fetched.names, ["large"]);
    assert.equal(fetched.bytes, SIZE_BYTES);
    // Bytes in flight when the process was killed are lost.
    assert.ok(Number(fetched.resumedBytes) >= KILLED_AT_BYTES / 2, `${fetched.resumedBytes}`);
    assert.ok(Number(fetched.resumedBytes) < SIZE_BYTES, `${fetched.resumedBytes}`);
    assert.equal(await hashOf(join(destination, "large")), await hashOf(source));
    assert.deepEqual([...Deno.readDirSync(destination)].map(({ name }) => name), ["large"]);
  } finally {
    await provider.kill();
  }
}

Deno.test({
  ...needing(
    "the packed engine sends 200 MiB, and a killed receiver resumes",
    NO_NODE,
    without("npm"),
    Deno.build.os === "windows" ? "npm is a script there" : null,
  ),
  fn: (context) =>
    inTemporaryFolder(async (folder) => {
      const built = join(folder, "built");
      await buildPackage(built);
      await run("npm", ["pack", "--silent", "--pack-destination", folder], built);
      const archive = [...Deno.readDirSync(folder)].find(({ name }) => name.endsWith(".tgz"))!.name;
      const installed = join(folder, "installed");
      await Deno.mkdir(installed);
      await Deno.writeTextFile(join(installed, "package.json"), '{ "type": "module" }');
      await run(
        "npm",
        ["install", "--no-audit", "--no-fund", "--prefer-offline", `../${archive}`],
        installed,
      );
      await copyFile(PEER, join(installed, "peer.mjs"));
      const source = join(folder, "large");
      await writeRandom(source, SIZE_BYTES);
      const pairs: [Runtime, Runtime][] = [["node", "node"], ["deno", "deno"], ["deno", "node"]];
      for (const [sender, receiver] of pairs) {
        await context.step(
          `from ${sender} to ${receiver}`,
          () => interruptedTransfer(installed, source, sender, receiver),
        );
      }
    }),
});
