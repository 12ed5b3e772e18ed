// A pasted text without invisible characters and markup; every other character keeps its position.

/** Replaces each character that a reader does not see. */
export const INVISIBLE = "\u200b";

// deno-lint-ignore no-control-regex
const TERMINAL_SEQUENCE = /\x1b\[[0-?]*[ -/]*[@-~]/g;
/** Soft hyphens, zero-width spaces and joiners, byte order marks, marks of direction; and variation selectors. */
const INVISIBLE_CHARACTER = /[\p{Cf}\u034f\ufe00-\ufe0f]/gu;
const INVISIBLE_MARKUP = /<wbr\s*\/?>|&(?:#8203|#x200b|ZeroWidthSpace|#173|#xad|shy);/gi;
const BREAK_MARKUP = /<br(?:[\s/][^<>]*)?>/gi;
const SPACE_MARKUP = /&(?:nbsp|#160|#xa0);/gi;
const QUOTE_MARKUP = /&gt;/gi;
/** Full-width forms of ASCII letters and digits (U+FF01 to U+FF5E are U+0021 to U+007E). */
const FULL_WIDTH = /[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]/g;
const FULL_WIDTH_OFFSET = 0xfee0;

/** Initials that quote a line, as in `J> text`. */
const INITIALS = /^([ \t>|]*)(\p{L}{1,4})(?=>)/gmu;
const REPEATED_INITIALS = /^[ \t>|]*(\p{L}{1,4}>).*[\n\r]+[ \t>|]*\1/mu;

/**
 * A text of the same length: markup of line breaks, spaces and quote marks is replaced by these, full-width letters
 * by ASCII, and invisible characters by `INVISIBLE`.
 */
export function readableText(text: string): string {
  return text
    .replace(TERMINAL_SEQUENCE, hidden)
    .replace(INVISIBLE_CHARACTER, hidden)
    .replace(INVISIBLE_MARKUP, hidden)
    .replace(BREAK_MARKUP, (markup) => "\n".padEnd(markup.length))
    .replace(SPACE_MARKUP, (markup) => " ".repeat(markup.length))
    .replace(QUOTE_MARKUP, (markup) => ">".padEnd(markup.length))
    .replace(FULL_WIDTH, (letter) => String.fromCharCode(letter.charCodeAt(0) - FULL_WIDTH_OFFSET));
}

/**
 * The readings of a text, the likeliest first. Letters before a `>` at the beginning of a line are initials that quote
 * it, or the end of a word in angle brackets: initials are likelier where two lines in a row begin with them.
 */
export function readings(readable: string): string[] {
  const unquoted = readable.replace(INITIALS, (_, before: string, initials: string) => {
    return before + " ".repeat(initials.length);
  });
  if (unquoted === readable) return [readable];
  return REPEATED_INITIALS.test(readable) ? [unquoted, readable] : [readable, unquoted];
}

function hidden(characters: string): string {
  return INVISIBLE.repeat(characters.length);
}
