// Downloads whose answers are damaged in transit, in memory: each ends with an error or with the true files, and no
// unverified byte is ever written.

import assert from "node:assert/strict";
import { isPliError, parseTicket } from "../../src/engine/mod.ts";
import type { Disk } from "../../src/engine/ports.ts";
import { MemoryDisk } from "../fakes/memory_disk.ts";
import { MemoryNetwork } from "../fakes/memory_network.ts";
import { VirtualClock } from "../fakes/virtual_clock.ts";
import { Engine } from "../../src/engine/mod.ts";
import { noise } from "../product/trees.ts";
import { collection, hasher, isForFiles, provide } from "./false_provider.ts";

/** A file in pieces, one that is one leaf of many groups, and some that are written whole. */
const FILES: Record<string, Uint8Array> = {
  "d/large.bin": noise(150_001, 2),
  "d/medium.bin": noise(66_000, 3),
  "d/small-1.bin": noise(3_000, 4),
  "d/small-2.bin": noise(17_000, 5),
};

export type Damage = "flipped" | "cut" | "appended" | "reordered";
export const DAMAGES: readonly Damage[] = ["flipped", "cut", "appended", "reordered"];

/** A pseudorandom number below `limit`, from a seed. */
export function randomFrom(seed: number): (limit: number) => number {
  let state = seed * 2654435761 >>> 0 || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

function damaged(answer: Uint8Array, damage: Damage, random: (limit: number) => number): Uint8Array {
  const at = random(answer.length);
  if (damage === "cut") return answer.slice(0, at);
  if (damage === "appended") return Buffer.concat([answer, noise(1 + random(2000), at + 1)]);
  const bytes = answer.slice();
  if (damage === "flipped") bytes[at] ^= 1 << random(8);
  else {
    const length = 1 + random(Math.min(2000, answer.length - at));
    const from = random(answer.length - length + 1);
    bytes.set(answer.subarray(from, from + length), at);
    bytes.set(answer.subarray(at, at + length), from);
    // Two positions with the same bytes: the order is unchanged.
    if (Buffer.from(bytes).equals(answer)) bytes[at] ^= 1;
  }
  return bytes;
}

/** Compares every write to a file of the share with the true bytes. */
class WatchedDisk {
  writtenBytes = 0;

  over(disk: Disk): Disk {
    const check = (path: string, offsetBytes: number, bytes: Uint8Array) => {
      const name = path.split("/").at(-1);
      const content = FILES[`d/${name}`];
      if (content === undefined) return;
      this.writtenBytes += bytes.length;
      const wanted = content.subarray(offsetBytes, offsetBytes + bytes.length);
      assert.ok(Buffer.from(wanted).equals(bytes), `unverified bytes in ${path} at ${offsetBytes}`);
    };
    return new Proxy(disk, {
      get: (target, key) => {
        if (key === "open") {
          return async (...given: Parameters<Disk["open"]>) => {
            const file = await target.open(...given);
            if (file === null) return null;
            return new Proxy(file, {
              get: (inner, method) =>
                method === "writeAt"
                  ? (bytes: Uint8Array, offsetBytes: number) => {
                    check(given[0], offsetBytes, bytes);
                    return inner.writeAt(bytes, offsetBytes);
                  }
                  : bound(inner, method),
            });
          };
        }
        if (key === "createFiles") {
          return (files: Parameters<Disk["createFiles"]>[0]) => {
            for (const { path, bytes } of files) check(path, 0, bytes);
            return target.createFiles(files);
          };
        }
        return bound(target, key);
      },
    });
  }
}

function bound(target: object, key: string | symbol): unknown {
  const value = Reflect.get(target, key, target);
  return typeof value === "function" ? value.bind(target) : value;
}

export interface DamageCounts {
  runs: number;
  refused: number;
  /** Complete downloads: the damaged bytes were fetched again, or were after the end. */
  arrived: number;
  writtenBytes: number;
}

/** Concurrent downloads: each is idle most of the time. */
const AT_A_TIME = 10;

/** Damages one answer of each of `runs` downloads. */
export async function damageDownloads(runs: number, firstSeed = 1): Promise<DamageCounts> {
  const counts = { runs, refused: 0, arrived: 0, writtenBytes: 0 };
  const seeds = Array.from({ length: runs }, (_, i) => firstSeed + i).values();
  await Promise.all(Array.from({ length: AT_A_TIME }, () => damageEach(seeds, counts)));
  return counts;
}

async function damageEach(seeds: Iterable<number>, counts: DamageCounts): Promise<void> {
  const network = new MemoryNetwork();
  const provider = await provide(network.bind, collection(FILES));
  const watched = new WatchedDisk();
  for (const seed of seeds) {
    const damage = DAMAGES[seed % DAMAGES.length];
    const random = randomFrom(seed);
    // Seven of eight in the data, the others before it.
    const isForData = random(8) > 0;
    let isDone = false;
    provider.falsify = (answer, request) => {
      if (isDone || isForFiles(request) !== isForData || answer.length === 0) return answer;
      isDone = true;
      return damaged(answer, damage, random);
    };
    const disk = new MemoryDisk();
    disk.makeFolders("/dst");
    const clock = new VirtualClock();
    const engine = new Engine({ bind: network.bind, hasher, disk: watched.over(disk), clock });
    const stop = new AbortController();
    const fetching = engine.fetch({
      ticket: parseTicket(provider.ticket),
      secretKey: crypto.getRandomValues(new Uint8Array(32)),
      relay: "disabled",
      destination: { kind: "folder", folder: "/dst", existing: "merge" },
      decide: () => Promise.resolve(true),
      onEvent: () => {},
      signal: stop.signal,
    });
    let outcome: { error?: unknown } | undefined;
    fetching.then(() => outcome = {}, (error) => outcome = { error });
    // Retries have pauses: the clock advances until there is an outcome.
    for (let turn = 0; outcome === undefined && turn < 200; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (turn > 20) await clock.pass(1_000);
    }
    stop.abort();
    await fetching.catch(() => {});
    assert.ok(isDone, `seed ${seed}: nothing was damaged`);
    if (outcome?.error !== undefined || outcome === undefined) {
      if (outcome?.error !== undefined && !isPliError(outcome.error)) throw outcome.error;
      counts.refused++;
    } else {
      counts.arrived++;
    }
    // Every file with a name of the share is complete and true.
    for (const [name, content] of Object.entries(FILES)) {
      if (!disk.has(`/dst/${name}`)) {
        assert.notEqual(outcome !== undefined && outcome.error === undefined, true);
      } else {
        const bytes = disk.bytesOf(`/dst/${name}`);
        assert.ok(bytes !== null && Buffer.from(bytes).equals(content), `seed ${seed}: ${name} is wrong`);
      }
    }
  }
  await provider.endpoint.close();
  counts.writtenBytes += watched.writtenBytes;
}
