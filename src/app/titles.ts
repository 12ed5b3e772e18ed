// What a share or a download is called: its only name at the top; null when there are several. Pure.

/** Of names in a collection, with `/` between their parts. */
export function titleOf(names: Iterable<string>): string | null {
  const tops = topsOf(names);
  return tops.length === 1 ? tops[0] : null;
}

/** Of paths of this computer. */
export function titleOfPaths(paths: readonly string[]): string | null {
  const [name, ...others] = new Set(paths.map((path) => path.split(/[/\\]/).filter(Boolean).at(-1) ?? path));
  return others.length === 0 ? name : null;
}

/** The names at the top, each once. */
export function topsOf(names: Iterable<string>): string[] {
  const tops = new Set<string>();
  for (const name of names) tops.add(name.split("/", 1)[0]);
  return [...tops];
}
