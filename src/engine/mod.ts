// The public interface of the engine, for the rooms above it and, through `library/`, for other programs. `new
// Engine(ports)` shares, fetches and inspects, and reports by one union of events and one family of errors.

export type * from "./events.ts";
export {
  LOG_LEVELS,
  type LogFields,
  type LogFilter,
  type Logger,
  type LogLevel,
  type LogValue,
  Sensitive,
  type SensitiveKind,
  type Verbosity,
} from "./logger.ts";
export type * from "./options.ts";
export { EXISTING_POLICIES, TICKET_KINDS } from "./options.ts";
export type * from "./ports.ts";
export { systemClock } from "./clock.ts";
export {
  type ErrorCode,
  type ErrorParameters,
  isPliError,
  type NameFault,
  type OfGivenPaths,
  PliError,
  type TicketFault,
  type UnsendablePath,
} from "./errors.ts";
export { type Listed, slice } from "./listed.ts";
export { generateSecretKey } from "./secret_key.ts";
export { type LogFilterFault, parseLogFilter, readLogFilter } from "./log/filter.ts";
export { lineLogger, type WriteLine } from "./log/line_logger.ts";
export { isMissing, isMissingReason } from "./skip_reason.ts";
export { isStagingNameOf } from "./staging_name.ts";
export { isWindowsName } from "./windows_name.ts";
export { ADDRESSES_MAXIMUM } from "./transfer/fetch/ticket_addresses.ts";
export { hostsOf, parseSocketAddress, type SocketAddress } from "./wire/socket_address.ts";
export { LEAST_BYTES_PER_SECOND, RateLimit } from "./transfer/rate_limit.ts";
export {
  formatTicket,
  isUnreachableRelay,
  normalizeRelayUrl,
  parseTicket,
  readPastedTicket,
} from "./wire/ticket.ts";

import type {
  DiscardOptions,
  Fetched,
  FetchOptions,
  InspectOptions,
  NetworkOptions,
  Offer,
  Ports,
  Share,
  ShareOptions,
} from "./options.ts";
import { isolated } from "./isolated.ts";
import { logged } from "./log/logged_transfer.ts";
import { fetchCollection } from "./transfer/fetch/fetch.ts";
import { inspectCollection } from "./transfer/fetch/inspect.ts";
import { shareCollection } from "./transfer/provide/share.ts";
import { discardDownload } from "./transfer/fetch/target.ts";

/**
 * Shares, fetches and inspects over its ports. It keeps no state between calls, so one engine serves any number of
 * concurrent transfers. Exceptions of `onEvent`, `onBegun` and the logger are passed to `ports.onListenerError` and end nothing.
 */
export class Engine {
  /** An engine over these ports. */
  constructor(readonly ports: Ports) {}

  /** Hashes the paths and serves them. Resolves when the ticket exists. */
  async share(options: ShareOptions): Promise<Share> {
    return await logged("share", this.ports, this.#isolating(options), shareCollection);
  }

  /** Downloads the content of a ticket to a destination. Resolves when everything is verified and in place. */
  async fetch(options: FetchOptions): Promise<Fetched> {
    const { onBegun } = options;
    const isolating = {
      ...this.#isolating(options),
      onBegun: onBegun && isolated(onBegun, this.ports.onListenerError),
    };
    return await logged("fetch", this.ports, isolating, fetchCollection);
  }

  /** Removes the staging folder of an interrupted download. Throws `destination_busy`, `disk_*`. */
  async discard(options: DiscardOptions): Promise<void> {
    await discardDownload(this.ports, options);
  }

  /**
   * Inspects a ticket: requests its offer from the provider, without claiming the share or taking data. Ends within
   * five minutes, and when the connection is lost, unless `waitLimits` allows more time.
   */
  async inspect(options: InspectOptions): Promise<Offer> {
    return await logged("inspect", this.ports, this.#isolating(options), inspectCollection);
  }

  #isolating<O extends NetworkOptions>(options: O): O {
    return { ...options, onEvent: isolated(options.onEvent, this.ports.onListenerError) };
  }
}
