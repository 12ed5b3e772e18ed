// A file server with the releases of a fake pli, at the addresses that GitHub gives releases, for tests of
// scripts/install.sh.

import { createHash } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { without } from "../left_out.ts";

/** A number that no user of this computer has. */
const BUILDER = 4_000_125;

/** What the server does with a request: it sends bytes, or it writes the answer itself. */
export type Answer = Uint8Array | string | ((response: ServerResponse) => void);

export class ReleaseServer implements AsyncDisposable {
  /** The paths that were requested, in their order. */
  readonly requests: string[] = [];
  readonly files = new Map<string, Answer>();
  readonly #server = createServer((request, response) => {
    const path = request.url!;
    this.requests.push(path);
    const answer = this.files.get(path);
    if (answer === undefined) response.writeHead(404).end("Not found");
    else if (typeof answer === "function") answer(response);
    else response.writeHead(200).end(answer);
  });

  static async start(): Promise<ReleaseServer> {
    const server = new ReleaseServer();
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/releases`;
  }

  /** Publishes a release with one archive. Resolves to the name of the archive. */
  async publish(
    version: string,
    { program, system = "linux-x64", isNewest = true }: {
      program: string;
      system?: string;
      isNewest?: boolean;
    },
  ): Promise<string> {
    const name = `pli-v${version}-${system}.tar.gz`;
    const archive = await archiveOf(program);
    const others = [`${system}-deno-compile.tar.gz`, "windows-x64.zip"];
    const sums = [
      `${sumOf(archive)}  ${name}`,
      ...others.map((other) => `${"0".repeat(64)}  pli-v${version}-${other}`),
      "",
    ];
    this.setSums(version, sums.join("\n"), isNewest);
    this.files.set(`/releases/download/v${version}/${name}`, archive);
    return name;
  }

  setSums(version: string, sums: Answer, isNewest = true): void {
    const path = `/releases/download/v${version}/SHA256SUMS`;
    this.files.set(path, sums);
    if (!isNewest) return;
    this.files.set("/releases/latest/download/SHA256SUMS", (response) => {
      response.writeHead(302, { Location: path }).end();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

export function sumOf(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** An archive as a release has it, with a shell script as `pli`. */
async function archiveOf(program: string): Promise<Uint8Array> {
  const folder = await Deno.makeTempDir({ prefix: "pli-archive-" });
  try {
    await Deno.writeTextFile(`${folder}/pli`, program, { mode: 0o755 });
    // The owner is one of the computer that built it.
    if (Deno.build.os === "linux" && Deno.uid() === 0) await Deno.chown(`${folder}/pli`, BUILDER, BUILDER);
    const others = ["LICENSE", "LICENCES.txt", "README.md"];
    for (const name of others) await Deno.writeTextFile(`${folder}/${name}`, name);
    const args = ["-czf", "archive.tar.gz", "pli", ...others];
    const { success } = await new Deno.Command("tar", { args, cwd: folder }).output();
    if (!success) throw new Error("tar failed");
    return await Deno.readFile(`${folder}/archive.tar.gz`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The reason for ignoring tests of archives; null if they can be made. */
export const NO_TAR = without("tar", "gzip");
