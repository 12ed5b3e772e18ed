import assert from "node:assert/strict";
import { Session } from "../../src/web/session.ts";
import { SESSION_PATH } from "../../src/web/session_routes.ts";
import { codeOf, request, send, withPage } from "./raw_http.ts";

Deno.test("C.21 a code is good once", () => {
  const session = new Session();
  const code = session.newCode();
  const token = session.trade(code)!;
  assert.equal(session.isToken(token), true);
  assert.equal(session.trade(code), null);
});

Deno.test("C.21 a code is good for a minute", () => {
  let nowMs = 5;
  const session = new Session(() => nowMs);
  const [used, late] = [session.newCode(), session.newCode()];
  nowMs += 59_999;
  assert.notEqual(session.trade(used), null);
  nowMs += 1;
  assert.equal(session.trade(late), null);
});

Deno.test("C.21 a token has 256 bits and is of one run; a code or a part of it is no token", () => {
  const session = new Session();
  const code = session.newCode();
  const token = session.trade(code)!;
  assert.equal(Uint8Array.fromBase64(token, { alphabet: "base64url" }).length, 32);
  for (const wrong of ["", code, token.slice(1), `${token}A`, token.toLowerCase()]) {
    assert.equal(session.isToken(wrong), false);
  }
  const other = new Session();
  assert.equal(other.isToken(token), false);
  assert.equal(other.trade(session.newCode()), null);
});

Deno.test("C.21 codes that nobody uses do not pile up", () => {
  const session = new Session();
  const codes = Array.from({ length: 1_000 }, () => session.newCode());
  assert.equal(session.trade(codes[0]), null);
  assert.equal(codes.filter((code) => session.trade(code) !== null).length, 16);
});

Deno.test("C.21 the page trades its code once; a used, expired or invented one is refused by a code of its own", async () => {
  let nowMs = 0;
  await withPage({ session: new Session(() => nowMs) }, async (page) => {
    const trade = async (code: string) => {
      const { status, body } = await request(page, "POST", SESSION_PATH, { body: JSON.stringify({ code }) });
      return { status, ...JSON.parse(body) };
    };
    const code = codeOf(page);
    const { status, token } = await trade(code);
    assert.equal(status, 200);
    assert.equal((await request(page, "GET", "/api/state", { token })).status, 200);
    const late = codeOf(page);
    nowMs += 60_000;
    for (const wrong of [code, late, "", "A".repeat(22)]) {
      assert.deepEqual(await trade(wrong), { status: 401, code: "code_spent", parameters: {} });
    }
  });
});

Deno.test("C.21 a tab of an earlier run is told apart from one without a token", async () => {
  let earlier = "";
  await withPage({}, (_page, token) => {
    earlier = token;
    return Promise.resolve();
  });
  await withPage({}, async (page) => {
    const told = async (token?: string) =>
      JSON.parse((await request(page, "GET", "/api/state", { token })).body).code;
    assert.equal(await told(earlier), "session_unknown");
    assert.equal(await told(), "session_missing");
  });
});

Deno.test("C.19 both addresses of this computer answer, on one port", async () => {
  await withPage({}, async ({ port }) => {
    for (const [host, authority] of [["127.0.0.1", "localhost"], ["::1", "[::1]"]]) {
      const lines = ["GET / HTTP/1.1", `Host: ${authority}:${port}`, "Connection: close", "", ""];
      assert.equal((await send(port, lines, host)).status, 200, host);
    }
  });
});
