// A forwarder of UDP between clients and one address on loopback, for tests of the packets of a real QUIC connection in
// transit.

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

const HOST = "127.0.0.1";

export class Forwarder implements Disposable {
  /** Called with each packet before it is forwarded. */
  onPacket: (packet: Uint8Array, from: "client" | "server") => void = () => {};
  readonly #socket: Socket;
  /** The socket by which the packets of each client are forwarded, by the client's port. */
  readonly #upstream = new Map<number, Socket>();

  private constructor(socket: Socket, readonly serverPort: number) {
    this.#socket = socket;
    socket.on("message", (packet, { port }) => this.#forward(packet, port));
  }

  /** Listens on loopback, for a server there. */
  static async to(serverPort: number): Promise<Forwarder> {
    return new Forwarder(await bound(), serverPort);
  }

  /** The address to which clients send packets for the server. */
  get address(): string {
    return `${HOST}:${this.#socket.address().port}`;
  }

  [Symbol.dispose](): void {
    for (const socket of [this.#socket, ...this.#upstream.values()]) socket.close();
  }

  #forward(packet: Uint8Array, clientPort: number): void {
    this.onPacket(packet, "client");
    let upstream = this.#upstream.get(clientPort);
    if (upstream === undefined) {
      upstream = createSocket("udp4", (answer) => {
        this.onPacket(answer, "server");
        this.#socket.send(answer, clientPort, HOST);
      });
      this.#upstream.set(clientPort, upstream);
    }
    upstream.send(packet, this.serverPort, HOST);
  }
}

async function bound(): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(0, HOST);
  await once(socket, "listening");
  return socket;
}

/**
 * The connection ids of a QUIC packet with a long header, in hex; null for other packets (RFC 9000, 17.2).
 *
 *     flags 1 | version 4 | length 1 | destination id | length 1 | source id | …
 */
export function connectionIdsOf(packet: Uint8Array): { destination: string; source: string } | null {
  if ((packet[0] & 0x80) === 0) return null;
  const id = (at: number) => packet.subarray(at + 1, at + 1 + packet[at]);
  const destination = id(5);
  return { destination: destination.toHex(), source: id(6 + destination.length).toHex() };
}
