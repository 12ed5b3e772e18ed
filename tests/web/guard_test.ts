import assert from "node:assert/strict";
import { type GuardRules, judge, originsOf } from "../../src/web/guard.ts";

const PORT = 4777;
const OWN = "http://127.0.0.1:4777";
const RULES: GuardRules = {
  origins: originsOf(PORT, ["https://tunnel.example.org"]),
  pagePaths: new Set(["/", "/page.js"]),
  exchangePaths: new Set(["/api/session"]),
  tokenState: (bearer) => bearer === "right" ? "valid" : bearer === "ended" ? "ended" : "unknown",
};
const HOST = ["Host", "127.0.0.1:4777"];
const TOKEN = ["Authorization", "Bearer right"];

/** The status of a refusal, or the requested area. */
function verdict(method: string, target: string, rawHeaders: string[]): number | string {
  const verdict = judge({ method, target, rawHeaders }, RULES);
  return verdict.refusal?.status ?? (verdict.refusal === null ? verdict.area : "");
}

Deno.test("C.19 the guard accepts the authorities of the page in one form, and no other", () => {
  for (const host of ["127.0.0.1:4777", "localhost:4777", "[::1]:4777", "tunnel.example.org"]) {
    assert.equal(verdict("GET", "/", ["Host", host]), "page", host);
  }
  const others = [
    "",
    "127.0.0.1",
    "localhost",
    "LOCALHOST:4777",
    "127.0.0.1:4778",
    "127.0.0.1:4777.",
    "127.1:4777",
  ];
  others.push(
    "evil.example",
    "localhost.:4777",
    "[::1]",
    "::1:4777",
    "tunnel.example.org:443",
    "0.0.0.0:4777",
  );
  others.push(
    "127.0.0.1:4777@evil",
    "user@127.0.0.1:4777",
    "127.0.0.1:4777 ",
    "127.0.0.1:04777",
    "__proto__",
  );
  for (const host of others) assert.equal(verdict("GET", "/", ["Host", host]), 421, host);
  assert.equal(verdict("GET", "/", []), 421);
  assert.equal(verdict("GET", "/", [...HOST, ...HOST]), 421);
  assert.equal(verdict("GET", "/", [...HOST, "hOST", "evil.example"]), 421);
});

Deno.test("C.19 a target that is a whole URL must have an authority of the page too", () => {
  assert.equal(verdict("GET", `${OWN}/page.js`, HOST), "page");
  const judged = judge({ method: "GET", target: `${OWN}/page.js?a`, rawHeaders: HOST }, RULES);
  assert.equal(judged.refusal === null && judged.target, "/page.js?a");
  for (
    const url of [
      "http://evil/",
      "http://localhost:4777/",
      `https://127.0.0.1:4777/`,
      "http://127.0.0.1:4777@evil/",
    ]
  ) {
    assert.equal(verdict("GET", url, HOST), 421, url);
  }
  for (const target of ["", "*", "page.js", "/\\evil", "/a b", "/\x7f", "/é"]) {
    assert.equal(verdict("GET", target, HOST), 400, target);
  }
});

Deno.test("C.20 an Origin header must be that of the requested authority", () => {
  assert.equal(verdict("POST", "/api/x", [...HOST, ...TOKEN, "Origin", OWN]), "api");
  assert.equal(
    verdict("GET", "/", ["Host", "tunnel.example.org", "Origin", "https://tunnel.example.org"]),
    "page",
  );
  for (
    const origin of ["null", "", `${OWN}/`, "http://localhost:4777", "http://127.0.0.1:4778", "http://evil"]
  ) {
    assert.equal(verdict("POST", "/api/x", [...HOST, ...TOKEN, "Origin", origin]), 403, origin);
    assert.equal(verdict("GET", "/", [...HOST, "Origin", origin]), 403, origin);
  }
  assert.equal(verdict("GET", "/", [...HOST, "Origin", OWN, "Origin", OWN]), 403);
});

Deno.test("C.20 only the site of the page may call the API; a user may open the page", () => {
  const from = (site: string, path: string) =>
    verdict("GET", path, [...HOST, ...TOKEN, "Sec-Fetch-Site", site]);
  assert.equal(from("same-origin", "/api/x"), "api");
  assert.equal(from("none", "/"), "page");
  for (const site of ["same-site", "cross-site", ""]) {
    assert.equal(from(site, "/api/x"), 403, site);
    assert.equal(from(site, "/"), 403, site);
  }
  assert.equal(from("none", "/api/x"), 403);
  // The file that opens the browser, like a link on any page, may request the document alone.
  const navigation = [
    "Sec-Fetch-Site",
    "cross-site",
    "Sec-Fetch-Mode",
    "navigate",
    "Sec-Fetch-Dest",
    "document",
  ];
  assert.equal(verdict("GET", "/", [...HOST, ...navigation]), "page");
  assert.equal(verdict("GET", "/api/x", [...HOST, ...TOKEN, ...navigation]), 403);
  assert.equal(verdict("POST", "/api/session", [...HOST, ...navigation]), 403);
  for (const dest of ["iframe", "script", "empty"]) {
    assert.equal(verdict("GET", "/", [...HOST, ...navigation.with(5, dest)]), 403, dest);
  }
  assert.equal(verdict("OPTIONS", "/api/x", [...HOST, ...TOKEN]), 403);
});

Deno.test("C.21 everything but the page's files and the exchange needs the token, in every spelling", () => {
  assert.equal(verdict("GET", "/api/x", [...HOST, ...TOKEN]), "api");
  assert.equal(verdict("POST", "/api/session", HOST), "exchange");
  const paths = ["/api/x", "/%61pi/x", "//api/x", "/x/../api/x", "/API/x", "/none", "/api/session/", "//"];
  for (const path of paths) assert.equal(verdict("GET", path, HOST), 401, path);
  assert.equal(verdict("GET", "/api/session", HOST), 401);
  assert.equal(verdict("POST", "/", HOST), 401);
  for (const value of ["Bearer wrong", "bearer right", "Bearer right ", "right", "Bearer ", "Basic right"]) {
    assert.equal(verdict("GET", "/api/x", [...HOST, "Authorization", value]), 401, value);
  }
  assert.equal(verdict("GET", "/api/x", [...HOST, ...TOKEN, ...TOKEN]), 401);
});
