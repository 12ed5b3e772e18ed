// Lines typed at a terminal, one at a time. The terminal itself echoes and edits them.

/** A line that is longer is cut: the longest ticket is 16 KiB. */
const MAXIMUM_BYTES = 64 * 1024;

export class LineReader implements Disposable {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";
  #isEnded = false;

  constructor(input: ReadableStream<Uint8Array>) {
    this.#reader = input.getReader();
  }

  /** The next line without its end; null when the input is over. Rejects with the signal's reason. */
  async line(signal: AbortSignal): Promise<string | null> {
    while (!this.#text.includes("\n") && !this.#isEnded && this.#text.length < MAXIMUM_BYTES) {
      await this.#more(signal);
    }
    if (this.#text === "" && this.#isEnded) return null;
    const end = this.#text.indexOf("\n");
    const line = end < 0 ? this.#text : this.#text.slice(0, end);
    this.#text = end < 0 ? "" : this.#text.slice(end + 1);
    return line.trimEnd();
  }

  [Symbol.dispose](): void {
    this.#reader.releaseLock();
  }

  async #more(signal: AbortSignal): Promise<void> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = () => reject(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener("abort", abort, { once: true });
    try {
      const { value, done } = await Promise.race([this.#reader.read(), aborted]);
      this.#text += this.#decoder.decode(value, { stream: !done });
      this.#isEnded = done;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }
}
