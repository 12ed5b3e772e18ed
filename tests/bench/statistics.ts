// The statistics of a series of runs: medians, ratios of pairs, and whether a goal is met. Pure functions.

export type Unit = "s" | "B/s" | "B";

/** A bound on the ratio to the other program, or on pli's own median. */
export interface Goal {
  of: "ratio" | "value";
  at: "most" | "least";
  bound: number;
}

export interface Series {
  /** The program, with its version if it is not pli. */
  name: string;
  values: number[];
}

/** One row of the result: pli, and the other program, if any, that ran in turn with it. */
export interface Comparison {
  measure: string;
  words: string;
  unit: Unit;
  pli: Series;
  other: Series | null;
  goals: Goal[];
}

export interface Summary {
  pli: number;
  other: number | null;
  /** Of the ratios pli/other of the pairs: a slower machine slows both of a pair. */
  ratio: { median: number; lowest: number; highest: number } | null;
  /** Per goal; null without goals. */
  isMet: boolean | null;
}

/** The middle value; between the two in the middle of an even count. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function summarize({ pli, other, goals }: Comparison): Summary {
  const ratios = other === null ? [] : pli.values.map((value, i) => value / other.values[i]);
  const ratio = ratios.length === 0
    ? null
    : { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
  const met = goals.map(({ of, at, bound }) => {
    const value = of === "ratio" ? ratio?.median ?? NaN : median(pli.values);
    return at === "most" ? value <= bound : value >= bound;
  });
  return {
    pli: median(pli.values),
    other: other === null ? null : median(other.values),
    ratio,
    isMet: met.length === 0 ? null : met.every((isMet) => isMet),
  };
}

/** Runs both in turn, `pairs` times: ours, theirs, ours, theirs … */
export async function alternate<A, B>(
  pairs: number,
  ours: () => Promise<A>,
  theirs: () => Promise<B>,
  onPair: (a: A, b: B) => void = () => {},
): Promise<{ ours: A[]; theirs: B[] }> {
  const runs: { ours: A[]; theirs: B[] } = { ours: [], theirs: [] };
  for (let i = 0; i < pairs; i++) {
    const [a, b] = [await ours(), await theirs()];
    runs.ours.push(a);
    runs.theirs.push(b);
    onPair(a, b);
  }
  return runs;
}
