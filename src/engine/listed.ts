// Lists that need not be arrays: a collection has up to a million files, and hardly anybody needs all at once.

/** What can be counted, gone through and asked for by its place. */
export interface Listed<T> extends Iterable<T> {
  readonly length: number;
  at(index: number): T | undefined;
}
