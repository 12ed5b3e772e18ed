// Incomplete handshakes, each from a different port, as from forged addresses: the first packet of a real handshake is
// intercepted by a socket of the test, and sent to the share from there.

import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { BLOBS_ALPN } from "../../src/engine/wire/request.ts";
import { Bench } from "../product/processes.ts";
import { noise } from "../product/trees.ts";
import { inTime } from "../time_limits.ts";
import { report } from "../report.ts";
import { connectionIdsOf } from "./forwarder.ts";
import { addressOf, bindRaw, mebibytes, MIB, residentBytes } from "./raw.ts";

const HOST = "127.0.0.1";
const HANDSHAKES = 400;
/** The number of handshakes without address validation in iroh_endpoint.ts, and the time limit of a handshake. */
const UNVALIDATED = 64;
const TIMEOUT_MS = 10_000;
/** Interval after which lost packets are sent again, for example because the share's socket had no space. */
const RESEND_MS = 300;

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
    // By connection id. Packets after the first are repetitions, or the close of the connection.
    const id = connectionIdsOf(packet)?.destination;
    if (id !== undefined && !packets.has(id)) packets.set(id, packet);
    if (packets.size >= count) enough.resolve();
  });
  const endpoint = await bindRaw();
  const address = { ...addressOf(ticket), directAddresses: [`${HOST}:${socket.address().port}`] };
  // On a busy machine the socket may have no space for some packets, and an attempt times out: another follows.
  const attempt = async () => {
    while (packets.size < count) await endpoint.connect(address, BLOBS_ALPN).catch(() => {});
  };
  const attempts = Array.from({ length: count }, attempt);
  await inTime(enough.promise, "the first packets");
  await endpoint.close();
  await Promise.all(attempts);
  socket.close();
  return [...packets.values()].slice(0, count);
}

function isRetry(packet: Uint8Array): boolean {
  return (packet[0] & 0xf0) === 0xf0;
}

Deno.test("B.15 of incomplete handshakes few are kept, and a later receiver connects", async () => {
  await using bench = await Bench.make();
  await Deno.writeFile(bench.path("file"), noise(MIB));
  const sender = bench.pli(["send", "--relay", "disabled", "--keep", bench.path("file")]);
  const ticket = await sender.ticket();
  const packets = await firstPackets(ticket, HANDSHAKES);
  const port = Number(addressOf(ticket).directAddresses[0].split(":")[1]);
  const before = residentBytes(sender.process.pid);
  let [kept, validated] = [0, 0];
  const unanswered = new Map<Socket, Uint8Array>();
  const areAnswered = Promise.withResolvers<void>();
  for (const packet of packets) {
    const socket = await socketOn((answer) => {
      if (unanswered.delete(socket)) isRetry(answer) ? validated++ : kept++;
      if (unanswered.size === 0) areAnswered.resolve();
    });
    unanswered.set(socket, packet);
  }
  const sockets = [...unanswered.keys()];
  const sendAll = () => {
    for (const [socket, packet] of unanswered) socket.send(packet, port, HOST);
  };
  const startMs = performance.now();
  sendAll();
  const resending = setInterval(sendAll, RESEND_MS);
  try {
    await inTime(areAnswered.promise, "an answer to each handshake");
  } finally {
    clearInterval(resending);
  }
  const tookMs = performance.now() - startMs;
  const receiver = bench.pli(["receive", "--relay", "disabled", "-o", bench.path("out/"), ticket]);
  assert.equal(await receiver.ended(), 0, receiver.output);
  const growth = residentBytes(sender.process.pid) - before;
  report(
    `B.15: of ${HANDSHAKES} handshakes ${validated} got an address validation; memory +${mebibytes(growth)}`,
  );
  assert.ok(kept > 0 && kept + validated === HANDSHAKES);
  // Abandoned handshakes are replaced by others.
  const most = UNVALIDATED * (1 + Math.floor(tookMs / TIMEOUT_MS));
  assert.ok(kept <= most, `${kept} were kept in ${tookMs} ms, ${validated} validated`);
  sockets.forEach((socket) => socket.close());
});
