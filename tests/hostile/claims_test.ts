// A real `pli receive` with a provider of false sizes, names and links: each is refused with its own error, nothing is
// created on the disk, and memory does not grow.

import assert from "node:assert/strict";
import type { BindEndpoint, Connection } from "../../src/engine/ports.ts";
import { encodeNames, joinHashes } from "../../src/engine/wire/collection.ts";
import { formatTicket, parseTicket } from "../../src/engine/wire/ticket.ts";
import { Bench } from "../product/processes.ts";
import { noise } from "../product/trees.ts";
import { type Blobs, collection, type Falsify, hashOf, isForFiles, provide } from "./false_provider.ts";
import { inTime } from "../time_limits.ts";
import { report } from "../report.ts";
import { connectionIdsOf, Forwarder } from "./forwarder.ts";
import { bindRaw, mebibytes, MIB, peakResidentBytes, watchMemory } from "./raw.ts";
import { bindIroh } from "../system_ports.ts";

const LOCAL = ["--relay", "disabled"];
const FILE = noise(40_000);

interface FalseClaim {
  name: string;
  blobs?: Blobs;
  falsify?: Falsify;
  codes: string[];
}

/** The true answer with another size before the blob at an offset; sizes are claimed before all other data. */
function claim(sizeBytes: bigint, isForData = false): Falsify {
  return (answer, request) => {
    if (isForFiles(request) !== isForData) return answer;
    const bytes = answer.slice();
    // The size of the root if everything is requested, otherwise that of the file, which is the first then.
    new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(0, sizeBytes, true);
    return bytes;
  };
}

/**
 * The claim of the file's size at any position. If only its proof is false, the file may be requested alone, which
 * yields a true proof.
 */
function claimOfFile(sizeBytes: bigint): Falsify {
  return (answer) => {
    const bytes = answer.slice();
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (let at = 0; at + 8 <= bytes.length; at++) {
      if (view.getBigUint64(at, true) === BigInt(FILE.length)) view.setBigUint64(at, sizeBytes, true);
    }
    return bytes;
  };
}

const SIZES = [0n, 39_999n, 40_001n, 2n ** 31n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];
const WRONG = ["wrong_bytes", "limit_exceeded", "message_malformed", "peer_refused", "source_lost"];

/** False sizes at each position. */
const falseSizes: FalseClaim[] = SIZES.flatMap((size) => [
  { name: `B.10 a root of ${size} bytes`, falsify: claim(size), codes: WRONG },
  { name: `B.10 a file of ${size} bytes, at any position`, falsify: claimOfFile(size), codes: WRONG },
  { name: `B.10 a file of ${size} bytes, in its data`, falsify: claim(size, true), codes: WRONG },
]);

const file = { "a.bin": FILE };
const names = (list: string[]) => collection(file, { metadata: encodeNames(list) });
const MALFORMED = ["message_malformed"];
/** A blob larger than any memory: its size is claimed, and no data follows. */
const hugeRoot = (sizeBytes: number): FalseClaim => ({
  name: `B.12 a root of ${sizeBytes} bytes`,
  falsify: claim(BigInt(sizeBytes)),
  codes: ["limit_exceeded"],
});

const falseLinks: FalseClaim[] = [
  { name: "B.12 a missing name", blobs: names([]), codes: MALFORMED },
  { name: "B.12 a superfluous name", blobs: names(["a", "b"]), codes: MALFORMED },
  {
    name: "B.12 a root that is no multiple of 32",
    blobs: collection(file, { root: (hashes) => joinHashes(hashes).slice(0, -1) }),
    codes: MALFORMED,
  },
  { name: "B.12 no links", blobs: collection({}, { root: () => new Uint8Array(0) }), codes: MALFORMED },
  {
    name: "B.12 an invalid header",
    blobs: collection(file, { metadata: new TextEncoder().encode("CollectionV1.\x01\x05a.bin") }),
    codes: MALFORMED,
  },
  {
    name: "B.12 a count without its names",
    blobs: collection(file, {
      metadata: Buffer.concat([new TextEncoder().encode("CollectionV0."), Buffer.from("ffffffff0f", "hex")]),
    }),
    codes: [...MALFORMED, "limit_exceeded"],
  },
  hugeRoot(10 ** 7 * 32),
  {
    name: "B.12 metadata of 100 MB",
    falsify: (answer, request) => {
      if (isForFiles(request)) return answer;
      const bytes = answer.slice();
      // After the size of the root and its two links.
      new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(8 + 64, 100_000_000n, true);
      return bytes;
    },
    codes: ["limit_exceeded"],
  },
];

Deno.test("B.10, B.12 false sizes, links and names are refused, and take no memory", async () => {
  await using bench = await Bench.make();
  const claims = [...falseSizes, ...falseLinks];
  let peakBytes = 0;
  const run = async (claimed: FalseClaim, index: number) => {
    const provider = await provide(bindIroh, claimed.blobs ?? collection(file), claimed.falsify);
    const out = bench.path(`out${index}`);
    const receiver = bench.pli(["receive", ...LOCAL, "-o", `${out}/`, provider.ticket]);
    const watch = watchMemory(receiver.process.pid, peakResidentBytes);
    const code = await receiver.ended();
    peakBytes = Math.max(peakBytes, watch.stop());
    const last = receiver.events.at(-1);
    assert.ok(
      last?.type === "error" && claimed.codes.includes(last.code),
      `${claimed.name}: ${receiver.output}`,
    );
    assert.notEqual(code, 0, claimed.name);
    for (const event of receiver.events) {
      if (event.type === "manifest") assert.equal(event.bytes, FILE.length, `${claimed.name} was shown`);
    }
    const left = await Array.fromAsync(Deno.readDir(out)).catch(() => []);
    assert.deepEqual(left.filter(({ name }) => name.endsWith(".bin")), [], claimed.name);
    await provider.endpoint.close();
  };
  const chosen = Deno.env.get("PLI_LONG")
    ? claims
    : claims.filter((_, i) => i % 3 === 2 || i >= falseSizes.length);
  for (let i = 0; i < chosen.length; i += 4) {
    await Promise.all(chosen.slice(i, i + 4).map((claimed, k) => run(claimed, i + k)));
  }
  report(`B.10, B.12: ${chosen.length} false claims refused, at most ${mebibytes(peakBytes)} in memory`);
  assert.ok(peakBytes > 0 && peakBytes < 160 * MIB);
});

Deno.test("B.16 the right address with the wrong key fails before any request", async () => {
  await using bench = await Bench.make();
  let accepted = 0;
  const counting: BindEndpoint = (options) => {
    const accept = new Map(
      [...options.accept].map(([alpn, handle]) => [alpn, (connection: Connection) => {
        accepted++;
        return handle(connection);
      }]),
    );
    return bindIroh({ ...options, accept });
  };
  const provider = await provide(counting, collection(file));
  const { addresses } = parseTicket(provider.ticket);
  using forwarder = await Forwarder.to(Number(addresses[0].split(":").at(-1)));
  const other = await bindRaw();
  const ticket = formatTicket({
    ...parseTicket(provider.ticket),
    endpointId: other.id,
    addresses: [forwarder.address],
  });
  await other.close();
  const attempts = new Set<string>();
  let answers = 0;
  const hasTriedAgain = Promise.withResolvers<void>();
  forwarder.onPacket = (packet, from) => {
    if (from === "server") return void answers++;
    const ids = connectionIdsOf(packet);
    if (ids !== null) attempts.add(ids.source);
    if (attempts.size > 1) hasTriedAgain.resolve();
  };
  const receiver = bench.pli(["receive", ...LOCAL, "-o", bench.path("out/"), ticket]);
  await inTime(hasTriedAgain.promise, "a second attempt");
  await receiver.stop();
  assert.ok(answers > 0);
  // With the right key the same way succeeds.
  const right = formatTicket({ ...parseTicket(provider.ticket), addresses: [forwarder.address] });
  assert.equal(accepted, 0);
  const control = bench.pli(["receive", ...LOCAL, "-o", bench.path("control/"), right]);
  assert.equal(await inTime(control.ended(), "a receive with the right key"), 0, control.output);
  assert.ok(accepted > 0);
  assert.ok(!receiver.events.some(({ type }) => type === "path" || type === "manifest"), receiver.output);
  await provider.endpoint.close();
});

Deno.test("B.16 a ticket that is truncated, huge, or of an unknown kind is a usage error", async () => {
  await using bench = await Bench.make();
  const hash = hashOf(FILE);
  const whole = formatTicket({
    endpointId: hash,
    relayUrl: null,
    addresses: ["127.0.0.1:9"],
    format: "hash_sequence",
    hash,
  });
  const tickets = [whole.slice(0, -3), "docs" + whole.slice(4), whole + "a".repeat(100_000), "blob"];
  await Promise.all(tickets.map(async (ticket) => {
    const receiver = bench.pli(["receive", ...LOCAL, ticket]);
    assert.equal(await receiver.ended(), 2, receiver.output);
  }));
  report(
    `B.16: ${tickets.length} tickets refused; a million mutations: tests/engine/wire/ticket_test.ts with PLI_LONG`,
  );
});
