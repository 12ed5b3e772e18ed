// The door of the engine: everything that the rooms outside, or a program that uses pli as a library, may
// import. `new Engine(ports)` shares, fetches and inspects; what happens is told by one union of events and
// one family of errors.

export type * from "./events.ts";
export type * from "./options.ts";
export type * from "./ports.ts";
export {
  type ErrorCode,
  type ErrorParameters,
  isPliError,
  type NameFault,
  PliError,
  type TicketFault,
} from "./errors.ts";
export { stagingName } from "./staging_name.ts";
export { LEAST_BYTES_PER_SECOND, RateLimit } from "./transfer/rate_limit.ts";
export { findTicket, formatTicket, normalizeRelayUrl, parseTicket, type Ticket } from "./wire/ticket.ts";

import type {
  DiscardOptions,
  Fetched,
  FetchOptions,
  InspectOptions,
  Offer,
  Ports,
  Share,
  ShareOptions,
} from "./options.ts";
import { discardDownload, fetchCollection, inspectCollection } from "./transfer/fetch.ts";
import { shareCollection } from "./transfer/share.ts";

export class Engine {
  constructor(readonly ports: Ports) {}

  /** Hashes the paths and serves them. Resolves when the ticket is there. */
  share(options: ShareOptions): Promise<Share> {
    return shareCollection(this.ports, options);
  }

  /** Brings what a ticket names to a destination. Resolves when all of it is there, verified. */
  fetch(options: FetchOptions): Promise<Fetched> {
    return fetchCollection(this.ports, options);
  }

  /** Removes what an interrupted download has left in its folder. Throws `destination_busy`, `disk_*`. */
  discard(options: DiscardOptions): Promise<void> {
    return discardDownload(this.ports, options);
  }

  /** Asks a ticket's provider what the ticket would bring. Neither claims the share nor takes from it. */
  inspect(options: InspectOptions): Promise<Offer> {
    return inspectCollection(this.ports, options);
  }
}
