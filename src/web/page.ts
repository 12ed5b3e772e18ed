// The page of a home, put together and served.

import type { Hono } from "hono";
import { composeApp } from "./api.ts";
import { pagePaths, pageRoutes } from "./assets.ts";
import type { State } from "./contract.ts";
import type { EventFeed } from "./event_stream.ts";
import { originsOf } from "./guard.ts";
import { type Instance, openingUrl } from "./instance.ts";
import { listenLocally } from "./listen.ts";
import { PageServer, type ServerLimits } from "./server.ts";
import { Session } from "./session.ts";
import { EXCHANGE_PATHS, sessionRoutes } from "./session_routes.ts";
import { stateRoutes } from "./state_routes.ts";

export interface PageOptions {
  /** Null is the usual port, or any other when that is taken. */
  port: number | null;
  /** Origins besides our own under which the page may be asked for: those of a tunnel. */
  allowedOrigins: readonly string[];
  state: () => State;
  feed: EventFeed;
  /** Further routes of the API. */
  routes?: readonly Hono[];
  /** Told of mistakes in routes. */
  onFault?: (error: unknown) => void;
  limits?: ServerLimits;
  session?: Session;
}

/** A page that this process serves. */
export class ServedPage implements AsyncDisposable {
  readonly #server: PageServer;
  readonly #session: Session;

  private constructor(server: PageServer, session: Session, readonly app: Hono, readonly port: number) {
    this.#server = server;
    this.#session = session;
  }

  /** Serves the page of the home that is held, until it is disposed. Throws `home_*`, and what listening does. */
  static async serve(instance: Instance, options: PageOptions): Promise<ServedPage> {
    const { session = new Session(), routes = [], onFault } = options;
    const app = composeApp([
      pageRoutes(),
      sessionRoutes(session, instance.secret),
      stateRoutes(options.state, options.feed),
      ...routes,
    ], onFault);
    const server = new PageServer(app, options.limits);
    try {
      const port = await listenLocally(server, options.port);
      server.rules = {
        origins: originsOf(port, options.allowedOrigins),
        pagePaths: pagePaths(),
        exchangePaths: EXCHANGE_PATHS,
        isToken: (bearer) => session.isToken(bearer),
      };
      await instance.announce(port);
      return new ServedPage(server, session, app, port);
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** A URL that opens the page, once and for a minute. */
  newUrl(): string {
    return openingUrl(this.port, this.#session.newCode());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
  }
}
