// A page in a temporary home, and raw requests to it, which no browser and no fetch would send.

import { connect, type Socket } from "node:net";
import { Hono } from "hono";
import { peerUsers } from "../../src/app/peer_user.ts";
import { readUpload } from "../../src/web/bodies.ts";
import { BUILT_PAGE } from "../../src/web/built_page.ts";
import type { State } from "../../src/web/contract.ts";
import { Instance } from "../../src/web/instance.ts";
import { type PageOptions, ServedPage } from "../../src/web/page.ts";
import { SERVER_LIMITS, type ServerLimits } from "../../src/web/server.ts";
import { SESSION_PATH } from "../../src/web/session_routes.ts";
import type { EventFeed } from "../../src/web/event_stream.ts";
import { withHome } from "../app/temporary_home.ts";
import { EVENT_LIMIT_MS } from "../time_limits.ts";

/** Time limits that no test reaches, also on a busy computer. */
export const PATIENT_LIMITS: ServerLimits = {
  ...SERVER_LIMITS,
  headersMs: EVENT_LIMIT_MS,
  idleMs: EVENT_LIMIT_MS,
  body: { ...SERVER_LIMITS.body, windowMs: EVENT_LIMIT_MS },
};

/** Short limits for tests of them. */
export const SHORT_LIMITS: ServerLimits = {
  headersMs: 300,
  idleMs: 300,
  headerBytes: 16 * 1024,
  connections: 128,
  body: { windowMs: 200, windowBytes: 1024, lingerMs: 200 },
  checkMs: 50,
};

export const STATE: State = {
  version: "0.1.0",
  shares: [],
  downloads: [],
  settings: {} as State["settings"],
  notices: [],
};

export const PAGE_OPTIONS: PageOptions = {
  port: 0,
  allowedOrigins: [],
  files: BUILT_PAGE,
  state: () => STATE,
  feed: emptyFeed(() => STATE),
  limits: PATIENT_LIMITS,
  userOf: peerUsers(() => undefined),
};

/** A route that reads an upload and reports its end. */
export function uploadRoute(ended: (how: string) => void): Hono {
  return new Hono().put("/api/test/upload", async (context) => {
    const { readable, sizeBytes } = readUpload(context, 1 << 20);
    try {
      for await (const _ of readable);
      ended("whole");
    } catch {
      ended("cut");
      throw new Error("the upload was cut");
    }
    return context.json({ sizeBytes });
  });
}

/** Serves a page while `use` runs. */
export async function withPage(
  options: Partial<PageOptions>,
  use: (page: ServedPage, token: string) => Promise<void>,
): Promise<void> {
  await withHome(async (home) => {
    await using instance = (await Instance.tryTake(home))!;
    await using page = await ServedPage.serve(instance, { ...PAGE_OPTIONS, ...options });
    await use(page, await tokenOf(page));
  });
}

/** Exchanges a fresh code for the token. */
export async function tokenOf(page: ServedPage): Promise<string> {
  const { body } = await request(page, "POST", SESSION_PATH, {
    body: JSON.stringify({ code: codeOf(page) }),
  });
  return JSON.parse(body).token;
}

/** A fresh code, as in the URL. */
export function codeOf(page: ServedPage): string {
  return new URL(page.newUrl()).hash.slice(1);
}

export interface Answer {
  /** 0 when the connection was closed without an answer. */
  status: number;
  headers: Headers;
  body: string;
}

/** An honest request, except for the headers given. */
export function request(
  page: ServedPage,
  method: string,
  path: string,
  { token, body, headers = [], type = "application/json" }: {
    token?: string;
    body?: string;
    headers?: string[];
    type?: string;
  } = {},
): Promise<Answer> {
  const lines = [`Host: 127.0.0.1:${page.port}`, ...headers];
  if (token !== undefined) lines.push(`Authorization: Bearer ${token}`);
  if (body !== undefined) lines.push(`Content-Type: ${type}`, `Content-Length: ${body.length}`);
  return send(page.port, [`${method} ${path} HTTP/1.1`, ...lines, "Connection: close", "", body ?? ""]);
}

/** Sends lines. Resolves to the response, when the connection is closed. */
export async function send(port: number, lines: readonly string[], host = "127.0.0.1"): Promise<Answer> {
  const socket = await opened(port, host);
  socket.write(lines.join("\r\n"));
  return parsed(await untilClosed(socket));
}

export function opened(port: number, host = "127.0.0.1"): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(port, host, () => resolve(socket));
  socket.once("error", reject);
  return promise;
}

/** Everything received over a connection until it is closed, also by an error. */
export function untilClosed(socket: Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = "";
  socket.on("data", (bytes) => text += bytes.toString("latin1"));
  socket.on("error", () => {});
  socket.on("close", () => resolve(text));
  return promise;
}

export function parsed(text: string): Answer {
  const [head, ...rest] = text.replace(/^HTTP\/1.1 100 Continue\r\n\r\n/, "").split("\r\n\r\n");
  const [first, ...lines] = head.split("\r\n");
  const headers = new Headers(lines.map((line) => line.split(/: ?(.*)/, 2) as [string, string]));
  return { status: Number(first.split(" ")[1] ?? 0), headers, body: rest.join("\r\n\r\n") };
}

/** A feed without events: only its state. */
function emptyFeed(state: () => State): EventFeed {
  return {
    subscribe(after, push) {
      if (after === null) push({ id: 0, event: { type: "state", state: state() } });
      return () => {};
    },
  };
}
