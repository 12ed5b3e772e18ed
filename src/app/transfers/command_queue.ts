// Serialises the commands of one transfer: each begins after the previous one has ended, and so sees its resulting
// state. A command that needs the end of a transfer aborts it first, because a queue has no timeout.

export class CommandQueue {
  /** The last queued command. It never rejects. */
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a command after the queued ones, whatever their outcome. Settles as the command does. */
  run<T>(command: () => T | PromiseLike<T>): Promise<T> {
    const result = this.#last.then(command);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Resolves when no command is running or queued. */
  async idle(): Promise<void> {
    for (let last: unknown = null; last !== this.#last;) await (last = this.#last);
  }
}
