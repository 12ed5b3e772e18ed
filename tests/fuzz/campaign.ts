// One decoder with many inputs: those of its corpus, then mutated ones. For each it returns a value or throws one of its
// documented errors, within 10 ms.

import { threadCpuMs } from "../time_limits.ts";
import { Chance, mutated } from "./mutation.ts";

/** A decoder of a campaign. A new one is added to `decoders.ts`, with a corpus folder. */
export interface Target {
  /** The name of its folder in `corpus/`. */
  name: string;
  /** Decodes, and asserts the invariants of the value. */
  decode: (bytes: Uint8Array) => void;
  /** Whether an error is one that the decoder documents. */
  refuses: (error: unknown) => boolean;
  /** Pieces that mutations insert, besides those of the corpus. */
  words?: readonly string[];
}

export interface Counts {
  inputs: number;
  decoded: number;
  refused: number;
  /** Inputs that took too long once: the machine was busy, or the garbage collector ran. */
  slowOnce: number;
}

const SLOWEST_MS = 10;
/** Number of attempts, because other work may delay one: a slow input is slow each time. */
const RETRIES = 3;
const CORPUS = new URL("./corpus/", import.meta.url);

/**
 * Runs the corpus and then inputs mutated from it, by the seed. Throws at the first input that fails, with the path of
 * its file.
 */
export async function campaign(target: Target, made: number, seed: number): Promise<Counts> {
  const corpus = await readCorpus(target.name);
  if (corpus.length === 0) throw new Error(`${target.name} has no corpus`);
  const counts: Counts = { inputs: 0, decoded: 0, refused: 0, slowOnce: 0 };
  for (const input of corpus) await tried(target, input, counts);
  const chance = new Chance(seed);
  const words = (target.words ?? []).map((word) => new TextEncoder().encode(word));
  const pieces = [...words, ...words, ...corpus];
  for (let i = 0; i < made; i++) await tried(target, mutated(chance, corpus, pieces), counts);
  return counts;
}

/** The kept inputs of a decoder, in the order of their names. */
export async function readCorpus(name: string): Promise<Uint8Array[]> {
  const folder = new URL(`${name}/`, CORPUS);
  const files = [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
  return await Promise.all(files.map((file) => Deno.readFile(new URL(file, folder))));
}

async function tried(target: Target, input: Uint8Array, counts: Counts): Promise<void> {
  let tookMs = timed(target, input, counts);
  if (tookMs instanceof Error) throw await kept(target, input, tookMs);
  counts.inputs++;
  if (tookMs <= SLOWEST_MS) return;
  for (let retry = 0; retry < RETRIES && tookMs > SLOWEST_MS; retry++) {
    tookMs = Math.min(tookMs, timed(target, input, { ...counts }, threadCpuMs) as number);
  }
  if (tookMs > SLOWEST_MS) {
    throw await kept(target, input, new Error(`takes ${tookMs.toFixed(1)} ms, each of ${RETRIES + 1} times`));
  }
  counts.slowOnce++;
}

/** The duration for one input, or its undocumented error. */
function timed(
  { decode, refuses }: Target,
  input: Uint8Array,
  counts: Counts,
  clockMs: () => number = () => performance.now(),
): number | Error {
  // The decoder gets a copy, which it may keep or change.
  const bytes = input.slice();
  const startMs = clockMs();
  try {
    decode(bytes);
    counts.decoded++;
  } catch (error) {
    if (!refuses(error)) return error instanceof Error ? error : new Error(String(error));
    counts.refused++;
  }
  return clockMs() - startMs;
}

/** The error to throw for an input, which is written to a file. */
async function kept({ name }: Target, input: Uint8Array, cause: Error): Promise<Error> {
  const path = await Deno.makeTempFile({ prefix: `pli-fuzz-${name}-` });
  await Deno.writeFile(path, input);
  const message = `${name}: ${cause.message}\n${input.length} bytes: ${input.toHex()}\n` +
    `kept in ${path}; once it is mended: cp ${path} tests/fuzz/corpus/${name}/what-it-was`;
  return new Error(message, { cause });
}
