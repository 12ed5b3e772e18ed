// Globs on the names in a share: what a share excludes, and which files of an offer are downloaded. One with a `/` is
// matched against the whole name, one without against each part of it, so that `node_modules` or `*.tmp` is found at any
// depth. A `/` at the beginning is the top of the share. Names come from a peer: minimatch, from version 11 on, matches
// without backtracking, in linear time. The syntax is that of the help: `*`, `**`, `?`, `[ab]`, `[!ab]`, `{a,b}` and
// `\`. A leading dot is an ordinary character: `private/*` must also exclude `private/.key`.

import { Minimatch } from "minimatch";

/** Maximum number of alternatives of a glob with braces; minimatch ignores further ones. */
const ALTERNATIVES_MAXIMUM = 1_000;

const SYNTAX = {
  dot: true,
  noext: true,
  nocomment: true,
  nonegate: true,
  // On every system: names in a share have `/` between their parts, and `\` escapes.
  platform: "linux",
  braceExpandMax: ALTERNATIVES_MAXIMUM + 1,
} as const;

/** A glob that has matched nothing, and a similar one that would have; null if none is known. */
export interface UnmatchedGlob {
  glob: string;
  nearest: string | null;
}

/** A text that is not a glob: it can match nothing, or has too many alternatives. */
export class InvalidGlob extends Error {
  constructor(readonly glob: string) {
    super(JSON.stringify(glob));
  }
}

/** The glob that matches one name alone. */
export function globOfName(name: string): string {
  return `/${name.replace(/[\\*?[\]{}()!+@|]/g, "\\$&")}`;
}

/** Whether a text is a glob. */
export function isGlob(text: string): boolean {
  return Glob.read(text) !== null;
}

/** Several globs, and which of them have matched. */
export class Globs {
  readonly #globs: Glob[] = [];
  /** The globs of a single name, by that name: a choice can have thousands of files. */
  readonly #names = new Map<string, Glob>();

  /** Throws InvalidGlob. */
  constructor(globs: readonly string[]) {
    for (const text of globs) {
      const glob = Glob.read(text);
      if (glob === null) throw new InvalidGlob(text);
      if (glob.name === null) this.#globs.push(glob);
      else this.#names.set(glob.name, glob);
    }
  }

  /** Whether a name in a share matches one of them. */
  readonly matches = (name: string): boolean => {
    const whole = name.normalize("NFC");
    const parts = whole.split("/");
    const named = this.#names.get(whole);
    let isMatched = named !== undefined;
    if (named !== undefined) named.isUsed = true;
    for (const glob of this.#globs) {
      if (isMatched && glob.isUsed) continue;
      if (glob.matches(whole, parts)) isMatched = true;
    }
    return isMatched;
  };

  /** The globs that have matched no name so far. */
  unmatched(): UnmatchedGlob[] {
    return [...this.#globs, ...this.#names.values()].filter(({ isUsed }) => !isUsed).map(
      ({ text, nearest }) => {
        return { glob: text, nearest };
      },
    );
  }
}

/** One glob. Composed and decomposed letters (NFC, NFD) are equal. */
class Glob {
  /** Whether it has matched a name. */
  isUsed = false;
  /** A similar glob that has matched a name. */
  nearest: string | null = null;
  /** The only name that it can match; null for a pattern. */
  readonly name: string | null;
  readonly #pattern: Minimatch;
  readonly #isWhole: boolean;
  /** Similar globs, for a suggestion if this one matches nothing. */
  readonly #others: readonly { text: string; pattern: Minimatch }[];

  private constructor(readonly text: string, trimmed: string, isFromTop: boolean, pattern: Minimatch) {
    this.#pattern = pattern;
    this.#isWhole = isFromTop || trimmed.includes("/");
    const [parts, ...alternatives] = pattern.set;
    const isName = isFromTop && alternatives.length === 0 && parts.every((part) => typeof part === "string");
    this.name = isName ? parts.join("/") : null;
    this.#others = isName ? [] : [
      // Names begin with the folder that was sent.
      ...(this.#isWhole ? [`**/${trimmed}`] : []),
      // A literal name with brackets or braces.
      ...(/[[{]/.test(trimmed) ? [trimmed.replace(/[\\*?[\]{}]/g, "\\$&")] : []),
    ].map((text) => ({ text, pattern: new Minimatch(text, SYNTAX) }));
  }

  /** Null for a text that is no glob. */
  static read(text: string): Glob | null {
    const [, start, trimmed] = /^((?:\.?\/+)?)(.*?)\/*$/s.exec(text.normalize("NFC"))!;
    if (trimmed === "") return null;
    try {
      const pattern = new Minimatch(trimmed, SYNTAX);
      return pattern.globSet.length > ALTERNATIVES_MAXIMUM
        ? null
        : new Glob(text, trimmed, start.startsWith("/"), pattern);
    } catch (error) {
      // It is too long.
      if (error instanceof TypeError) return null;
      throw error;
    }
  }

  matches(whole: string, parts: readonly string[]): boolean {
    if (this.#fits(this.#pattern, whole, parts)) return this.isUsed = true;
    if (!this.isUsed && this.nearest === null) {
      this.nearest = this.#others.find(({ pattern }) => this.#fits(pattern, whole, parts))?.text ?? null;
    }
    return false;
  }

  #fits(pattern: Minimatch, whole: string, parts: readonly string[]): boolean {
    return this.#isWhole ? pattern.match(whole) : parts.some((part) => pattern.match(part));
  }
}
