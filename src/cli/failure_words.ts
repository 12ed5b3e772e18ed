// A failure in words: the sentence of what happened, and the advice, with its parameters as they are shown.

import { errorInWords } from "../words/catalogue.ts";
import type { Parameters } from "../words/sentence.ts";
import type { Failure } from "./failure.ts";
import type { Expectation } from "./usage_error.ts";
import type { Words } from "./words.ts";

/** How many names an error tells at most. */
const ITEMS_SHOWN = 3;

export interface FailureWords {
  message: string;
  advice: string;
}

export function failureInWords({ code, parameters, advice, keptBytes }: Failure, words: Words): FailureWords {
  const shown = shownParameters({ ...parameters, kept: words.size(keptBytes) }, words);
  return {
    message: errorInWords(code, shown, words.catalogue, words.voice),
    advice: advice.map((key) => words.fill(words.catalogue.advice[key], shown)).join(" "),
  };
}

function shownParameters(parameters: Parameters, words: Words): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, shownParameter(name, value, words)]),
  );
}

function shownParameter(name: string, value: unknown, words: Words): unknown {
  if (name === "expected") return words.catalogue.expected[value as Expectation];
  if (Array.isArray(value)) return listed(value.map(String), words);
  return value;
}

function listed(items: readonly string[], words: Words): string {
  if (items.length <= ITEMS_SHOWN) return words.amounts.list(items);
  const more = words.say("andMore", { count: items.length - ITEMS_SHOWN });
  return `${items.slice(0, ITEMS_SHOWN).join(", ")} ${more}`;
}
