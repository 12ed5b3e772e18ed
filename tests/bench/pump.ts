// How fast pli moves a file over the network binding, beside a bare byte pump over the same binding: two
// processes each, on loopback, relays disabled, in alternating pairs of one run. Prints medians and their ratio.
//
//   deno run -A tests/bench/pump.ts [MiB] [pairs]

import { availableParallelism, cpus, totalmem } from "node:os";
import { bindIroh } from "../../src/engine/net/iroh_endpoint.ts";
import type { Connection, Endpoint } from "../../src/engine/ports.ts";
import { Bench } from "../product/processes.ts";

const ALPN = "pli/pump/1";
const WRITE_BYTES = 64 * 1024;

async function bind(accept: (connection: Connection) => Promise<void>): Promise<Endpoint> {
  return await bindIroh({
    secretKey: crypto.getRandomValues(new Uint8Array(32)),
    relay: "disabled",
    bindAddress: "127.0.0.1:0",
    lookup: false,
    accept: new Map([[ALPN, accept]]),
  });
}

/** The pump's sending process: writes the same bytes until `totalBytes` are out. */
async function pumpOut(totalBytes: number): Promise<void> {
  const done = Promise.withResolvers<void>();
  const endpoint = await bind(async (connection) => {
    const stream = await connection.acceptBi();
    const bytes = new Uint8Array(WRITE_BYTES).map((_, i) => i);
    for (let sent = 0; sent < totalBytes; sent += WRITE_BYTES) await stream?.send.write(bytes);
    await stream?.send.finish();
    await connection.closed;
    done.resolve();
  });
  const { id, directAddresses } = endpoint.address();
  await print(`${id.toHex()} ${directAddresses[0]}\n`);
  await done.promise;
  await endpoint.close();
}

/** The pump's receiving process: prints its payload rate in bytes per second. */
async function pumpIn(id: string, address: string): Promise<void> {
  const endpoint = await bind(() => Promise.resolve());
  const provider = { id: Uint8Array.fromHex(id), relayUrl: null, directAddresses: [address] };
  const startMs = performance.now();
  const connection = await endpoint.connect(provider, ALPN);
  const { send, receive } = await connection.openBi();
  await send.write(Uint8Array.of(1));
  let received = 0;
  for (let bytes = await receive.read(WRITE_BYTES); bytes; bytes = await receive.read(WRITE_BYTES)) {
    received += bytes.length;
  }
  await print(`${received / (performance.now() - startMs) * 1000}\n`);
  connection.close(0);
  await endpoint.close();
}

async function pumpRate(bench: Bench, bytes: number): Promise<number> {
  const self = new URL(import.meta.url).pathname;
  const sender = bench.run(Deno.execPath(), ["run", "-A", self, "out", String(bytes)]);
  const where = await sender.stdout.first((line) => line);
  const receiver = bench.run(Deno.execPath(), ["run", "-A", self, "in", ...(where ?? "").split(" ")]);
  await receiver.ended();
  await sender.ended();
  return Number(receiver.stdout.all[0]);
}

/** The rate from connecting to published, flushed and acknowledged. */
async function pliRate(bench: Bench, path: string): Promise<number> {
  const sender = bench.pli(["send", "--relay", "disabled", path]);
  const receiver = bench.pli([
    "receive",
    "--relay",
    "disabled",
    "-o",
    bench.path("out"),
    await sender.ticket(),
  ]);
  const { bytes, seconds } = await receiver.event("done");
  await receiver.ended();
  await sender.ended();
  await Deno.remove(bench.path("out"), { recursive: true });
  return bytes / seconds;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function print(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(text));
}

async function compare(mebibytes: number, pairs: number): Promise<void> {
  await using bench = await Bench.make();
  const bytes = mebibytes * 1024 * 1024;
  const content = new Uint8Array(bytes).map((_, i) => i * 2654435761 >>> 13);
  await Deno.writeFile(bench.path("file.bin"), content);
  await print(
    `${cpus()[0].model}, ${availableParallelism()} cores, ${
      Math.round(totalmem() / 2 ** 30)
    } GiB, ${Deno.build.os}\n`,
  );
  const rates: { pump: number; pli: number }[] = [];
  for (let i = 0; i < pairs; i++) {
    const pump = await pumpRate(bench, bytes);
    const pli = await pliRate(bench, bench.path("file.bin"));
    rates.push({ pump, pli });
    await print(
      `pump ${(pump / 1e6).toFixed(2)} MB/s, pli ${(pli / 1e6).toFixed(2)} MB/s, ratio ${
        (pli / pump).toFixed(3)
      }\n`,
    );
  }
  const pump = median(rates.map((rate) => rate.pump));
  const pli = median(rates.map((rate) => rate.pli));
  const ratio = median(rates.map((rate) => rate.pli / rate.pump));
  await print(
    `medians of ${pairs} pairs of ${mebibytes} MiB: pump ${(pump / 1e6).toFixed(2)} MB/s, ` +
      `pli ${(pli / 1e6).toFixed(2)} MB/s, ratio of a pair ${ratio.toFixed(3)}\n`,
  );
}

const [mode, ...rest] = Deno.args;
if (mode === "out") await pumpOut(Number(rest[0]));
else if (mode === "in") await pumpIn(rest[0], rest[1]);
else await compare(Number(mode ?? 64), Number(rest[0] ?? 5));
