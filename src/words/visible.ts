// Escapes foreign text for display. A name can contain control characters that drive a terminal, line breaks that
// forge a line, and direction marks that reorder or hide text: each is displayed as its code point.

/**
 * Controls, format characters (bidi and zero-width ones among them), unassigned ones, lone surrogates, line
 * breaks, and other invisible characters; except the two variation selectors of emoji.
 */
export const UNSAFE =
  /(?![\ufe0e\ufe0f])[\p{Cc}\p{Cf}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** The longest name that is displayed in full inside a sentence. */
const SHOWN_LENGTH = 200;

/** The longest path of the user, or value of an option: both may be copied, so more of them is displayed. */
export const SHOWN_PATH_LENGTH = 500;

/** A long name without its middle: a peer's name of 4,096 characters would fill a screen. */
export function abridged(name: string, shownLength = SHOWN_LENGTH): string {
  if (name.length <= shownLength) return name;
  const half = shownLength / 2;
  return `${name.slice(0, half).toWellFormed()}…${name.slice(-half).toWellFormed()}`;
}

/** The text on one line, with every invisible character as `\u{…}`. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
