// JSON lines that are harmless where they are shown raw.

import { UNSAFE } from "../words/visible.ts";

/** A value as one line of JSON, every character that does not show itself as its code. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (character) => {
    return character.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join(
      "",
    );
  });
}
