// Who has been let in. A run of the page has one token. It is given for a code, which stands in the URL that
// is opened: good once and for a minute, because a command line can be read by others.

import { createHash, timingSafeEqual } from "node:crypto";

const TOKEN_BYTES = 32;
const CODE_BYTES = 16;
const CODE_LIFE_MS = 60_000;
/** Who asks for more codes without using them loses the oldest. */
const MAXIMUM_CODES = 16;

export class Session {
  readonly #token = randomText(TOKEN_BYTES);
  readonly #nowMs: () => number;
  #codes: { code: string; untilMs: number }[] = [];

  /** `nowMs` is a clock that is never set back. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** A fresh code. */
  newCode(): string {
    const code = randomText(CODE_BYTES);
    const untilMs = this.#nowMs() + CODE_LIFE_MS;
    this.#codes = [...this.#valid(), { code, untilMs }].slice(-MAXIMUM_CODES);
    return code;
  }

  /** The token, for a code that is used up by this; null for any other code. */
  trade(code: string): string | null {
    const valid = this.#valid();
    this.#codes = valid.filter((entry) => !isSameSecret(entry.code, code));
    return this.#codes.length < valid.length ? this.#token : null;
  }

  isToken(text: string): boolean {
    return isSameSecret(this.#token, text);
  }

  #valid() {
    const nowMs = this.#nowMs();
    return this.#codes.filter(({ untilMs }) => nowMs < untilMs);
  }
}

/** So many random bytes in base64url. */
export function randomText(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Whether two secrets are the same, found out in a time that says nothing about where they differ. */
export function isSameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
