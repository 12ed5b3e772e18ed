// Who may ask the page's server for what, decided before any routing from the head of a request alone (C.19
// to C.21 of tests/README.md). Whatever is not a file of the page, nor the trade of a code or a secret for
// something better, needs the token of this run: so a path that somebody spells in another way finds nothing
// unguarded. Refuses by default; a header that comes twice is worse than none.

/** The head of a request, as it came. */
export interface RequestHead {
  method: string;
  /** The request's target: a path with its query, or a whole URL. */
  target: string;
  /** Names and values in turn. */
  rawHeaders: readonly string[];
}

export interface GuardRules {
  /** The authorities that are ours, each with its origin. */
  origins: ReadonlyMap<string, string>;
  /** The paths of the page's files: to be had by GET and HEAD, without a token. */
  pagePaths: ReadonlySet<string>;
  /** The paths to which a code or a secret is brought, by POST, in place of a token. */
  exchangePaths: ReadonlySet<string>;
  isToken: (bearer: string) => boolean;
}

export type Refusal =
  /** Host is missing, doubled or another's: somebody else's name leads here. */
  | { status: 421; code: "authority_unknown" }
  | { status: 400; code: "target_malformed" }
  | { status: 403; code: "preflight_refused" | "origin_refused" | "site_refused" }
  | { status: 401; code: "session_missing" | "session_unknown" };

export type Area = "page" | "exchange" | "api";

/** `target` is the path with its query, whatever form the request had. */
export type Verdict = { refusal: Refusal } | { refusal: null; area: Area; target: string };

const ORIGIN_FORM = /^\/[\x21-\x5b\x5d-\x7e]*$/;
const BEARER = /^Bearer ([A-Za-z0-9_-]+)$/;

/** The authorities under which a server on this port is asked for, and those that the user allows besides. */
export function originsOf(port: number, allowed: readonly string[]): Map<string, string> {
  const own = ["127.0.0.1", "localhost", "[::1]"].map((host) => `http://${host}:${port}`);
  return new Map([...own, ...allowed].map((url) => {
    const { host, origin } = new URL(url);
    return [host, origin];
  }));
}

/** Judges a request by its head. */
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
  if (!isOwnSite(header("sec-fetch-site"), area)) return refuse({ status: 403, code: "site_refused" });
  if (area === "api") {
    const bearer = BEARER.exec(header("authorization") ?? "")?.[1];
    if (bearer === undefined) return refuse({ status: 401, code: "session_missing" });
    if (!rules.isToken(bearer)) return refuse({ status: 401, code: "session_unknown" });
  }
  return { refusal: null, area, target };
}

function refuse(refusal: Refusal): Verdict {
  return { refusal };
}

/** The path and query of a target; null when it is malformed or leads to another origin. */
function originForm(target: string, origin: string): string | null {
  const path = target.startsWith(`${origin}/`) ? target.slice(origin.length) : target;
  return ORIGIN_FORM.test(path) ? path : null;
}

function areaOf(method: string, target: string, { pagePaths, exchangePaths }: GuardRules): Area {
  const [path] = target.split("?", 1);
  if (pagePaths.has(path) && (method === "GET" || method === "HEAD")) return "page";
  return exchangePaths.has(path) && method === "POST" ? "exchange" : "api";
}

/** Another port of localhost is `same-site`. `none` is the user, who opens the page. */
function isOwnSite(site: string | null | undefined, area: Area): boolean {
  return site === undefined || site === "same-origin" || (site === "none" && area === "page");
}

/** The value of a header that comes once; null when it comes more often, undefined when it does not. */
function onlyValue(rawHeaders: readonly string[], name: string): string | null | undefined {
  const values = rawHeaders.filter((_, index) => {
    return index % 2 === 1 && rawHeaders[index - 1].toLowerCase() === name;
  });
  return values.length > 1 ? null : values[0];
}
