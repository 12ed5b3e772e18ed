// Limits the number of open connections. When there are too many, the oldest one without a token is closed. So other
// programs that only connect cannot lock out the user's page.

/** The used part of a connection. */
export interface Closable {
  destroy(): unknown;
  once(event: "close", listener: () => void): unknown;
}

export class Connections {
  /** Connections without a token, the oldest first. */
  readonly #withoutToken = new Set<Closable>();
  readonly #known = new Set<Closable>();

  constructor(readonly maximum: number) {}

  get count(): number {
    return this.#withoutToken.size + this.#known.size;
  }

  /** Adds a connection, for which another one may be closed. */
  admit(connection: Closable): void {
    this.#withoutToken.add(connection);
    connection.once("close", () => this.#forget(connection));
    if (this.count <= this.maximum) return;
    const [oldest] = this.#withoutToken;
    this.#forget(oldest);
    oldest.destroy();
  }

  /** The connection carried a request with the token. */
  prove(connection: Closable): void {
    if (this.#withoutToken.delete(connection)) this.#known.add(connection);
  }

  closeAll(): void {
    for (const connection of [...this.#withoutToken, ...this.#known]) connection.destroy();
  }

  #forget(connection: Closable): void {
    this.#withoutToken.delete(connection);
    this.#known.delete(connection);
  }
}
