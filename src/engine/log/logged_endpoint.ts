// The Endpoint port with a log: each connection has a number, each stream its position among those that one side has
// opened, which is its number in QUIC too (`out0` is the first of this side's, `in0` of the peer's). Connections and
// streams have their logger as a property, so that the rooms above write lines with the same numbers.

import { hexOf } from "../hex.ts";
import { type Logger, Sensitive, withFields } from "../logger.ts";
import type {
  BindEndpoint,
  BiStream,
  Connection,
  Endpoint,
  EndpointAddress,
  EndpointOptions,
  NetworkPath,
  ReceiveStream,
  SendStream,
} from "../ports.ts";
import { errorFields } from "./error_fields.ts";

const TARGET = "net";

/** Numbers of the connections of this process. */
let connections = 0;

/** Wraps a `bind` so that its endpoints, connections and streams write log lines. */
export function loggedBind(bind: BindEndpoint, logger: Logger): BindEndpoint {
  return async (options) => {
    const accept = new Map([...options.accept].map(([alpn, handle]) => [
      alpn,
      async (connection: Connection) => {
        const logged = new LoggedConnection(connection, logger);
        logged.log.log("info", TARGET, "connection accepted", { alpn, ...peerFields(connection) });
        try {
          await handle(logged);
        } catch (error) {
          logged.log.log("error", TARGET, "the handler of a connection failed", errorFields(error));
          throw error;
        }
      },
    ]));
    const onAcceptFailed: EndpointOptions["onAcceptFailed"] = (error) => {
      logger.log("error", TARGET, "no further connection is accepted", errorFields(error));
      options.onAcceptFailed?.(error);
    };
    const { lookup, relay, bindAddresses = [] } = options;
    const wanted = { lookup, relay: typeof relay === "string" ? relay : relay.url };
    try {
      const endpoint = new LoggedEndpoint(await bind({ ...options, accept, onAcceptFailed }), logger);
      const sockets = endpoint.sockets.join(" ");
      const id = new Sensitive("id", hexOf(endpoint.id));
      logger.log("info", TARGET, "endpoint bound", { id, sockets, ...wanted });
      return endpoint;
    } catch (error) {
      const asked = bindAddresses.join(" ");
      logger.log("warn", TARGET, "endpoint not bound", { asked, ...wanted, ...errorFields(error) });
      throw error;
    }
  };
}

class LoggedEndpoint implements Endpoint {
  constructor(readonly inner: Endpoint, readonly log: Logger) {}

  get id() {
    return this.inner.id;
  }

  get sockets() {
    return this.inner.sockets;
  }

  address() {
    return this.inner.address();
  }

  async reachRelay(timeouts: Parameters<Endpoint["reachRelay"]>[0]) {
    const isReached = await this.inner.reachRelay(timeouts);
    this.log.log(isReached ? "info" : "warn", TARGET, isReached ? "relay reached" : "relay not reached");
    return isReached;
  }

  async connect(to: EndpointAddress, alpn: string, signal?: AbortSignal): Promise<Connection> {
    const relay = to.relayUrl ?? "none";
    const peer = { peer: new Sensitive("id", hexOf(to.id)), alpn };
    const addresses = to.directAddresses.join(" ");
    this.log.log("debug", TARGET, "connecting", { ...peer, relay, addresses });
    try {
      const connection = new LoggedConnection(await this.inner.connect(to, alpn, signal), this.log);
      connection.log.log("info", TARGET, "connected", { alpn, ...peerFields(connection) });
      return connection;
    } catch (error) {
      this.log.log("warn", TARGET, "not connected", { ...peer, ...errorFields(error) });
      throw error;
    }
  }

  async close() {
    this.log.log("debug", TARGET, "closing the endpoint");
    await this.inner.close();
    this.log.log("debug", TARGET, "endpoint closed");
  }
}

class LoggedConnection implements Connection {
  readonly log: Logger;
  #opened = 0;
  #accepted = 0;

  constructor(readonly inner: Connection, logger: Logger) {
    this.log = withFields(logger, { conn: ++connections });
    this.inner.closed.then(() => this.log.log("info", TARGET, "connection closed"));
  }

  get remoteId() {
    return this.inner.remoteId;
  }

  get closed() {
    return this.inner.closed;
  }

  path() {
    return this.inner.path();
  }

  backlog() {
    return this.inner.backlog();
  }

  async openBi(): Promise<BiStream> {
    try {
      return this.#logged(await this.inner.openBi(), `out${this.#opened++}`);
    } catch (error) {
      this.log.log("debug", TARGET, "no stream opened", errorFields(error));
      throw error;
    }
  }

  async acceptBi(): Promise<BiStream | null> {
    const stream = await this.inner.acceptBi();
    return stream && this.#logged(stream, `in${this.#accepted++}`);
  }

  close(applicationCode: number): void {
    this.log.log("debug", TARGET, "closing the connection", { code: applicationCode });
    this.inner.close(applicationCode);
  }

  #logged({ send, receive }: BiStream, stream: string): BiStream {
    const log = withFields(this.log, { stream });
    log.log("debug", TARGET, "stream opened");
    return { send: new LoggedSendStream(send, log), receive: new LoggedReceiveStream(receive, log), log };
  }
}

class LoggedSendStream implements SendStream {
  readonly #isTraced: boolean;

  constructor(readonly inner: SendStream, readonly log: Logger) {
    this.#isTraced = log.isOn("trace", TARGET);
  }

  get takenBytes() {
    return this.inner.takenBytes;
  }

  async write(parts: readonly Uint8Array[]): Promise<void> {
    if (this.#isTraced) {
      const bytes = parts.reduce((sum, part) => sum + part.length, 0);
      this.log.log("trace", TARGET, "write", { bytes });
    }
    await logging(this.log, "write failed", this.inner.write(parts));
  }

  async finish(): Promise<void> {
    await logging(this.log, "end not written", this.inner.finish());
    this.log.log("debug", TARGET, "finished", { sentBytes: this.inner.takenBytes });
  }

  reset(code: number): void {
    this.log.log("debug", TARGET, "reset", { code, sentBytes: this.inner.takenBytes });
    this.inner.reset(code);
  }

  async stopped(): Promise<number | null> {
    const code = await logging(this.log, "not acknowledged", this.inner.stopped());
    if (code === null) this.log.log("debug", TARGET, "all acknowledged");
    else this.log.log("debug", TARGET, "stopped by the peer", { code });
    return code;
  }
}

class LoggedReceiveStream implements ReceiveStream {
  readonly #isTraced: boolean;
  #isEnded = false;

  constructor(readonly inner: ReceiveStream, readonly log: Logger) {
    this.#isTraced = log.isOn("trace", TARGET);
  }

  get receivedBytes() {
    return this.inner.receivedBytes;
  }

  async ready(count: number): Promise<number> {
    const waiting = await logging(this.log, "read failed", this.inner.ready(count));
    if (this.#isTraced) this.log.log("trace", TARGET, "read", { wanted: count, waiting });
    if (waiting < count && !this.#isEnded) {
      this.#isEnded = true;
      this.log.log("debug", TARGET, "ended by the peer", { receivedBytes: this.inner.receivedBytes });
    }
    return waiting;
  }

  take(into: readonly Uint8Array[]): void {
    this.inner.take(into);
  }

  stop(code: number): void {
    this.log.log("debug", TARGET, "stop", { code, receivedBytes: this.inner.receivedBytes });
    this.inner.stop(code);
  }
}

async function logging<T>(log: Logger, message: string, step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    log.log("debug", TARGET, message, errorFields(error));
    throw error;
  }
}

function peerFields(connection: Connection) {
  const path: NetworkPath | null = connection.path();
  return {
    peer: new Sensitive("id", hexOf(connection.remoteId)),
    ...(path !== null && { path: path.kind, address: path.address, rttMs: path.rttMs }),
  };
}
