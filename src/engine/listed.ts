// Lists that need not be arrays: a collection has up to a million files, of which few are needed at once.

/** A list with a length, iteration and access by index. */
export interface Listed<T> extends Iterable<T> {
  /** How many items there are. */
  readonly length: number;
  /** The item at an index; undefined if there is none. */
  at(index: number): T | undefined;
}

/** The items from one index up to another, as far as they exist. */
export function slice<T>(list: Listed<T>, start: number, end: number): T[] {
  const items: T[] = [];
  for (let index = start; index < Math.min(end, list.length); index++) items.push(list.at(index)!);
  return items;
}
