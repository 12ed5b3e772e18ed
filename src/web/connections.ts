// How many connections are open at once. When there are too many, the oldest one goes on which nobody has
// shown a token: so whoever just connects cannot lock out the user, whose page goes on and can be opened.

/** What is needed of a connection. */
export interface Closable {
  destroy(): unknown;
  once(event: "close", listener: () => void): unknown;
}

export class Connections {
  /** Those without a token, the oldest first. */
  readonly #strangers = new Set<Closable>();
  readonly #known = new Set<Closable>();

  constructor(readonly maximum: number) {}

  get count(): number {
    return this.#strangers.size + this.#known.size;
  }

  /** Takes in a connection, for which another one may have to go. */
  admit(connection: Closable): void {
    this.#strangers.add(connection);
    connection.once("close", () => this.#forget(connection));
    if (this.count <= this.maximum) return;
    const [oldest] = this.#strangers;
    this.#forget(oldest);
    oldest.destroy();
  }

  /** A request with the token came over it. */
  prove(connection: Closable): void {
    if (this.#strangers.delete(connection)) this.#known.add(connection);
  }

  closeAll(): void {
    for (const connection of [...this.#strangers, ...this.#known]) connection.destroy();
  }

  #forget(connection: Closable): void {
    this.#strangers.delete(connection);
    this.#known.delete(connection);
  }
}
