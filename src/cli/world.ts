// What the command line needs from outside. `main.ts` hands in the real things, tests their own.

import type { Environment } from "../app/home.ts";
import type { TransferEngine } from "../app/desk_share.ts";
import type { HashCache } from "../engine/mod.ts";
import type { Terminal } from "./terminal.ts";

export type { TransferEngine };

export interface World {
  /**
   * Loads the engine, with a memory of hashes or without one; only the commands that transfer ask for it, so
   * that the others start at once.
   */
  readonly engine: (hashes?: HashCache) => Promise<TransferEngine>;
  readonly about: {
    version: string;
    /** The network binding, with its version. Throws when the one that was asked for is not there. */
    binding: () => string;
  };
  readonly terminal: Terminal;
  readonly environment: Environment;
  /** The system's own locale, where it is not the environment that says it; else null. */
  readonly systemLocale: string | null;
}
