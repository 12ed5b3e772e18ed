// The user of a program that has connected to a port of this computer: Linux lists every TCP socket with the uid of
// its owner in /proc/net/tcp and tcp6. Other systems have no such list for unprivileged programs.
//
//     sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
//      0: 0100007F:12A9 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 21523 1 …

import { ownUser } from "../engine/disk/own_user.ts";
import type { Environment } from "./home.ts";

const TABLE = "/proc/net/tcp";
/** Maximum that is read of each file, about 55,000 sockets, because any user can make the list long. */
const MAXIMUM_BYTES = 8 * 1024 * 1024;
/** The time limit of the tool that reads it. */
const TOOL_MS = 2_000;
const PIECE_BYTES = 64 * 1024;
/** The list is not a snapshot: a row can be missed while others come and go. */
const ATTEMPTS = 2;
/** A socket that its program has closed is still listed, but as root's. */
const ESTABLISHED = "01";

/** The two ends of a connection, from the accepting side. */
export interface ConnectionEnds {
  peer: { address: string; port: number };
  own: { address: string; port: number };
}

/** The peer's uid; `absent` if the list lacks the socket, `unreadable` if there is no list. */
export type PeerUser = number | "absent" | "unreadable";

export type UserOfPeer = (ends: ConnectionEnds) => Promise<PeerUser>;

/** Whether a user is that of this process or root, whose programs can do anything here. */
export function isOwnOrRoot(user: PeerUser): boolean {
  return user === 0 || (typeof user === "number" && user === ownUser());
}

/** The query for the user of a peer; null if the system does not support it. */
export function peerUsers(
  environment: Environment,
  os: typeof Deno.build.os = Deno.build.os,
): UserOfPeer | null {
  // On WSL connecting programs may be those of Windows, which Linux does not list.
  return os === "linux" && !environment("WSL_DISTRO_NAME") ? userOfPeer : null;
}

/** Finds the user of a peer on this computer. Never rejects. */
export async function userOfPeer(ends: ConnectionEnds, table = TABLE): Promise<PeerUser> {
  let isRead = false;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    for (const { path, peer, own } of searchesFor(ends, table)) {
      try {
        const uid = await uidOf(path, peer, own);
        if (uid !== null) return uid;
        isRead = true;
      } catch {
        // A system without IPv6 has no tcp6.
      }
    }
  }
  return isRead ? "absent" : "unreadable";
}

/** The rows that can contain the peer's socket: one of IPv6 can be connected to an address of IPv4. */
function searchesFor({ peer, own }: ConnectionEnds, table: string) {
  const row = (path: string, write: (address: string) => string | null) => {
    const [peerAddress, ownAddress] = [write(peer.address), write(own.address)];
    if (peerAddress === null || ownAddress === null) return [];
    return [{
      path,
      peer: `${peerAddress}:${portText(peer.port)}`,
      own: `${ownAddress}:${portText(own.port)}`,
    }];
  };
  return [...row(table, ipv4Text), ...row(`${table}6`, ipv6Text)];
}

function portText(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}

/** `127.0.0.1` as `0100007F`: the four bytes as a little-endian number. */
function ipv4Text(address: string): string | null {
  const bytes = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number);
  return bytes === undefined ? null : wordText(bytes);
}

/** Of IPv6 only loopback is listened on; an address of IPv4 is mapped, `::ffff:a.b.c.d`. */
function ipv6Text(address: string): string | null {
  if (address === "::1") return "0".repeat(24) + "01000000";
  const mapped = ipv4Text(address);
  return mapped === null ? null : `0000000000000000FFFF0000${mapped}`;
}

function wordText(bytes: readonly number[]): string {
  return bytes.toReversed().map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join("");
}

/** The uid in the row of a socket; null if the part that is read has no such row. Throws if there is no list. */
async function uidOf(path: string, local: string, remote: string): Promise<number | null> {
  try {
    return await uidInFile(path, local, remote);
  } catch (error) {
    // Only with all of Deno's permissions may a program read below /proc; the compiled pli lacks them.
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    return await uidFromTool(path, local, remote);
  }
}

async function uidInFile(path: string, local: string, remote: string): Promise<number | null> {
  using file = await Deno.open(path);
  const decoder = new TextDecoder();
  const piece = new Uint8Array(PIECE_BYTES);
  let rest = "";
  for (let readBytes = 0; readBytes < MAXIMUM_BYTES;) {
    const count = await file.read(piece);
    if (count === null) return null;
    readBytes += count;
    const lines = (rest + decoder.decode(piece.subarray(0, count), { stream: true })).split("\n");
    rest = lines.pop()!.slice(0, PIECE_BYTES);
    const uid = uidIn(lines, local, remote);
    if (uid !== null) return uid;
  }
  return null;
}

async function uidFromTool(path: string, local: string, remote: string): Promise<number | null> {
  const signal = AbortSignal.timeout(TOOL_MS);
  const args = ["-F", "-m", "1", `${local} ${remote} ${ESTABLISHED} `, path];
  const tool = new Deno.Command("grep", { args, stdin: "null", stdout: "piped", stderr: "null", signal });
  const { code, stdout } = await tool.output();
  // Reading a list takes this long only if another user has made it long.
  if (signal.aborted || code === 1) return null;
  if (code !== 0) throw new Error(`grep ended with ${code}`);
  return uidIn(new TextDecoder().decode(stdout).split("\n"), local, remote);
}

function uidIn(lines: readonly string[], local: string, remote: string): number | null {
  for (const line of lines) {
    const [, rowLocal, rowRemote, state, , , , uid] = line.trim().split(/ +/, 8);
    const isPeers = rowLocal === local && rowRemote === remote && state === ESTABLISHED;
    if (isPeers && /^\d{1,10}$/.test(uid ?? "")) return Number(uid);
  }
  return null;
}
