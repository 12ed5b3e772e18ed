// The getter against a real provider over a network in memory, and against providers that are busy or refuse.

import assert from "node:assert/strict";
import { systemClock } from "../../../src/engine/clock.ts";
import { isPliError, PliError } from "../../../src/engine/errors.ts";
import type { BiStream, Connection } from "../../../src/engine/ports.ts";
import { fetchFiles } from "../../../src/engine/transfer/fetch/getter.ts";
import { wholePiece } from "../../../src/engine/store/pieces.ts";
import { Remaining } from "../../../src/engine/transfer/fetch/remaining.ts";
import { fetchManifest } from "../../../src/engine/transfer/fetch/manifest.ts";
import { parseTicket } from "../../../src/engine/wire/ticket.ts";
import type { Sink } from "../../../src/engine/transfer/fetch/segment_download.ts";
import { TransferFixture } from "./transfer_fixture.ts";

const MIB = 1024 * 1024;

function noise(sizeBytes: number): Uint8Array {
  return new Uint8Array(sizeBytes).map((_, i) => (i * 2654435761) >>> 13);
}

/** The written bytes of files, and their order. */
class Landed implements Sink {
  readonly files: Uint8Array[];
  readonly order: number[] = [];
  readonly finished: number[] = [];
  underWay = 0;
  onWrite: () => Promise<void> = () => Promise.resolve();

  constructor(sizes: readonly number[]) {
    this.files = sizes.map((size) => new Uint8Array(size));
  }

  async write(index: number, offsetBytes: number, bytes: Uint8Array): Promise<void> {
    this.underWay++;
    try {
      this.order.push(offsetBytes);
      await this.onWrite();
      this.files[index].set(bytes, offsetBytes);
    } finally {
      this.underWay--;
    }
  }

  prove(): void {}

  finish(index: number): Promise<void> {
    this.finished.push(index);
    return Promise.resolve();
  }

  async writeWhole(files: readonly { index: number; bytes: Uint8Array }[]): Promise<void> {
    await this.onWrite();
    for (const { index, bytes } of files) {
      this.files[index].set(bytes);
      this.finished.push(index);
    }
  }
}

interface Setting {
  content: Record<string, Uint8Array>;
  rttMs?: number;
  isOrdered?: boolean;
  onWrite?: () => Promise<void>;
  /** Wraps the streams that are opened after those for the manifest. */
  open?: (openBi: () => Promise<BiStream>) => Promise<BiStream>;
}

async function fetch({ content, rttMs = 1, isOrdered, onWrite, open }: Setting) {
  const fixture = new TransferFixture(content);
  fixture.network.rttMs = rttMs;
  const share = await fixture.share();
  const connection = await fixture.connect(parseTicket(share.ticket).endpointId);
  const manifest = await fetchManifest({ connection, clock: systemClock }, fixture.hasher, share.hash);
  const landed = new Landed(Array.from(manifest.files, (file) => file.sizeBytes));
  if (onWrite !== undefined) landed.onWrite = onWrite;
  let openStreams = 0;
  let mostStreams = 0;
  let requests = 0;
  const counting: Connection = Object.create(connection, {
    openBi: {
      value: async () => {
        requests++;
        const stream = await (open ?? ((openBi) => openBi()))(() => connection.openBi());
        mostStreams = Math.max(mostStreams, ++openStreams);
        const { receive } = stream;
        const ended = async (count: number) => {
          const waiting = await receive.ready(count);
          if (waiting < count) openStreams--;
          return waiting;
        };
        return {
          send: stream.send,
          receive: Object.create(receive, {
            ready: { value: ended },
            take: { value: receive.take.bind(receive) },
            stop: { value: receive.stop.bind(receive) },
            receivedBytes: { get: () => receive.receivedBytes },
          }),
        };
      },
    },
    path: { value: () => connection.path() },
  });
  const { rootHash, files } = manifest;
  const fetching = fetchFiles(
    {
      connection: counting,
      clock: systemClock,
      hasher: fixture.hasher,
      rootHash,
      files,
      sink: landed,
      remaining: new Remaining(files, Array.from(files, (file, i) => wholePiece(i, file))),
      isOrdered,
      onLost: (index) => assert.fail(`file ${index} is lost`),
    },
  );
  const outcome = await fetching.then(() => null, (error: unknown) => error);
  const underWay = landed.underWay;
  connection.close(0);
  await share.close();
  return { landed, outcome, underWay, requests, mostStreams: () => mostStreams, manifest };
}

function assertArrived(
  content: Record<string, Uint8Array>,
  { landed, manifest }: Awaited<ReturnType<typeof fetch>>,
) {
  for (const [i, { name }] of [...manifest.files].entries()) {
    assert.ok(Buffer.from(landed.files[i]).equals(content[name.replace(/^src\//, "")]), name);
  }
  assert.deepEqual(landed.finished.toSorted((a, b) => a - b), Array.from(manifest.files, (_, i) => i));
}

const MIXED = {
  "a/empty": new Uint8Array(0),
  "a/one": noise(1),
  "b/large": noise(19 * MIB + 77),
  "c/block": noise(MIB),
  "d/small": noise(70_000),
  ...Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`e/${i}`, noise(i * 61)])),
  "z/last": noise(9 * MIB - 1),
};

Deno.test("files of all sizes arrive over one stream, each finished once", async () => {
  const result = await fetch({ content: MIXED });
  assert.equal(result.outcome, null);
  assertArrived(MIXED, result);
});

Deno.test("a path with a long round trip has several streams, at most eight", async () => {
  const result = await fetch({ content: MIXED, rttMs: 50 });
  assert.equal(result.outcome, null);
  assert.ok(result.mostStreams() >= 4 && result.mostStreams() <= 8, `${result.mostStreams()} streams`);
  assertArrived(MIXED, result);
});

Deno.test("a long round trip with fewer bytes than for all streams", async () => {
  const content = { one: noise(5), two: noise(6 * MIB) };
  const result = await fetch({ content, rttMs: 50 });
  assert.equal(result.outcome, null);
  assertArrived(content, result);
});

Deno.test("with a required order the bytes are written in it, also over a long round trip", async () => {
  const content = { file: noise(21 * MIB + 3) };
  const result = await fetch({ content, rttMs: 50, isOrdered: true });
  assertArrived(content, result);
  assert.deepEqual(result.landed.order, result.landed.order.toSorted((a, b) => a - b));
});

Deno.test("a provider that refuses further streams while it serves others has fewer", async () => {
  let open = 0;
  let refused = 0;
  const content = { file: noise(33 * MIB) };
  const result = await fetch({
    content,
    rttMs: 50,
    onWrite: () => new Promise((resolve) => setTimeout(resolve, 5)),
    open: async (openBi) => {
      const stream = await openBi();
      if (open < 2) {
        open++;
        const { receive } = stream;
        const ready = async (count: number) => {
          const waiting = await receive.ready(count);
          if (waiting < count) open--;
          return waiting;
        };
        const take = receive.take.bind(receive);
        return { send: stream.send, receive: Object.assign(Object.create(receive), { ready, take }) };
      }
      refused++;
      stream.receive.stop(0);
      const ready = () => Promise.reject(new PliError("stream_reset", { streamCode: 3 }));
      const receive = { ready, take: () => {}, receivedBytes: 0, stop: () => {} };
      return { send: stream.send, receive };
    },
  });
  assert.equal(result.outcome, null);
  assert.ok(refused > 0);
  assertArrived(content, result);
});

Deno.test("an error of the sink ends the download, and no write is pending then", async () => {
  let writes = 0;
  const result = await fetch({
    content: MIXED,
    rttMs: 50,
    onWrite: async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (++writes === 3) throw new Error("the disk is full");
    },
  });
  assert.match(String(result.outcome), /disk is full/);
  assert.equal(result.underWay, 0);
});

Deno.test("a source that changes during the download ends it on several streams", async () => {
  const content = { file: noise(25 * MIB) };
  const fixture = new TransferFixture(content);
  fixture.network.rttMs = 50;
  const share = await fixture.share();
  const changed = content.file.slice();
  changed[13 * MIB + 5] ^= 1;
  fixture.senderDisk.writeFile("/src/file", changed);
  let isOver = false;
  const fetching = fixture.fetch(share.ticket).finally(() => isOver = true);
  const refused = assert.rejects(fetching, (error) => isPliError(error, "source_lost"));
  while (!isOver) await fixture.clock.pass(100);
  await refused;
  await share.close();
});
