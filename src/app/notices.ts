// Notices: messages to the user that stop nothing, as codes with named parameters, like errors. The sentences are in
// the catalogues (src/words).

import type { AppErrorCode } from "./errors.ts";
import type { Title } from "./views.ts";

/** Every notice with its parameters. `path` is the former path, `kept` the present one. */
export interface NoticeParameters {
  /** A code that opens the page was used twice, so the session ended. */
  code_reused: Record<never, never>;
  /** The short codes are void after too many wrong ones. */
  code_guessed: Record<never, never>;
  /** Another user of this computer tried to open the page. */
  user_refused: { uid: string };
  /** An unreadable file of pli was set aside and replaced. */
  file_set_aside: { path: string; kept: string };
  /** A newer version of pli has written the history: it is not changed. */
  history_newer: { path: string };
  /** Any other reason for which this run has no history. */
  history_unavailable: { path: string };
  /** The same paths are shared already, by this process or another one, so this share has another key and ticket. */
  shared_elsewhere: Record<never, never>;
  entries_unreadable: { count: number };
  /** Shares of the last run that could not be read. */
  shares_unreadable: { count: number };
  /** Another process has completed or discarded an unfinished download. */
  download_gone: Title & { files: number; folder: string };
  settings_invalid: { path: string; names: string };
  /** pli's own folder cannot be used. The reason is an error code, and `path` one of its parameters. */
  nothing_remembered: { reason: AppErrorCode; path?: string };
  /** There is no native addon for this system, so the stock binding is used. */
  binding_slow: Record<never, never>;
}

export type NoticeCode = keyof NoticeParameters;

export type NoticeOf<C extends NoticeCode> = { code: C; parameters: NoticeParameters[C] };

export type Notice = { [C in NoticeCode]: NoticeOf<C> }[NoticeCode];

export type OnNotice = (notice: Notice) => void;

/** Maximum number of stored notices of one run; the oldest is dropped first. */
const MAXIMUM_KEPT = 20;

/** The notices of a process, also for later subscribers. */
export class Notices {
  #kept: readonly Notice[] = [];
  readonly #listeners = new Set<OnNotice>();

  get all(): readonly Notice[] {
    return this.#kept;
  }

  readonly add: OnNotice = (notice) => {
    this.#kept = [...this.#kept, notice].slice(-MAXIMUM_KEPT);
    for (const listener of this.#listeners) listener(notice);
  };

  /** Calls a listener with every later notice. */
  subscribe(listener: OnNotice): void {
    this.#listeners.add(listener);
  }
}
