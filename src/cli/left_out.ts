// What is not sent, or not received, told in a few lines: the first names with their reasons, then counts.

import type { SkipReason } from "../engine/mod.ts";
import { SKIP_REASONS } from "./fault_words.ts";
import { countInWords } from "./words.ts";

const NAMES_SHOWN = 5;

export class LeftOut {
  readonly #first: string[] = [];
  readonly #counts = new Map<SkipReason, number>();

  add(name: string, reason: SkipReason): void {
    if (this.#first.length < NAMES_SHOWN) this.#first.push(`  ${name} (${SKIP_REASONS[reason]})`);
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  /** Nothing when nothing was left out. `title` comes before the count: `Not sent`. */
  lines(title: string): string[] {
    const total = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    if (total === 0) return [];
    const reasons = [...this.#counts].map(([reason, count]) => `${count} ${SKIP_REASONS[reason]}`).join(", ");
    if (total <= NAMES_SHOWN) return [`${title}:`, ...this.#first];
    return [
      `${title}: ${countInWords(total, "name")} (${reasons})`,
      ...this.#first,
      `  and ${total - NAMES_SHOWN} more`,
    ];
  }
}
