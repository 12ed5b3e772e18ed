// The process's standard input, output and error, and its environment variables. Tests pass their own.

import { UsageError } from "./errors.ts";

/** Pause before the next write to a full non-blocking stream. */
const RETRY_MS = 5;

/** The width of a window that is not known. */
const DEFAULT_COLUMNS = 80;

export interface OutputStream {
  readonly isTerminal: boolean;
  /** Writes all of the bytes. Rejects when the stream is closed. */
  write(bytes: Uint8Array): Promise<void>;
}

export interface Terminal {
  readonly input: {
    readonly isTerminal: boolean;
    readonly readable: ReadableStream<Uint8Array>;
    /**
     * Switches between single keys without echo, and lines that the system edits; keys for signals work in both.
     * Undefined if it cannot be switched.
     */
    readonly setRaw?: (isRaw: boolean) => void;
  };
  readonly output: OutputStream;
  readonly error: OutputStream;
  /** Width of the window, in characters. */
  columns(): number;
}

/** The streams of this process. */
export const systemTerminal: Terminal = {
  input: {
    isTerminal: Deno.stdin.isTerminal(),
    get readable() {
      return Deno.stdin.readable;
    },
    // On Windows Ctrl-C would be an ordinary key.
    ...(Deno.build.os !== "windows" && { setRaw: (isRaw) => Deno.stdin.setRaw(isRaw, { cbreak: isRaw }) }),
  },
  output: { isTerminal: Deno.stdout.isTerminal(), write: (bytes) => writeAll(Deno.stdout, bytes) },
  error: { isTerminal: Deno.stderr.isTerminal(), write: (bytes) => writeAll(Deno.stderr, bytes) },
  columns() {
    try {
      // A terminal whose size is not set has 0.
      return Deno.consoleSize().columns || DEFAULT_COLUMNS;
    } catch {
      return DEFAULT_COLUMNS;
    }
  },
};

async function writeAll(
  stream: { write(bytes: Uint8Array): Promise<number> },
  bytes: Uint8Array,
): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    try {
      written += await stream.write(bytes.subarray(written));
    } catch (error) {
      // The program that started pli may have made the stream non-blocking, so that a full pipe is an error.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** Variables of presentation: an invalid one counts as not set. */
const PRESENTATION_VARIABLES: ReadonlySet<string> = new Set([
  "LC_ALL",
  "LC_MESSAGES",
  "LANG",
  "LANGUAGE",
  "NO_COLOR",
]);

/** A variable; undefined if it is not set. Throws UsageError for another variable that is not UTF-8. */
export function systemEnvironment(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.InvalidData)) throw cause;
    if (PRESENTATION_VARIABLES.has(name)) return undefined;
    throw new UsageError("variable_not_unicode", { variable: name }, { cause });
  }
}
