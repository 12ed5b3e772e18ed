// Text from elsewhere, made safe to show. A name can hold control characters that drive a terminal, line
// breaks that forge a line, and marks that turn or hide what follows: each is shown as its code instead.

/**
 * Controls, format characters (bidi and zero-width ones among them), unassigned ones, lone surrogates, line
 * breaks, and what else does not show; but not the two marks by which an emoji is drawn as one.
 */
export const UNSAFE =
  /(?![\ufe0e\ufe0f])[\p{Cc}\p{Cf}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** The text on one line, with every character that does not show itself as `\u{…}`. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
