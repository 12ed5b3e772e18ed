// Shared parts of the commands: ports and context, conversion of common options for the engine, paths, globs without
// effect, and the history entry.

import { bindAddressFault } from "../app/bind_address.ts";
import { Globs, InvalidGlob, type UnmatchedGlob } from "../app/globs.ts";
import { History, type NewEntry } from "../app/history.ts";
import type { Environment, Home } from "../app/home.ts";
import type { OnNotice } from "../app/notices.ts";
import { meantPath } from "../app/meant_path.ts";
import { relayChoice } from "../app/settings.ts";
import type { TransferEngine } from "../app/transfers/context.ts";
import {
  type HashCache,
  isPliError,
  isUnreachableRelay,
  LEAST_BYTES_PER_SECOND,
  type Logger,
  PliError,
  RateLimit,
  type RelayChoice,
  type SpeedLimit,
  type WaitLimits,
} from "../engine/mod.ts";
import type { PageFiles } from "../web/assets.ts";
import { invalid, UsageError } from "./errors.ts";
import { explain, failureInWords, type Kept } from "./report/failure.ts";
import type { GlobOption, Output } from "./report/output.ts";
import type { Terminal } from "./system.ts";

export type { TransferEngine };

/** Options of all engines of a run. */
export interface EngineSetting {
  /** Certificate authorities (DER) for relays besides the public ones. */
  readonly trustedCertificates?: readonly Uint8Array[];
  readonly logger?: Logger;
  /** A folder for a qlog file of each connection. */
  readonly qlogFolder?: string;
}

/** The environment of the command line. `main.ts` passes the real one, tests their own. */
export interface CliPorts {
  /**
   * Loads the engine, with or without a hash cache. Only commands that transfer load it, so that the others start at
   * once.
   */
  readonly engine: (hashes?: HashCache, setting?: EngineSetting) => Promise<TransferEngine>;
  /** Loads the page's files. Throws `page_unbuilt`. */
  readonly pageFiles: () => Promise<PageFiles>;
  readonly about: {
    version: string;
    /** The network binding, with its version. Throws if the requested one does not exist. */
    binding: () => string;
    /** The command line that starts this pli, with absolute paths. */
    command: () => readonly string[];
    /** Whether the stock binding is used because there is no addon, and not because it was requested. */
    isBindingSlow: () => boolean;
  };
  readonly terminal: Terminal;
  readonly environment: Environment;
  /** The locale of the system, where it is not in the environment; else null. */
  readonly systemLocale: string | null;
  /** Maximum time of the clean-up after a signal, if not the default. */
  readonly cleanupMs?: number;
}

/** The context of a command. */
export interface CliContext {
  ports: CliPorts;
  output: Output;
  /** Aborted when the command must stop. */
  signal: AbortSignal;
  kept: Kept;
}

/** With -v, prints which network binding is used. */
export function sayBinding({ verbose }: { verbose: boolean }, { ports, output }: CliContext): void {
  if (verbose) output.say(output.words.say("binding", { binding: ports.about.binding() }), "faint");
}

/** Reports a slow network binding, before a transfer. */
export function noticeSlowBinding({ about }: CliPorts, notify: OnNotice): void {
  if (about.isBindingSlow()) notify({ code: "binding_slow", parameters: {} });
}

/**
 * The engine's options for --relay and --bind. Throws `relay_url_invalid`, `relay_url_ipv6`, `option_value_invalid`.
 */
export function networkOptions(
  { relay, bind }: { relay: string | null; bind: string | null },
): { relay: RelayChoice; bindAddress?: string } {
  return { relay: relayNamed(relay ?? "default"), ...(bind !== null && { bindAddress: bindAddress(bind) }) };
}

function bindAddress(text: string): string {
  const fault = bindAddressFault(text);
  if (fault !== null) throw invalid("--bind", text, fault);
  return text;
}

/**
 * The time limits for an unreachable sender; the engine has defaults. --give-up limits every wait, or with --wait
 * those after the first contact.
 */
export function waitLimitsOf(
  { wait, giveUp }: { wait: boolean; giveUp: number | null },
): Partial<WaitLimits> {
  return {
    ...(giveUp !== null && { firstMs: giveUp, laterMs: giveUp }),
    ...(wait && { firstMs: Infinity }),
  };
}

function relayNamed(text: string): RelayChoice {
  const relay = relayChoice(text);
  if (relay === null) throw new PliError("relay_url_invalid", { url: text });
  if (typeof relay === "object" && isUnreachableRelay(relay.url)) {
    throw new PliError("relay_url_ipv6", { url: text });
  }
  return relay;
}

const FACTORS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9 };

/** The engine's option for --limit; nothing without it. Throws `option_value_invalid`. */
export function limitOption({ limit }: { limit: string | null }): { limit?: SpeedLimit } {
  if (limit === null) return {};
  const bytesPerSecond = parseSpeed(limit) ?? 0;
  if (bytesPerSecond >= LEAST_BYTES_PER_SECOND) return { limit: new RateLimit(bytesPerSecond) };
  throw invalid("--limit", limit, "speed");
}

/** `800k`, `5M`, `1.5G` or a plain number, decimal, as bytes per second; null for any other text. */
export function parseSpeed(text: string): number | null {
  const [, amount, unit] = /^(\d{1,12}(?:\.\d{1,6})?)([kmg]?)$/i.exec(text) ?? [];
  return amount === undefined ? null : Math.round(Number(amount) * FACTORS[unit.toLowerCase()]);
}

/**
 * An absolute path. Throws UsageError if it is relative to a current folder without a path, and the errors of
 * `meantPath`.
 */
export function absolutePath(path: string): string {
  try {
    return meantPath(path);
  } catch (cause) {
    if (isPliError(cause)) throw cause;
    // Deno returns no path that is not UTF-8, and a removed folder has none.
    throw new UsageError("working_folder_unusable", {}, { cause });
  }
}

/** The globs of an option. Throws UsageError `option_value_invalid` for a value that is none. */
export function globsOf(option: GlobOption, values: readonly string[]): Globs {
  try {
    return new Globs(values);
  } catch (error) {
    throw error instanceof InvalidGlob ? invalid(option, error.glob, "glob") : error;
  }
}

/**
 * Warns about globs of an option that have matched no name. With `isError`, when an error reports all of them, only suggestions are
 * printed.
 */
export function warnUnmatched(
  option: GlobOption,
  unmatched: readonly UnmatchedGlob[],
  output: Output,
  isError = false,
): void {
  const { words } = output;
  for (const { glob, nearest } of unmatched) {
    output.json({ type: "glob_unmatched", option, glob, nearest });
    if (isError && nearest === null) continue;
    const sentence = words.say("globUnmatched", { option, glob });
    const hint = nearest === null ? "" : ` ${words.say("globNearest", { nearest })}`;
    output.sayDespiteQuiet(sentence + hint, "warning");
  }
}

/** Adds a transfer to the history of a home, if there is one. A failure is only reported with -v. */
export async function addToHistory(
  entry: NewEntry,
  home: Home | null,
  output: Output,
  isVerbose: boolean,
): Promise<void> {
  if (home === null) return;
  try {
    using history = await History.open(home);
    history.add(entry);
  } catch (error) {
    if (!isVerbose) return;
    const { message } = failureInWords(explain(error), output.words);
    output.say(output.words.say("notNoted", { message }), "warning");
  }
}
