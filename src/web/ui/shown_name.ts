// Names come from other people. A control, a change of direction or a character without width can make one look
// like another: each is shown as its code.

/** What does not show itself, but not the two marks by which an emoji is drawn as one. */
const UNSAFE = /(?![\ufe0e\ufe0f])[\p{Cc}\p{Cf}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A name as it may be shown. */
export function shownName(name: string): string {
  return name.replace(UNSAFE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
