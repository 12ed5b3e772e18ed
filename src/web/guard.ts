// Decides from the head of a request, before any routing, who may request what from the page's server (C.19 to C.21 of
// tests/README.md). Everything except the page's files and the exchange of a code or a secret needs the token of this
// run, so a path in an unusual spelling reaches nothing unguarded. Refuses by default; a repeated header is invalid.

import type { TokenState } from "./session.ts";

/** The head of a request, unchanged. */
export interface RequestHead {
  method: string;
  /** The request's target: a path with its query, or a whole URL. */
  target: string;
  /** Names and values in alternation. */
  rawHeaders: readonly string[];
}

export interface GuardRules {
  /** The accepted authorities, each with its origin. */
  origins: ReadonlyMap<string, string>;
  /** The paths of the page's files, for GET and HEAD without a token. */
  pagePaths: ReadonlySet<string>;
  /** The paths that accept a code or a secret by POST instead of a token. */
  exchangePaths: ReadonlySet<string>;
  tokenState: (bearer: string) => TokenState;
}

export type Refusal =
  /** Host is missing, repeated or unknown: another name resolves to this server. */
  | { status: 421; code: "authority_unknown" }
  | { status: 400; code: "target_malformed" }
  | { status: 403; code: "preflight_refused" | "origin_refused" | "site_refused" }
  | { status: 401; code: "session_missing" | "session_unknown" | "session_ended" };

export type Area = "page" | "exchange" | "api";

/** `target` is the path with its query, in whatever form it was requested. */
export type Verdict = { refusal: Refusal } | { refusal: null; area: Area; target: string };

const ORIGIN_FORM = /^\/[\x21-\x5b\x5d-\x7e]*$/;
const BEARER = /^Bearer ([A-Za-z0-9_-]+)$/;

/** The authorities of a server on this port, and those that the user allows besides. */
export function originsOf(port: number, allowed: readonly string[]): Map<string, string> {
  const localOrigins = ["127.0.0.1", "localhost", "[::1]"].map((host) => `http://${host}:${port}`);
  return new Map([...localOrigins, ...allowed].map((url) => {
    const { host, origin } = new URL(url);
    return [host, origin];
  }));
}

/** Decides on a request by its head. */
export function judge(head: RequestHead, rules: GuardRules): Verdict {
  const header = (name: string) => onlyValue(head.rawHeaders, name);
  const origin = rules.origins.get(header("host") ?? "");
  if (origin === undefined) return refuse({ status: 421, code: "authority_unknown" });
  const target = originForm(head.target, origin);
  if (target === null) {
    const isUrl = /^[a-z][a-z0-9+.-]*:/i.test(head.target);
    return refuse(
      isUrl ? { status: 421, code: "authority_unknown" } : { status: 400, code: "target_malformed" },
    );
  }
  if (head.method === "OPTIONS") return refuse({ status: 403, code: "preflight_refused" });
  const area = areaOf(head.method, target, rules);
  const sentOrigin = header("origin");
  if (sentOrigin !== undefined && sentOrigin !== origin) {
    return refuse({ status: 403, code: "origin_refused" });
  }
  const isNavigation = header("sec-fetch-mode") === "navigate" && header("sec-fetch-dest") === "document";
  if (!isAllowedSite(header("sec-fetch-site"), area, isNavigation)) {
    return refuse({ status: 403, code: "site_refused" });
  }
  if (area === "api") {
    const bearer = BEARER.exec(header("authorization") ?? "")?.[1];
    if (bearer === undefined) return refuse({ status: 401, code: "session_missing" });
    const state = rules.tokenState(bearer);
    if (state !== "valid") return refuse({ status: 401, code: `session_${state}` });
  }
  return { refusal: null, area, target };
}

function refuse(refusal: Refusal): Verdict {
  return { refusal };
}

/** The path and query of a target; null if it is malformed or of another origin. */
function originForm(target: string, origin: string): string | null {
  const path = target.startsWith(`${origin}/`) ? target.slice(origin.length) : target;
  return ORIGIN_FORM.test(path) ? path : null;
}

function areaOf(method: string, target: string, { pagePaths, exchangePaths }: GuardRules): Area {
  const [path] = target.split("?", 1);
  if (pagePaths.has(path) && (method === "GET" || method === "HEAD")) return "page";
  return exchangePaths.has(path) && method === "POST" ? "exchange" : "api";
}

/**
 * Another port of localhost is `same-site`. `none` is a page that the user opens. The file that redirects the browser
 * here (opening.ts) is `cross-site`, like a link on any other page, which opens the page in a tab without a token.
 */
function isAllowedSite(site: string | null | undefined, area: Area, isNavigation: boolean): boolean {
  if (site === undefined || site === "same-origin") return true;
  return area === "page" && (site === "none" || (site === "cross-site" && isNavigation));
}

/** The value of a header; null if the header is repeated, undefined if it is missing. */
function onlyValue(rawHeaders: readonly string[], name: string): string | null | undefined {
  const values = rawHeaders.filter((_, index) => {
    return index % 2 === 1 && rawHeaders[index - 1].toLowerCase() === name;
  });
  return values.length > 1 ? null : values[0];
}
