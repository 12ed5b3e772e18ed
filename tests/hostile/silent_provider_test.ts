// A sender that accepts connections and never responds, and the page of a receiver: the resources of previews, and their
// end.

import assert from "node:assert/strict";
import { join } from "node:path";
import { Home } from "../../src/app/home.ts";
import { MAXIMUM_PREVIEWS } from "../../src/app/transfers/previews.ts";
import { initialSettings } from "../../src/app/settings.ts";
import { wasmHasher } from "../../src/engine/blake3/wasm_hasher.ts";
import { systemClock } from "../../src/engine/clock.ts";
import { Engine, formatTicket, isPliError, type Ticket } from "../../src/engine/mod.ts";
import type { Connection, Endpoint } from "../../src/engine/ports.ts";
import { BLOBS_ALPN, decodeRequest } from "../../src/engine/wire/request.ts";
import { RECEIPT_ALPN } from "../../src/engine/wire/receipt.ts";
import { PageBackend } from "../../src/web/page_backend.ts";
import { newKey, TransferFixture } from "../engine/transfer/transfer_fixture.ts";
import { needing, NOT_LINUX } from "../left_out.ts";
import { eventually } from "../time_limits.ts";
import { report } from "../report.ts";
import { opened, request, withPage } from "../web/raw_http.ts";
import { readAll } from "../fakes/streams.ts";
import { answerTo, collection } from "./false_provider.ts";
import { bindRaw } from "./raw.ts";
import { bindIroh, realDisk } from "../system_ports.ts";

const HASH = new Uint8Array(32).fill(7);

/** A silent provider, its ticket, and a promise for its `count`-th connection for blobs. */
class Silence {
  #connections = 0;
  readonly #waiting: { count: number; resolve: () => void }[] = [];
  readonly accept = new Map([
    [BLOBS_ALPN, async (connection: Connection) => {
      this.#connections++;
      this.#waiting.filter(({ count }) => count <= this.#connections).forEach(({ resolve }) => resolve());
      await connection.closed;
    }],
    [RECEIPT_ALPN, (connection: Connection) => connection.closed],
  ]);

  reached(count: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#connections >= count) return resolve();
      this.#waiting.push({ count, resolve });
    });
  }

  get connections(): number {
    return this.#connections;
  }

  static ticketOf(endpoint: Endpoint): string {
    const { id, directAddresses } = endpoint.address();
    const rest: Omit<Ticket, "endpointId"> = {
      relayUrl: null,
      addresses: directAddresses,
      format: "hash_sequence",
      hash: HASH,
    };
    return formatTicket({ endpointId: id, ...rest });
  }
}

/** Sockets that this process has open. */
function socketCount(): number {
  let count = 0;
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      if (Deno.readLinkSync(`/proc/self/fd/${name}`).startsWith("socket:")) count++;
    } catch {
      // The descriptor of this listing.
    }
  }
  return count;
}

/** A page over the real network, with a new home. */
async function withRealPage(
  use: (
    page: { port: number; token: string; post: (path: string, body: unknown) => Promise<unknown> },
    backend: PageBackend,
    folder: string,
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "pli-previews-" }));
  try {
    const home = await Home.open((name) => name === "PLI_HOME" ? join(folder, "home") : undefined);
    const engine = new Engine({ bind: bindIroh, hasher: wasmHasher(), disk: realDisk, clock: systemClock });
    await using backend = await PageBackend.open({
      home,
      engine: () => Promise.resolve(engine),
      settings: initialSettings(() => folder, "here"),
      relay: "disabled",
      version: "0",
      openFolder: () => Promise.resolve(),
      places: [],
    });
    await withPage(
      { routes: backend.routes, state: backend.state, feed: backend.feed },
      async (page, token) => {
        const post = async (path: string, body: unknown) => {
          const answer = await request(page, "POST", path, { token, body: JSON.stringify(body) });
          return JSON.parse(answer.body);
        };
        await use({ port: page.port, token, post }, backend, folder);
      },
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Requests a preview without awaiting the response. */
async function requestPreview({ port, token }: { port: number; token: string }, ticket: string) {
  const socket = await opened(port);
  const body = JSON.stringify({ ticket });
  socket.on("error", () => {});
  socket.write([
    "POST /api/previews HTTP/1.1",
    `Host: 127.0.0.1:${port}`,
    `Authorization: Bearer ${token}`,
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n"));
  return socket;
}

Deno.test({
  ...needing(
    "E.21 twenty previews that their page cancelled hold no socket, and the download of the ticket starts",
    NOT_LINUX,
  ),
  async fn() {
    const silence = new Silence();
    const provider = await bindRaw(silence.accept);
    const ticket = Silence.ticketOf(provider);
    await withRealPage(async (page, backend, folder) => {
      const before = socketCount();
      for (let i = 0; i < 20; i++) {
        const socket = await requestPreview(page, ticket);
        await silence.reached(i + 1);
        socket.destroy();
      }
      await eventually(() => socketCount() <= before, "the sockets of the previews are closed");
      await page.post("/api/downloads", {
        ticket,
        folder: join(folder, "in"),
        existing: "merge",
        only: null,
        consents: false,
      });
      await silence.reached(21);
      const [{ state, failure }] = backend.state().downloads;
      assert.deepEqual({ state, failure }, { state: "connecting", failure: null });
    });
    await provider.close();
    report("E.21: 20 abandoned previews, 0 sockets left");
  },
});

Deno.test({
  ...needing(
    "E.21 of previews that are not cancelled only the newest continue, and a download of their ticket ends them",
    NOT_LINUX,
  ),
  async fn() {
    const silence = new Silence();
    const provider = await bindRaw(silence.accept);
    const ticket = Silence.ticketOf(provider);
    await withRealPage(async (page, backend, folder) => {
      const before = socketCount();
      const sockets = [];
      for (let i = 0; i < 12; i++) {
        sockets.push(await requestPreview(page, ticket));
        await silence.reached(i + 1);
      }
      // An endpoint has a socket of each family; the connection of the request has both ends here.
      const allowed = before + 12 * 2 + MAXIMUM_PREVIEWS * 4;
      await eventually(() => socketCount() <= allowed, "the sockets of older previews are closed");
      await page.post("/api/downloads", {
        ticket,
        folder: join(folder, "in"),
        existing: "merge",
        only: null,
        consents: false,
      });
      await silence.reached(13);
      assert.equal(backend.state().downloads[0].failure, null);
      sockets.forEach((socket) => socket.destroy());
    });
    await provider.close();
  },
});

/** Duration of an inspection in virtual milliseconds, for a behaviour of the provider. */
async function inspectionMs(
  fixture: TransferFixture,
  hash: Uint8Array,
  forMs: number,
  serve: (connection: Connection) => Promise<void>,
): Promise<number> {
  const provider = await fixture.network.bind({
    secretKey: newKey(),
    relay: "disabled",
    lookup: "none",
    accept: new Map([[BLOBS_ALPN, serve], [RECEIPT_ALPN, (connection: Connection) => connection.closed]]),
  });
  let endedMs: number | undefined;
  const inspecting = fixture.receiver.inspect({
    ticket: {
      endpointId: provider.id,
      relayUrl: null,
      addresses: ["192.0.2.1:1"],
      format: "hash_sequence",
      hash,
    },
    secretKey: newKey(),
    relay: "disabled",
    onEvent: () => {},
  });
  const fault = inspecting.then(() => null, (error) => error).finally(() => endedMs = fixture.clock.nowMs());
  await fixture.clock.pass(forMs);
  assert.ok(endedMs !== undefined, "the inspection never ended");
  assert.ok(isPliError(await fault, "connection_lost"));
  await provider.close();
  return endedMs;
}

Deno.test("E.21 an inspection ends after at most 40 s without data, and after at most 5 minutes with any data", async () => {
  const silentMs = await inspectionMs(new TransferFixture(), HASH, 60_000, (connection) => connection.closed);
  assert.ok(silentMs < 40_000, `${silentMs} ms`);
  const fixture = new TransferFixture();
  const blobs = collection(Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`${i}`, HASH])));
  // Enough to count as progress for half an hour, and valid.
  const drippingMs = await inspectionMs(fixture, blobs.hash, 6 * 60_000, async (connection) => {
    const { send, receive } = (await connection.acceptBi())!;
    const answer = answerTo(decodeRequest(await readAll(receive)), blobs);
    let isOver = false;
    connection.closed.then(() => isOver = true);
    for (let at = 0; at < answer.length && !isOver; at += 1_100) {
      await send.write([answer.subarray(at, at + 1_100)]).catch(() => {});
      await fixture.clock.sleep(20_000);
    }
  });
  assert.ok(drippingMs > 2 * 60_000 && drippingMs <= 5 * 60_000, `${drippingMs} ms`);
});
