// Authentication of pages. A run of the page has one token at a time, given in exchange for a code that is valid once:
// a long one, in the file that redirects a browser here (opening.ts), or a short one, shown in the terminal for a
// browser that cannot read that file. Guesses of short codes are rate-limited and counted. A code that is presented
// twice is known to two programs, of which either may be the user's. So the session ends: its token is replaced and
// every open page is closed.

import { createHash, timingSafeEqual } from "node:crypto";

const TOKEN_BYTES = 32;
const LONG_CODE_BYTES = 16;
/** Crockford's base32: without I, L, O and U, which are misread. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SHORT_CODE_LETTERS = 8;
const LONG_CODE_LIFE_MS = 60_000;
const SHORT_CODE_LIFE_MS = 10 * 60_000;
/** Maximum number of valid codes of each kind; a new one voids the oldest. */
const MAXIMUM_CODES = 16;
/** Maximum numbers of stored used codes, and of stored tokens of ended sessions. */
const MAXIMUM_USED = 256;
const MAXIMUM_ENDED = 16;
/**
 * Bounds of wrong short codes: a burst, then one for each interval, and a total after which all short codes are void.
 */
const GUESS_BURST = 5;
const GUESS_INTERVAL_MS = 2_000;
const MAXIMUM_GUESSES = 50;

interface Code {
  text: string;
  untilMs: number;
}

/** The reason for which a code was not accepted. */
export type TradeFault =
  /** Unknown, or expired. */
  | { code: "code_spent" }
  /** It was used before: the session has ended. */
  | { code: "code_reused" }
  /** Too many wrong short codes in a short time: the next one is checked after `seconds`. */
  | { code: "guesses_paced"; seconds: number };

export type Trade = { fault: null; token: string } | { fault: TradeFault };

export type TokenState = "valid" | "ended" | "unknown";

/** Listener for the events of a session. */
export interface SessionListener {
  /** A code was accepted for the first time. */
  onUsed?: (code: string) => void;
  /** A code was presented twice: the session has ended, and another one has begun. */
  onEnded?: () => void;
  /** The short codes were voided by wrong guesses. */
  onGuessed?: () => void;
}

export class Session {
  /** Set by the page that owns the session. */
  listener: SessionListener = {};
  readonly #nowMs: () => number;
  #token = randomText(TOKEN_BYTES);
  #endedTokens: string[] = [];
  #longCodes: Code[] = [];
  #shortCodes: Code[] = [];
  #usedCodes: string[] = [];
  #guesses = 0;
  /** Number of permitted guesses at `#guessesAtMs`. */
  #allowance = GUESS_BURST;
  #guessesAtMs: number;

  /** `nowMs` is a monotonic clock. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#guessesAtMs = nowMs();
  }

  /** A new code of 128 bits, valid once, within a minute. */
  newCode(): string {
    const text = randomText(LONG_CODE_BYTES);
    this.#longCodes = [...this.#valid(this.#longCodes), { text, untilMs: this.#nowMs() + LONG_CODE_LIFE_MS }]
      .slice(-MAXIMUM_CODES);
    return text;
  }

  /** A new code of 40 bits, `XXXX-XXXX`, valid once, within ten minutes. */
  newShortCode(): string {
    const letters = crypto.getRandomValues(new Uint8Array(SHORT_CODE_LETTERS));
    const text = [...letters].map((letter) => ALPHABET[letter % ALPHABET.length]).join("");
    const untilMs = this.#nowMs() + SHORT_CODE_LIFE_MS;
    this.#shortCodes = [...this.#valid(this.#shortCodes), { text, untilMs }].slice(-MAXIMUM_CODES);
    this.#guesses = 0;
    return `${text.slice(0, SHORT_CODE_LETTERS / 2)}-${text.slice(SHORT_CODE_LETTERS / 2)}`;
  }

  /** Exchanges a code, as it was given or typed, for the token. */
  trade(given: string): Trade {
    const typed = normalShortCode(given);
    return typed === null ? this.#tradeLong(given) : this.#tradeShort(typed);
  }

  tokenState(text: string): TokenState {
    if (isSameSecret(this.#token, text)) return "valid";
    return this.#endedTokens.some((ended) => isSameSecret(ended, text)) ? "ended" : "unknown";
  }

  #tradeLong(code: string): Trade {
    this.#longCodes = this.#valid(this.#longCodes);
    return this.#tradeOf(code, this.#longCodes) ?? { fault: { code: "code_spent" } };
  }

  #tradeShort(code: string): Trade {
    this.#shortCodes = this.#valid(this.#shortCodes);
    const waitMs = this.#guessWaitMs();
    if (waitMs > 0) return { fault: { code: "guesses_paced", seconds: Math.ceil(waitMs / 1000) } };
    const traded = this.#tradeOf(code, this.#shortCodes);
    if (traded !== null) return traded;
    this.#allowance--;
    if (this.#shortCodes.length > 0 && ++this.#guesses >= MAXIMUM_GUESSES) {
      this.#shortCodes = [];
      this.listener.onGuessed?.();
    }
    return { fault: { code: "code_spent" } };
  }

  /** The outcome for a code that is among `codes`, or was used; null for any other one. */
  #tradeOf(code: string, codes: Code[]): Trade | null {
    if (this.#usedCodes.some((used) => isSameSecret(used, code))) {
      this.#end();
      return { fault: { code: "code_reused" } };
    }
    const index = codes.findIndex(({ text }) => isSameSecret(text, code));
    if (index < 0) return null;
    codes.splice(index, 1);
    this.#usedCodes = [...this.#usedCodes, code].slice(-MAXIMUM_USED);
    this.listener.onUsed?.(code);
    return { fault: null, token: this.#token };
  }

  /** Replaces the token and voids the codes, because a program that got one may have got others. */
  #end(): void {
    this.#endedTokens = [...this.#endedTokens, this.#token].slice(-MAXIMUM_ENDED);
    this.#token = randomText(TOKEN_BYTES);
    this.#longCodes = [];
    this.#shortCodes = [];
    this.listener.onEnded?.();
  }

  /** Time until the next guess is permitted; 0 if it is now. */
  #guessWaitMs(): number {
    const nowMs = this.#nowMs();
    const earned = (nowMs - this.#guessesAtMs) / GUESS_INTERVAL_MS;
    this.#allowance = Math.min(GUESS_BURST, this.#allowance + earned);
    this.#guessesAtMs = nowMs;
    return this.#allowance >= 1 ? 0 : (1 - this.#allowance) * GUESS_INTERVAL_MS;
  }

  #valid(codes: readonly Code[]): Code[] {
    const nowMs = this.#nowMs();
    return codes.filter(({ untilMs }) => nowMs < untilMs);
  }
}

/** A text as a short code, with similar letters replaced; null if it cannot be one. */
function normalShortCode(text: string): string | null {
  const letters = text.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  const isShort = letters.length === SHORT_CODE_LETTERS &&
    [...letters].every((one) => ALPHABET.includes(one));
  return isShort ? letters : null;
}

/** So many random bytes in base64url. */
export function randomText(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Whether two secrets are equal, in a time that does not depend on where they differ. */
export function isSameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
