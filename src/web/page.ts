// Assembles and serves the page of a home.

import type { Hono } from "hono";
import type { OnNotice } from "../app/notices.ts";
import { isOwnOrRoot, type UserOfPeer } from "../app/peer_user.ts";
import { formatTicket, type Ticket } from "../engine/mod.ts";
import { composeApp } from "./api.ts";
import { type PageFiles, pagePaths, pageRoutes } from "./assets.ts";
import type { State } from "./contract.ts";
import type { EventFeed } from "./event_stream.ts";
import { originsOf } from "./guard.ts";
import type { Instance } from "./instance.ts";
import { listenLocally } from "./listen.ts";
import { type Opening, OpeningFiles, pageUrl } from "./opening.ts";
import { PageServer, type ServerLimits } from "./server.ts";
import { Session } from "./session.ts";
import { EXCHANGE_PATHS, sessionRoutes } from "./session_routes.ts";
import { stateRoutes } from "./state_routes.ts";

/** Time for an answer to reach its program before the connection is closed. */
const DISCONNECT_MS = 100;
/** Maximum number of users whose refusal is reported. */
const MAXIMUM_REPORTED = 8;

export interface PageOptions {
  /** Null for the usual port, or any other if that is in use. */
  port: number | null;
  /** Further origins of the page: those of a tunnel. */
  allowedOrigins: readonly string[];
  /** The built page. */
  files: PageFiles;
  state: () => State;
  feed: EventFeed;
  /** Further routes of the API. */
  routes?: readonly Hono[];
  /** Called with defects in routes. */
  onFault?: (error: unknown) => void;
  /** Called with notices about the session. */
  onNotice?: OnNotice;
  limits?: ServerLimits;
  session?: Session;
  /** Queries the user of a program; null if the system does not support it. */
  userOf: UserOfPeer | null;
}

/** A page that this process serves. */
export class ServedPage implements AsyncDisposable {
  readonly #server: PageServer;
  readonly #session: Session;
  readonly #files: OpeningFiles;

  private constructor(
    server: PageServer,
    session: Session,
    files: OpeningFiles,
    readonly app: Hono,
    readonly port: number,
  ) {
    this.#server = server;
    this.#session = session;
    this.#files = files;
  }

  /** Serves the page of a locked home until it is disposed. Throws `home_*`, and what listening throws. */
  static async serve(instance: Instance, options: PageOptions): Promise<ServedPage> {
    const { session = new Session(), routes = [], onFault, onNotice = () => {} } = options;
    const files = await OpeningFiles.open(instance.home);
    const app = composeApp([
      pageRoutes(options.files),
      sessionRoutes(session, instance.secret, (ticket) => page.newOpening(ticket)),
      stateRoutes(options.state, options.feed),
      ...routes,
    ], onFault);
    const server = new PageServer(app, options.limits);
    session.listener = {
      onUsed: (code) => void files.remove(code),
      onEnded: () => {
        // After the answer to the program that presented the code was sent.
        setTimeout(() => server.disconnect(), DISCONNECT_MS);
        onNotice({ code: "code_reused", parameters: {} });
      },
      onGuessed: () => onNotice({ code: "code_guessed", parameters: {} }),
    };
    let page: ServedPage;
    try {
      const port = await listenLocally(server, options.port);
      page = new ServedPage(server, session, files, app, port);
      server.isPeerAllowed = peerRule(port, options, onNotice);
      server.rules = {
        origins: originsOf(port, options.allowedOrigins),
        pagePaths: pagePaths(options.files),
        exchangePaths: EXCHANGE_PATHS,
        tokenState: (bearer) => session.tokenState(bearer),
      };
      await instance.announce(port);
      return page;
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** The bare address of the page. */
  get address(): string {
    return pageUrl(this.port);
  }

  /** A URL that opens the page once, within a minute. */
  newUrl(): string {
    return pageUrl(this.port, this.#session.newCode());
  }

  /** A new opening for a browser, with a ticket in the field of the page if one is given. Throws `home_*`. */
  async newOpening(ticket?: Ticket): Promise<Opening> {
    const code = this.#session.newCode();
    const url = pageUrl(this.port, code, ticket && formatTicket(ticket));
    return { url, file: await this.#files.make(url, code), code: this.#session.newShortCode() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
    await this.#files[Symbol.asyncDispose]();
  }
}

/**
 * Which programs may present a code or a secret: those of this user and of root, whose programs can do anything here.
 * At the address of a tunnel the tunnel connects, which may run as any user. If the system does not report users,
 * every program may.
 */
function peerRule(
  port: number,
  { allowedOrigins, userOf }: PageOptions,
  onNotice: OnNotice,
): PageServer["isPeerAllowed"] {
  const own = originsOf(port, []);
  const tunnels = new Set([...originsOf(port, allowedOrigins).keys()].filter((one) => !own.has(one)));
  const reported = new Set<number>();
  return async (ends, authority) => {
    if (userOf === null || tunnels.has(authority)) return true;
    const user = await userOf(ends);
    if (user === "unreadable" || isOwnOrRoot(user)) return true;
    if (typeof user === "number" && !reported.has(user) && reported.size < MAXIMUM_REPORTED) {
      reported.add(user);
      onNotice({ code: "user_refused", parameters: { uid: `${user}` } });
    }
    return false;
  };
}
