// Foreign programs for the suites, built from crates.io and kept between runs outside of the checkout, in a folder for
// each version. Run as a program, this file builds the missing ones.

import { join } from "node:path";

interface Peer {
  crate: string;
  version: string;
  features?: string;
}

const PEERS = {
  sendme: { crate: "sendme", version: "0.37.1" },
  "iroh-relay": { crate: "iroh-relay", version: "1.4.1", features: "server" },
} satisfies Record<string, Peer>;

export type PeerName = keyof typeof PEERS;

/** The folder of foreign programs. */
export function cacheFolder(): string {
  const { PLI_PEERS, XDG_CACHE_HOME, HOME } = Deno.env.toObject();
  return PLI_PEERS ?? join(XDG_CACHE_HOME ?? join(HOME ?? "/tmp", ".cache"), "pli", "peers");
}

export function peerVersion(name: PeerName): string {
  return PEERS[name].version;
}

/** The path of a peer's program, which is built if it is missing; that takes minutes. */
export async function peerProgram(name: PeerName): Promise<string> {
  const { crate, version, features }: Peer = PEERS[name];
  const folder = join(cacheFolder(), `${crate}-${version}`);
  const program = join(folder, "bin", name);
  if (await isThere(program)) return program;
  const target = await Deno.makeTempDir({ prefix: "pli-peer-" });
  try {
    const options = [
      "--locked",
      "--version",
      version,
      "--root",
      folder,
      ...(features ? ["--features", features] : []),
    ];
    const { success } = await new Deno.Command("cargo", {
      args: ["install", ...options, crate],
      env: { CARGO_TARGET_DIR: target },
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).output();
    if (!success) throw new Error(`cargo could not install ${crate} ${version}`);
  } finally {
    await Deno.remove(target, { recursive: true });
  }
  return program;
}

export async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then((status) => status.isFile, () => false);
}

if (import.meta.main) {
  for (const name of Object.keys(PEERS) as PeerName[]) {
    await Deno.stdout.write(new TextEncoder().encode(`${await peerProgram(name)}\n`));
  }
}
