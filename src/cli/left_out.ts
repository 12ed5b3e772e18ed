// What is not sent, or not received, told in a few lines: the first names with their reasons, then counts.

import type { SkipReason } from "../engine/mod.ts";
import type { Words } from "./words.ts";

const NAMES_SHOWN = 5;

export class LeftOut {
  readonly #words: Words;
  readonly #first: string[] = [];
  readonly #counts = new Map<SkipReason, number>();

  constructor(words: Words) {
    this.#words = words;
  }

  add(name: string, reason: SkipReason): void {
    const { skips } = this.#words.catalogue;
    if (this.#first.length < NAMES_SHOWN) this.#first.push(`  ${name} (${skips[reason]})`);
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  /** Nothing when nothing was left out. */
  lines(): string[] {
    const words = this.#words;
    const total = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    if (total === 0) return [];
    if (total <= NAMES_SHOWN) return [words.say("notSent"), ...this.#first];
    const reasons = [...this.#counts].map(([reason, count]) => {
      return words.say("reasonCount", { reason: words.catalogue.skips[reason], count });
    });
    return [
      words.say("notSentCount", { count: total, reasons: reasons.join(", ") }),
      ...this.#first,
      `  ${words.say("andMore", { count: total - NAMES_SHOWN })}`,
    ];
  }
}
