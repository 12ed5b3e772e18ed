// deno-lint-ignore-file no-control-regex
// The fixture of the commands, in memory: a terminal that stores its output, an environment with a fresh PLI_HOME, and an
// engine that a test defines.

import { join } from "node:path";
import { run } from "../../src/cli/run.ts";
import type { OutputStream, Terminal } from "../../src/cli/system.ts";
import type { CliPorts, EngineSetting, TransferEngine } from "../../src/cli/session.ts";
import { formatTicket, type HashCache } from "../../src/engine/mod.ts";

/** A ticket that can be read: relay only. */
export const TICKET = formatTicket({
  endpointId: new Uint8Array(32).fill(7),
  relayUrl: "https://relay.example.org/",
  addresses: [],
  format: "hash_sequence",
  hash: new Uint8Array(32).fill(9),
});

/** The end of a question for consent, in any language of the terminal. */
const CONSENT_QUESTION = /\[\p{L}\/N\](?:\n\r\x1b\[K>)? $/u;

class CapturedStream implements OutputStream {
  text = "";
  /** Resolves when a question for consent was drawn. */
  readonly asked: Promise<void>;
  readonly #asked = Promise.withResolvers<void>();
  /** What writing fails with. */
  fault: Error | undefined;

  constructor(readonly isTerminal: boolean) {
    this.asked = this.#asked.promise;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.fault !== undefined) return Promise.reject(this.fault);
    this.text += new TextDecoder().decode(bytes);
    if (CONSENT_QUESTION.test(this.text)) this.#asked.resolve();
    return Promise.resolve();
  }
}

export interface FakeOptions {
  /** Standard input, in pieces. */
  input?: string | readonly (string | Uint8Array)[];
  /** Input that is typed when the question for consent was drawn, in pieces; until then the input does not end. */
  answer?: string | readonly string[];
  /** Standard input instead of `input`. */
  inputStream?: ReadableStream<Uint8Array>;
  /** Whether the terminal can give single keys. */
  hasKeys?: boolean;
  /** Whether all three streams are a terminal. */
  isTerminal?: boolean;
  columns?: number;
  /** What writing to standard output fails with. */
  outputFault?: Error;
  /** Over PLI_HOME, and a TERM that supports control sequences. */
  environment?: Record<string, string | undefined>;
  engine?: Partial<TransferEngine>;
  /** Whether there is no native addon. */
  isBindingSlow?: boolean;
  /** Receives the options that the command line has for the engine. */
  onSetting?: (setting: EngineSetting) => void;
}

/** The ports of a command, and the output written to them. */
export class CliFixture implements CliPorts {
  readonly systemLocale = null;
  readonly pageFiles = () => Promise.resolve({ "/": "<!DOCTYPE html>" });
  readonly about = {
    version: "0.1.0",
    binding: () => "binding 1.0",
    command: () => ["/opt/pli's 100%/pli"],
    isBindingSlow: () => this.#options.isBindingSlow ?? false,
  };
  readonly output: CapturedStream;
  readonly error: CapturedStream;
  readonly terminal: Terminal;
  /** Whether the terminal gives single keys now, each time that it was switched. */
  readonly rawModes: boolean[] = [];
  readonly #options: FakeOptions;

  constructor(readonly home: string, options: FakeOptions = {}) {
    this.#options = options;
    const { isTerminal = false, columns = 80, input = "" } = options;
    this.output = new CapturedStream(isTerminal);
    this.output.fault = options.outputFault;
    this.error = new CapturedStream(isTerminal);
    const pieces = [input].flat().map((piece) =>
      typeof piece === "string" ? new TextEncoder().encode(piece) : piece
    );
    const typed = async function* (answer: readonly string[], asked: Promise<void>) {
      yield* pieces;
      await asked;
      for (const piece of answer) yield new TextEncoder().encode(piece);
    };
    const { answer } = options;
    const readable = ReadableStream.from(
      answer === undefined ? pieces : typed([answer].flat(), this.error.asked),
    );
    this.terminal = {
      input: {
        isTerminal,
        readable: options.inputStream ?? readable,
        ...(options.hasKeys && { setRaw: (isRaw: boolean) => void this.rawModes.push(isRaw) }),
      },
      output: this.output,
      error: this.error,
      columns: () => columns,
    };
  }

  readonly environment = (name: string): string | undefined => {
    const variables: Record<string, string | undefined> = { PLI_HOME: this.home, TERM: "xterm" };
    return { ...variables, ...this.#options.environment }[name];
  };

  /** The hash cache that the command gave the engine. */
  hashes: HashCache | undefined;

  readonly engine = (hashes?: HashCache, setting: EngineSetting = {}): Promise<TransferEngine> => {
    this.hashes = hashes;
    this.#options.onSetting?.(setting);
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

/** Runs one command line in a new fixture with a temporary folder, which also holds PLI_HOME. */
export async function withFixture(
  argv: readonly string[] | ((folder: string) => readonly string[]),
  options: FakeOptions,
  check: (exit: number, fixture: CliFixture, folder: string) => Promise<void> | void,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const fixture = new CliFixture(join(folder, "home"), options);
    const exit = await run(typeof argv === "function" ? argv(folder) : argv, fixture);
    await check(exit, fixture, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
