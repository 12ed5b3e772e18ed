// The page's HTTP server: Node's, which has limits that Deno's lacks, on 127.0.0.1 and ::1 alone. It calls the guard
// before any routing, adds the headers of security_headers.ts to every answer, its own refusals included, and closes
// stalled connections. HTTP/2 in clear text is refused.

import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { Duplex } from "node:stream";
import type { ConnectionEnds } from "../app/peer_user.ts";
import { type BodyLimits, watchBody } from "./body_watch.ts";
import { type Closable, Connections } from "./connections.ts";
import type { Failure } from "./contract.ts";
import type { RefusalCode } from "./errors.ts";
import { type GuardRules, judge } from "./guard.ts";
import { SECURITY_HEADERS } from "./security_headers.ts";

export interface ServerLimits {
  /** Timeout of the head of a request. */
  headersMs: number;
  /** Timeout of a connection without a request, after its first one. */
  idleMs: number;
  headerBytes: number;
  connections: number;
  body: BodyLimits;
  /** Interval at which connections are checked. */
  checkMs: number;
}

export const SERVER_LIMITS: ServerLimits = {
  headersMs: 10_000,
  idleMs: 5_000,
  headerBytes: 16 * 1024,
  connections: 128,
  body: { windowMs: 30_000, windowBytes: 16 * 1024, lingerMs: 1_000 },
  checkMs: 2_000,
};

/** Rules that refuse everything, before the server knows its port. */
const CLOSED: GuardRules = {
  origins: new Map(),
  pagePaths: new Set(),
  exchangePaths: new Set(),
  tokenState: () => "unknown",
};

/** A host and a port that may be repeated in an answer. */
const AUTHORITY = /^[A-Za-z0-9.-]{1,253}(:\d{1,5})?$/;

const FAULT_STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_PAUSED_H2_UPGRADE: 505,
};

export class PageServer {
  /** The rules of the guard; set when the port is known. */
  rules: GuardRules = CLOSED;
  /** Whether a program may present a code or a secret, by its connection and the requested authority. */
  isPeerAllowed: (ends: ConnectionEnds, authority: string) => Promise<boolean> = () => Promise.resolve(false);
  readonly #listener: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly #limits: ServerLimits;
  readonly #connections: Connections;
  readonly #servers: Server[] = [];

  constructor(app: Hono, limits: ServerLimits = SERVER_LIMITS) {
    this.#listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
    this.#limits = limits;
    this.#connections = new Connections(limits.connections);
  }

  /** Listens at one address; resolves to the port. Rejects with the system's error. */
  listen(host: string, port: number): Promise<number> {
    const server = this.#newServer();
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port, ipv6Only: true }, () => {
        server.off("error", reject);
        this.#servers.push(server);
        resolve((server.address() as { port: number }).port);
      });
    });
  }

  /** Closes every connection, also during an answer. New ones are accepted. */
  disconnect(): void {
    this.#connections.closeAll();
  }

  /** Closes the server and every connection, also during an answer. */
  async close(): Promise<void> {
    this.rules = CLOSED;
    const servers = this.#servers.splice(0);
    const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
    this.#connections.closeAll();
    await Promise.all(closed);
  }

  #newServer(): Server {
    const { headersMs, idleMs, headerBytes, connections, checkMs } = this.#limits;
    const server = createServer({
      headersTimeout: headersMs,
      // An upload may take long; a stalled one is ended by body_watch.ts.
      requestTimeout: 0,
      keepAliveTimeout: idleMs,
      maxHeaderSize: headerBytes,
      connectionsCheckingInterval: checkMs,
      // Refused by the guard instead, with the security headers.
      requireHostHeader: false,
    });
    // A second bound, above the limit that chooses which connection to close.
    server.maxConnections = connections * 2;
    const handle = (request: IncomingMessage, response: ServerResponse) => {
      void this.#handle(request, response);
    };
    return server
      .on("connection", (socket: Duplex) => this.#connections.admit(socket as Closable))
      .on("request", handle)
      .on("checkContinue", handle)
      .on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
        void this.#handle(request, response, 417);
      })
      .on("connect", (request: IncomingMessage, socket: Duplex) => {
        const { refusal } = judge(headOf(request), this.rules);
        endRaw(socket, refusal?.status ?? 405, refusal?.code ?? "method_refused");
      })
      .on("clientError", (error: Error & { code?: string }, socket: Duplex) => {
        if (error.code === "ECONNRESET" || !socket.writable) return socket.destroy();
        endRaw(socket, FAULT_STATUS[error.code ?? ""] ?? 400, "request_malformed");
      });
  }

  async #handle(request: IncomingMessage, response: ServerResponse, refusedWith?: number): Promise<void> {
    for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value);
    watchBody(request, response, this.#limits.body);
    const verdict = judge(headOf(request), this.rules);
    if (verdict.refusal !== null) {
      const { status, code } = verdict.refusal;
      return end(
        response,
        status,
        code,
        code === "authority_unknown" ? tunnelParameters(request.headers.host) : {},
      );
    }
    if (verdict.area === "api") this.#connections.prove(request.socket);
    if (
      verdict.area === "exchange" && !await this.isPeerAllowed(endsOf(request), request.headers.host ?? "")
    ) {
      return end(response, 403, "user_refused");
    }
    if (refusedWith !== undefined) return end(response, refusedWith, "expectation_refused");
    if (request.headers.expect !== undefined) response.writeContinue();
    request.url = verdict.target;
    // The listener answers all errors itself.
    void this.#listener(request, response);
  }
}

function headOf({ method = "", url = "", rawHeaders }: IncomingMessage) {
  return { method, target: url, rawHeaders };
}

function endsOf({ socket }: IncomingMessage): ConnectionEnds {
  const { remoteAddress = "", remotePort = 0, localAddress = "", localPort = 0 } = socket;
  return {
    peer: { address: remoteAddress, port: remotePort },
    own: { address: localAddress, port: localPort },
  };
}

/** The command that starts pli for a tunnel, because requests with another authority mostly come through one. */
function tunnelParameters(host = ""): Failure["parameters"] {
  return AUTHORITY.test(host) ? { startWith: `pli ui --allow-origin http://${host}` } : {};
}

function end(
  response: ServerResponse,
  status: number,
  code: RefusalCode,
  parameters: Failure["parameters"] = {},
): void {
  const body = failureText(code, parameters);
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": body.length,
    "Connection": "close",
  });
  response.end(body);
}

/** Answers what was no request, or has no response object. */
function endRaw(socket: Duplex, status: number, code: RefusalCode): void {
  const body = failureText(code);
  const headers = [
    ...SECURITY_HEADERS,
    ["Content-Type", "application/json"],
    ["Content-Length", body.length],
    ["Connection", "close"],
  ].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}\r\n${body}`, () => socket.destroy());
}

/** A Failure (contract.ts), in ASCII. */
function failureText(code: RefusalCode, parameters: Failure["parameters"] = {}): string {
  return JSON.stringify({ code, parameters });
}
