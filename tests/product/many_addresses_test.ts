// A ticket with very many addresses, and a socket that receives the packets for each of them.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { formatTicket } from "../../src/engine/mod.ts";
import { needing, NOT_LINUX } from "../left_out.ts";
import { Bench } from "./processes.ts";

const ADDRESSES = 1_250;
const GIVE_UP_S = 3;
/** QUIC repeats an unanswered first packet after 1 and 2 s; iroh also probes each address. */
const PACKETS_PER_ADDRESS = 24;

Deno.test({
  // Only on Linux every address of 127.0.0.0/8 is local without configuration.
  ...needing(
    "E.22 a ticket of 1,250 addresses makes its receiver send to at most 16, and is reported",
    NOT_LINUX,
  ),
  fn: async () => {
    const socket = createSocket("udp4");
    let packets = 0;
    socket.on("message", () => packets++);
    socket.bind(0, "0.0.0.0");
    await once(socket, "listening");
    try {
      const { port } = socket.address();
      const ticket = formatTicket({
        endpointId: Uint8Array.fromHex("3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"),
        relayUrl: null,
        addresses: Array.from({ length: ADDRESSES }, (_, i) => `127.1.${i >> 8}.${i & 255}:${port}`),
        format: "hash_sequence",
        hash: new Uint8Array(32),
      });
      await using bench = await Bench.make();
      const receiver = bench.pli([
        ...["receive", "--relay", "disabled", "--give-up", `${GIVE_UP_S}s`],
        ...["-o", bench.path("out/"), ticket],
      ]);
      assert.equal(await receiver.ended(), 3, receiver.output);
      const cut = receiver.events.find(({ type }) => type === "addresses_cut");
      assert.deepEqual(cut, { v: 1, type: "addresses_cut", count: ADDRESSES, tried: 16 });
      assert.ok(packets > 0, "no address was tried");
      assert.ok(packets <= 16 * PACKETS_PER_ADDRESS, `${packets} packets`);
    } finally {
      socket.close();
    }
  },
});
