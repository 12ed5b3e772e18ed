// The word that somebody may have meant.

/** The candidate that the word begins, or that is a slip or two away from it; null when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const begun = candidates.filter((candidate) => word.length >= 2 && candidate.startsWith(word));
  if (begun.length === 1) return begun[0];
  const limit = word.length < 5 ? 1 : 2;
  const ranked = candidates
    .map((candidate) => ({ candidate, slips: slipsBetween(word, candidate) }))
    .sort((a, b) => a.slips - b.slips);
  return ranked.length > 0 && ranked[0].slips <= limit ? ranked[0].candidate : null;
}

/** How many characters must be added, removed, replaced or swapped with their neighbour. */
function slipsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = last[column - 1] + (a[row - 1] === b[column - 1] ? 0 : 1);
      current[column] = Math.min(replaced, last[column] + 1, current[column - 1] + 1);
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) current[column] = Math.min(current[column], beforeLast[column - 2] + 1);
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length];
}
