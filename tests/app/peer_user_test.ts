import { deepStrictEqual, strictEqual } from "node:assert";
import { PERMISSIONS } from "../../scripts/run_options.ts";
import { type ConnectionEnds, peerUsers, userOfPeer } from "../../src/app/peer_user.ts";
import { needing, NO_IPV6, NOT_LINUX } from "../left_out.ts";

const HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const REST = "01 00000000:00000000 00:00000000 00000000";
const ENDS: ConnectionEnds = {
  peer: { address: "127.0.0.1", port: 54_321 },
  own: { address: "127.0.0.1", port: 4_777 },
};
const ENDS_6: ConnectionEnds = {
  peer: { address: "::1", port: 54_321 },
  own: { address: "::1", port: 4_777 },
};
const LOOPBACK_6 = "00000000000000000000000001000000";
const MAPPED = "0000000000000000FFFF00000100007F";

const row = (local: string, remote: string, uid: number | string) =>
  `  12: ${local} ${remote} ${REST}  ${uid}        0 21523 1 0000000000000000 20 4 30 10 -1`;

/** Calls `use` with files of the lists of both families; null is a missing file. */
async function withTables(
  rows: string[] | null,
  rows6: string[] | null,
  use: (table: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const table = `${folder}/tcp`;
    if (rows !== null) await Deno.writeTextFile(table, [HEAD, ...rows, ""].join("\n"));
    if (rows6 !== null) await Deno.writeTextFile(`${table}6`, [HEAD, ...rows6, ""].join("\n"));
    await use(table);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("E.15 the user of a peer is that of its socket, not of ours or of another connection", async () => {
  const rows = [
    row("0100007F:12A9", "00000000:0000", 7),
    row("0100007F:12A9", "0100007F:D431", 8),
    row("0100007F:D431", "0100007F:12AA", 9),
    row("0200007F:D431", "0100007F:12A9", 10),
    row("0100007F:D431", "0100007F:12A9", 1000),
  ];
  const closed = row("0100007F:D431", "0100007F:12A9", 0).replace(" 01 ", " 06 ");
  await withTables([closed], [], async (table) => strictEqual(await userOfPeer(ENDS, table), "absent"));
  await withTables(rows, [], async (table) => strictEqual(await userOfPeer(ENDS, table), 1000));
  await withTables(
    rows.slice(0, -1),
    [],
    async (table) => strictEqual(await userOfPeer(ENDS, table), "absent"),
  );
});

Deno.test("E.15 the user of a peer is found over IPv6, and over IPv6 that is mapped to IPv4", async () => {
  const rows = [
    row(`${LOOPBACK_6}:D431`, `${LOOPBACK_6}:12A9`, 1001),
    row(`${MAPPED}:D431`, `${MAPPED}:12A9`, 1002),
  ];
  await withTables([], rows, async (table) => {
    deepStrictEqual([await userOfPeer(ENDS_6, table), await userOfPeer(ENDS, table)], [1001, 1002]);
  });
  // A system without IPv6.
  await withTables([], null, async (table) => strictEqual(await userOfPeer(ENDS, table), "absent"));
});

Deno.test("E.15 a file that is no list, or is hostile, yields no user", async () => {
  strictEqual(await userOfPeer(ENDS, "/nonexistent/tcp"), "unreadable");
  const noise = ["", "x", "a b c d e f g h", row("0100007F:D431", "0100007F:12A9", "x"), "y".repeat(300_000)];
  await withTables(noise, [], async (table) => strictEqual(await userOfPeer(ENDS, table), "absent"));
  const odd = { peer: { address: "fe80::1%lo", port: 0 }, own: { address: "", port: 70_000 } };
  await withTables([], [], async (table) => strictEqual(await userOfPeer(odd, table), "unreadable"));
});

Deno.test("E.15 only a bounded part of the list is read", async () => {
  const others = Array.from({ length: 70_000 }, (_, index) => row(`0100007F:${index}`, "0100007F:12A9", 5));
  const wanted = row("0100007F:D431", "0100007F:12A9", 1000);
  await withTables(
    [...others, wanted],
    [],
    async (table) => strictEqual(await userOfPeer(ENDS, table), "absent"),
  );
  await withTables(
    [wanted, ...others],
    [],
    async (table) => strictEqual(await userOfPeer(ENDS, table), 1000),
  );
});

Deno.test({
  ...needing("E.15 the system's list contains this user", NOT_LINUX),
  fn: async () => {
    for (const hostname of ["127.0.0.1", ...NO_IPV6 === null ? ["::1"] : []]) {
      using listener = Deno.listen({ hostname, port: 0 });
      using client = await Deno.connect({ hostname, port: listener.addr.port });
      using accepted = await listener.accept();
      const [peer, own] = [accepted.remoteAddr, accepted.localAddr] as Deno.NetAddr[];
      const ends = {
        peer: { address: peer.hostname, port: peer.port },
        own: { address: own.hostname, port: own.port },
      };
      strictEqual(await userOfPeer(ends), Deno.uid(), hostname);
      strictEqual(client.localAddr.transport, "tcp");
    }
  },
});

Deno.test({
  ...needing(
    "E.15 the system's list is also read by a binary, which has fewer permissions than Deno",
    NOT_LINUX,
  ),
  fn: async () => {
    const program = `
      import { isOwnOrRoot, userOfPeer } from ${
      JSON.stringify(import.meta.resolve("../../src/app/peer_user.ts"))
    };
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const client = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
      const accepted = await listener.accept();
      const [peer, own] = [accepted.remoteAddr, accepted.localAddr];
      const named = (one) => ({ address: one.hostname, port: one.port });
      const user = await userOfPeer({ peer: named(peer), own: named(own) });
      const other = await userOfPeer({ peer: { address: "127.0.0.1", port: 1 }, own: named(own) });
      console.log(JSON.stringify([user, other, isOwnOrRoot(user), isOwnOrRoot(54_321)]));
      Deno.exit(0);`;
    const path = await Deno.makeTempFile({ suffix: ".ts" });
    try {
      await Deno.writeTextFile(path, program);
      // The second set has no permission to read the uid.
      for (const permissions of [PERMISSIONS, PERMISSIONS.filter((one) => one !== "--allow-sys")]) {
        const args = ["run", "--no-check", "--no-prompt", ...permissions, path];
        const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
        const text = new TextDecoder().decode(stdout);
        strictEqual(text, `[${Deno.uid()},"absent",true,false]\n`, new TextDecoder().decode(stderr));
      }
    } finally {
      await Deno.remove(path);
    }
  },
});

Deno.test("E.15 the list is read on Linux, and not on Windows", () => {
  strictEqual(peerUsers(() => undefined, "linux"), userOfPeer);
  strictEqual(peerUsers((name) => name === "WSL_DISTRO_NAME" ? "Debian" : undefined, "linux"), null);
  strictEqual(peerUsers(() => undefined, "darwin"), null);
  strictEqual(peerUsers(() => undefined, "windows"), null);
});
