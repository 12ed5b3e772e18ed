// The exit codes of pli: what a script can tell from the number alone.

export const EXIT = {
  done: 0,
  /** A missing path, an answer of "no", a mistake in pli. */
  failed: 1,
  /** Wrong usage, or a ticket that cannot be read. */
  usage: 2,
  /** Nobody was reached, or the connection was lost: trying again can help. */
  unreachable: 3,
  /** Wrong bytes, a source that changed, hostile names or messages. */
  corrupt: 4,
  /** The disk, or the permission to use it. */
  disk: 5,
  /** Refused by the other side, or unknown to it. */
  refused: 6,
  /** 128 and the signal's number, as shells count. */
  hangup: 129,
  interrupted: 130,
  /** Standard output was closed by whoever read it. */
  outputClosed: 141,
  terminated: 143,
} as const;

export type ExitCode = typeof EXIT[keyof typeof EXIT];
