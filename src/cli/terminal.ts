// Standard input, output and error as the commands need them, and the real ones. Tests give their own.

/** How long a full stream that does not wait is left alone before the next try. */
const RETRY_MS = 5;

export interface OutputStream {
  readonly isTerminal: boolean;
  /** Writes all of the bytes. Rejects when the stream is closed. */
  write(bytes: Uint8Array): Promise<void>;
}

export interface Terminal {
  readonly input: { readonly isTerminal: boolean; readonly readable: ReadableStream<Uint8Array> };
  readonly output: OutputStream;
  readonly error: OutputStream;
  /** How many characters fit on a line of the window. */
  columns(): number;
}

/** The streams of this process. */
export const systemTerminal: Terminal = {
  input: {
    isTerminal: Deno.stdin.isTerminal(),
    get readable() {
      return Deno.stdin.readable;
    },
  },
  output: { isTerminal: Deno.stdout.isTerminal(), write: (bytes) => writeAll(Deno.stdout, bytes) },
  error: { isTerminal: Deno.stderr.isTerminal(), write: (bytes) => writeAll(Deno.stderr, bytes) },
  columns() {
    try {
      return Deno.consoleSize().columns;
    } catch {
      return 80;
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
      // Whoever started pli can have set the stream so that a full pipe is an error instead of a wait.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
