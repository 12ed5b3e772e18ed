// Counts live objects: registered ones, and the entries of every Map and Set that was written to since the census
// started. A garbage collection must precede a count, because unreachable objects may be counted.

const collections: WeakRef<{ readonly size: number }>[] = [];
const known = new WeakSet<object>();
const registered = new Map<string, WeakRef<object>[]>();

/** From now on every Map and Set is counted once something is added to it. */
export function beginCensus(): void {
  const { set } = Map.prototype;
  const { add } = Set.prototype;
  const note = (collection: { readonly size: number }) => {
    if (known.has(collection)) return;
    known.add(collection);
    collections.push(new WeakRef(collection));
  };
  Map.prototype.set = function (this: Map<unknown, unknown>, key, value) {
    note(this);
    return set.call(this, key, value);
  } as typeof set;
  Set.prototype.add = function (this: Set<unknown>, value) {
    note(this);
    return add.call(this, value);
  } as typeof add;
}

/** Counts an object under a name as long as it is alive. */
export function register(name: string, object: object): void {
  const list = registered.get(name) ?? [];
  if (list.length === 0) registered.set(name, list);
  list.push(new WeakRef(object));
}

/** Number of entries of all collections. */
export function entriesAlive(): number {
  return living(collections).reduce((sum, { size }) => sum + size, 0);
}

/** Number of live objects of a name. */
export function alive(name: string): number {
  return living(registered.get(name) ?? []).length;
}

/** The live objects of a list, from which the others are removed. */
function living<T extends object>(list: WeakRef<T>[]): T[] {
  const objects = list.flatMap((reference) => reference.deref() ?? []);
  const kept = list.filter((reference) => reference.deref() !== undefined);
  list.splice(0, list.length, ...kept);
  return objects;
}
