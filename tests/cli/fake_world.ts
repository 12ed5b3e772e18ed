// A world in memory for the commands: a terminal that remembers what was written, an environment of its own
// with a fresh PLI_HOME, and an engine that does what a test says.

import { join } from "node:path";
import { run } from "../../src/cli/run.ts";
import type { OutputStream, Terminal } from "../../src/cli/terminal.ts";
import type { TransferEngine, World } from "../../src/cli/world.ts";
import { formatTicket, type HashCache } from "../../src/engine/mod.ts";

/** A ticket that can be read: relay only. */
export const TICKET = formatTicket({
  endpointId: new Uint8Array(32).fill(7),
  relayUrl: "https://relay.example.org/",
  addresses: [],
  format: "hash_sequence",
  hash: new Uint8Array(32).fill(9),
});

class CapturedStream implements OutputStream {
  text = "";
  /** What writing fails with. */
  fault: Error | undefined;

  constructor(readonly isTerminal: boolean) {}

  write(bytes: Uint8Array): Promise<void> {
    if (this.fault !== undefined) return Promise.reject(this.fault);
    this.text += new TextDecoder().decode(bytes);
    return Promise.resolve();
  }
}

export interface FakeOptions {
  /** What comes on standard input. */
  input?: string;
  /** Whether all three streams are a terminal. */
  isTerminal?: boolean;
  columns?: number;
  /** What writing to standard output fails with. */
  outputFault?: Error;
  environment?: Record<string, string>;
  engine?: Partial<TransferEngine>;
}

/** A world and what was written in it. */
export class FakeWorld implements World {
  readonly systemLocale = null;
  readonly about = { version: "0.1.0", binding: () => "binding 1.0" };
  readonly output: CapturedStream;
  readonly error: CapturedStream;
  readonly terminal: Terminal;
  readonly #options: FakeOptions;

  constructor(readonly home: string, options: FakeOptions = {}) {
    this.#options = options;
    const { isTerminal = false, columns = 80, input = "" } = options;
    this.output = new CapturedStream(isTerminal);
    this.output.fault = options.outputFault;
    this.error = new CapturedStream(isTerminal);
    this.terminal = {
      input: { isTerminal, readable: ReadableStream.from([new TextEncoder().encode(input)]) },
      output: this.output,
      error: this.error,
      columns: () => columns,
    };
  }

  readonly environment = (name: string): string | undefined => {
    return { PLI_HOME: this.home, ...this.#options.environment }[name];
  };

  /** The memory of hashes that the command gave the engine. */
  hashes: HashCache | undefined;

  readonly engine = (hashes?: HashCache): Promise<TransferEngine> => {
    this.hashes = hashes;
    const unexpected = () => Promise.reject(new Error("this was not expected"));
    return Promise.resolve({
      share: unexpected,
      fetch: unexpected,
      inspect: unexpected,
      discard: unexpected,
      ...this.#options.engine,
    });
  };

  /** The lines of JSON on standard output. */
  json(): Record<string, unknown>[] {
    return this.output.text.trim().split("\n").map((line) => JSON.parse(line));
  }
}

/** Runs one command line in a fresh world with a temporary folder, which also holds PLI_HOME. */
export async function inWorld(
  argv: readonly string[] | ((folder: string) => readonly string[]),
  options: FakeOptions,
  check: (exit: number, world: FakeWorld, folder: string) => Promise<void> | void,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const world = new FakeWorld(join(folder, "home"), options);
    const exit = await run(typeof argv === "function" ? argv(folder) : argv, world);
    await check(exit, world, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
