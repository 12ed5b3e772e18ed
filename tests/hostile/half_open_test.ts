// Handshakes that are begun and never answered, each from a port of its own, as from forged addresses: what begins a
// real one is taken on its way to a socket of the test's, and sent to the share from there.

import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { BLOBS_ALPN } from "../../src/engine/wire/request.ts";
import { Bench } from "../product/processes.ts";
import { noise } from "../product/trees.ts";
import { report } from "../report.ts";
import { addressOf, bindRaw, delay, mebibytes, MIB, residentBytes } from "./raw.ts";

const HOST = "127.0.0.1";
const BEGUN = 400;
/** What iroh_endpoint.ts begins without asking. */
const UNASKED = 64;

async function socketOn(onPacket: (packet: Uint8Array) => void): Promise<Socket> {
  const socket = createSocket("udp4", onPacket);
  socket.bind(0, HOST);
  await once(socket, "listening");
  return socket;
}

/** The first packets of many handshakes with the endpoint of a ticket. */
async function firstPackets(ticket: string, count: number): Promise<Uint8Array[]> {
  const packets = new Map<string, Uint8Array>();
  const enough = Promise.withResolvers<void>();
  const socket = await socketOn((packet) => {
    // By the connection's id. Each is sent again as long as nobody answers.
    packets.set(packet.subarray(6, 6 + packet[5]).toHex(), packet);
    if (packets.size >= count) enough.resolve();
  });
  const endpoint = await bindRaw();
  const address = { ...addressOf(ticket), directAddresses: [`${HOST}:${socket.address().port}`] };
  const attempts = Array.from({ length: count }, () => endpoint.connect(address, BLOBS_ALPN).catch(() => {}));
  await enough.promise;
  await endpoint.close();
  await Promise.all(attempts);
  socket.close();
  return [...packets.values()].slice(0, count);
}

function isRetry(packet: Uint8Array): boolean {
  return (packet[0] & 0xf0) === 0xf0;
}

Deno.test("B.15 of handshakes that are never answered few are kept, and who comes then gets in", async () => {
  await using bench = await Bench.make();
  await Deno.writeFile(bench.path("file"), noise(MIB));
  const sender = bench.pli(["send", "--relay", "disabled", "--keep", bench.path("file")]);
  const ticket = await sender.ticket();
  const packets = await firstPackets(ticket, BEGUN);
  const port = Number(addressOf(ticket).directAddresses[0].split(":")[1]);
  const before = residentBytes(sender.process.pid);
  let [kept, asked] = [0, 0];
  const unanswered = new Map<Socket, Uint8Array>();
  for (const packet of packets) {
    const socket = await socketOn((answer) => {
      if (unanswered.delete(socket)) isRetry(answer) ? asked++ : kept++;
    });
    unanswered.set(socket, packet);
  }
  const sockets = [...unanswered.keys()];
  for (let round = 0; round < 3; round++) {
    // Some are lost where the share's socket has no room for so many at once.
    for (const [socket, packet] of unanswered) socket.send(packet, port, HOST);
    await delay(300);
  }
  const receiver = bench.pli(["receive", "--relay", "disabled", "-o", bench.path("out"), ticket]);
  assert.equal(await receiver.ended(), 0, receiver.output);
  const growth = residentBytes(sender.process.pid) - before;
  report(
    `B.15: of ${BEGUN} handshakes ${asked} were asked to show their address; memory +${mebibytes(growth)}`,
  );
  // Those are given up after ten seconds, and others take their places.
  assert.ok(kept <= 2 * UNASKED && asked > kept, `${kept} were kept, ${asked} asked`);
  sockets.forEach((socket) => socket.close());
});
