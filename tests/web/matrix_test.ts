// Every route with every method and every invalid request over a raw socket: the required status of each, and the
// required headers of all responses.

import assert from "node:assert/strict";
import { pagePaths } from "../../src/web/assets.ts";
import { BUILT_PAGE } from "../../src/web/built_page.ts";
import { SECURITY_HEADERS } from "../../src/web/security_headers.ts";
import { Session } from "../../src/web/session.ts";
import { EXCHANGE_PATHS } from "../../src/web/session_routes.ts";
import type { ServedPage } from "../../src/web/page.ts";
import { type Answer, send, SHORT_LIMITS, uploadRoute, withPage } from "./raw_http.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY"];
const NO_ROUTES = ["/none", "/api/none", "/%61pi/state", "//api/state", "/x/../api/state", "/api/session/"];
const PAGE_PATHS = pagePaths(BUILT_PAGE);
const AT_ONCE = 32;

interface Case {
  name: string;
  target: (path: string) => string;
  headers: string[];
  status: (method: string, path: string) => number | "any";
}

function isOpen(method: string, path: string): boolean {
  if (PAGE_PATHS.has(path)) return method === "GET" || method === "HEAD";
  return EXCHANGE_PATHS.has(path) && method === "POST";
}

/** Every kind of invalid request, and a valid one. */
function cases(page: ServedPage, token: string): Case[] {
  const host = `Host: 127.0.0.1:${page.port}`;
  const origin = `http://127.0.0.1:${page.port}`;
  const bearer = `Authorization: Bearer ${token}`;
  const oldSession = new Session();
  const oldTrade = oldSession.trade(oldSession.newCode());
  const oldToken = oldTrade.fault === null ? oldTrade.token : "";
  const plain = (path: string) => path;
  const always = (status: number) => (): number => status;
  const unlessOpen = (method: string, path: string) => {
    return method === "OPTIONS" ? 403 : isOpen(method, path) ? "any" : 401;
  };
  const wrongHosts = [
    "evil.example",
    `evil.example:${page.port}`,
    "127.0.0.1:1",
    "",
    `localhost.:${page.port}`,
  ];
  const wrongOrigins = [
    "null",
    "http://evil.example",
    `http://localhost:${page.port}`,
    "http://127.0.0.1:1",
    "",
  ];
  return [
    ...wrongHosts.map((wrong) => (
      { name: `Host ${wrong}`, target: plain, headers: [`Host: ${wrong}`, bearer], status: always(421) }
    )),
    { name: "no Host", target: plain, headers: [bearer], status: always(421) },
    { name: "two Hosts", target: plain, headers: [host, "Host: evil.example", bearer], status: always(421) },
    { name: "the same Host twice", target: plain, headers: [host, host, bearer], status: always(421) },
    {
      name: "a URL of another authority",
      target: (path) => `http://evil.example${path}`,
      headers: [host, bearer],
      status: always(421),
    },
    ...wrongOrigins.map((wrong) => (
      {
        name: `Origin ${wrong}`,
        target: plain,
        headers: [host, bearer, `Origin: ${wrong}`],
        status: always(403),
      }
    )),
    {
      name: "two Origins",
      target: plain,
      headers: [host, bearer, `Origin: ${origin}`, "Origin: http://evil.example"],
      status: always(403),
    },
    ...["cross-site", "same-site"].map((site) => (
      { name: site, target: plain, headers: [host, bearer, `Sec-Fetch-Site: ${site}`], status: always(403) }
    )),
    { name: "no token", target: plain, headers: [host], status: unlessOpen },
    {
      name: "a wrong token",
      target: plain,
      headers: [host, `Authorization: Bearer ${"A".repeat(43)}`],
      status: unlessOpen,
    },
    {
      name: "the token of an earlier run",
      target: plain,
      headers: [host, `Authorization: Bearer ${oldToken}`],
      status: unlessOpen,
    },
    {
      name: "rightly",
      target: plain,
      headers: [host, bearer, `Origin: ${origin}`, "Sec-Fetch-Site: same-origin"],
      status: (method) => method === "OPTIONS" ? 403 : "any",
    },
  ];
}

function checkHeaders({ headers }: Answer, about: string): void {
  for (const [name, value] of SECURITY_HEADERS) assert.equal(headers.get(name), value, `${about}: ${name}`);
  for (const [name] of headers) assert.doesNotMatch(name, /^(access-control-|set-cookie)/, about);
}

Deno.test("C.19 C.20 C.21 C.23 every route, every method, every invalid request", async () => {
  await withPage({ routes: [uploadRoute(() => {})] }, async (page, token) => {
    const routes = new Set(page.app.routes.map(({ path }) => path).filter((path) => !path.includes("*")));
    assert.ok(routes.has("/") && routes.has("/api/session") && routes.has("/api/state"));
    // An endless response, which has separate tests.
    const isEndless = (method: string, path: string, name: string) => {
      return method === "GET" && path === "/api/events" && name === "rightly";
    };
    const requests = [...routes, ...NO_ROUTES].flatMap((path) =>
      METHODS.flatMap((method) => cases(page, token).map((way) => ({ path, method, way })))
    ).filter(({ path, method, way }) => !isEndless(method, path, way.name));
    const next = requests.values();
    const askAll = async () => {
      for (const { path, method, way } of next) {
        const about = `${method} ${path} with ${way.name}`;
        const head = `${method} ${way.target(path)} HTTP/1.1`;
        const answer = await send(page.port, [head, ...way.headers, "Connection: close", "", ""]);
        const expected = way.status(method, path);
        if (expected !== "any") assert.equal(answer.status, expected, about);
        else {assert.ok(
            answer.status >= 200 && ![401, 403, 421].includes(answer.status) || isTrade(path),
            about,
          );}
        if (answer.status >= 400 && method !== "HEAD") assert.equal(typeof codeIn(answer), "string", about);
        checkHeaders(answer, about);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, askAll));
    assert.ok(requests.length > 2_000, `${requests.length} requests`);
  });
});

const isTrade = (path: string) => EXCHANGE_PATHS.has(path);

function codeIn({ body }: Answer): unknown {
  return JSON.parse(/\{.*\}/s.exec(body)?.[0] ?? "{}").code;
}

async function isAnswered(page: ServedPage, lines: string[], status: number): Promise<void> {
  const answer = await send(page.port, lines);
  assert.equal(answer.status, status, lines[0]);
  checkHeaders(answer, lines[0] ?? "nothing");
}

Deno.test("C.23 a malformed request is answered with the same headers", async () => {
  await withPage({}, async (page, token) => {
    const host = `Host: 127.0.0.1:${page.port}`;
    const bearer = `Authorization: Bearer ${token}`;
    const malformed: [number, string[]][] = [
      [400, ["hello", "", ""]],
      [400, ["BREW / HTTP/1.1", host, "", ""]],
      [400, ["GET / HTTP/1.1", host, "no colon", "", ""]],
      [400, [
        "POST /api/x HTTP/1.1",
        host,
        "Content-Length: 1",
        "Transfer-Encoding: chunked",
        "",
        "0",
        "",
        "",
      ]],
      [400, ["POST /api/x HTTP/1.1", host, "Content-Length: 1", "Content-Length: 2", "", "ab"]],
      [400, ["GET /a\\b HTTP/1.1", host, "Connection: close", "", ""]],
      [403, ["OPTIONS /* HTTP/1.1", host, "", ""]],
      [431, ["GET / HTTP/1.1", host, `X: ${"x".repeat(20_000)}`, "", ""]],
      [431, [`GET /${"x".repeat(20_000)} HTTP/1.1`, host, "", ""]],
      [421, ["CONNECT evil.example:80 HTTP/1.1", "Host: evil.example:80", "", ""]],
      [421, ["GET / HTTP/1.0", "", ""]],
      [417, ["GET /api/state HTTP/1.1", host, bearer, "Expect: wonders", "", ""]],
      [421, ["GET /api/state HTTP/1.1", "Host: evil", "Expect: wonders", "", ""]],
    ];
    await Promise.all(malformed.map(([status, lines]) => isAnswered(page, lines, status)));
  });
  await withPage({ limits: SHORT_LIMITS }, async (page) => {
    const unfinished = [["GET / HTTP/1.1", `Host: 127.0.0.1:${page.port}`], []];
    await Promise.all(unfinished.map((lines) => isAnswered(page, lines, 408)));
  });
});
