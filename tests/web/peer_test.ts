// The users whose programs may present a code, by what the system reports of a connection.

import assert from "node:assert/strict";
import type { Notice } from "../../src/app/notices.ts";
import type { ConnectionEnds, PeerUser } from "../../src/app/peer_user.ts";
import type { ServedPage } from "../../src/web/page.ts";
import { OPEN_PATH, SESSION_PATH } from "../../src/web/session_routes.ts";
import { codeOf, request, send, withPage } from "./raw_http.ts";

const TUNNEL = "http://localhost:9000";

const trade = (page: ServedPage, code: string) =>
  request(page, "POST", SESSION_PATH, { body: JSON.stringify({ code }) });

Deno.test("E.15 a code is accepted from programs of this user and of root, and where the system does not report users", async () => {
  let user: PeerUser = "absent";
  const asked: ConnectionEnds[] = [];
  const notices: Notice[] = [];
  const userOf = (ends: ConnectionEnds) => {
    asked.push(ends);
    return Promise.resolve(user);
  };
  await withPage(
    { userOf: null },
    async (page) => assert.equal((await trade(page, codeOf(page))).status, 200),
  );
  user = 0;
  await withPage({ userOf, onNotice: (notice) => notices.push(notice) }, async (page) => {
    const own = Deno.uid();
    const ofOwn: [PeerUser, number][] = own === null ? [] : [[own, 200]];
    const cases: [PeerUser, number][] = [...ofOwn, [0, 200], ["unreadable", 200], ["absent", 403]];
    for (const [who, status] of [...cases, [54_321, 403], [54_321, 403]] as [PeerUser, number][]) {
      user = who;
      assert.equal((await trade(page, codeOf(page))).status, status, `${who}`);
    }
    // It is refused before its code is checked, so that the exchange of the user is not the second one.
    const code = codeOf(page);
    assert.equal(JSON.parse((await trade(page, code)).body).code, "user_refused");
    const secret = await request(page, "POST", OPEN_PATH, { body: JSON.stringify({ secret: "x" }) });
    assert.equal(secret.status, 403);
    user = 0;
    assert.equal((await trade(page, code)).status, 200);
    assert.deepEqual(notices, [{ code: "user_refused", parameters: { uid: "54321" } }], "said once");
    assert.ok(asked.every(({ own, peer }) => own.port === page.port && peer.address === "127.0.0.1"));
  });
});

Deno.test("E.15 under the address of a tunnel the connecting program may be that of any user", async () => {
  const foreign = () => Promise.resolve<PeerUser>(54_321);
  await withPage({ userOf: null, allowedOrigins: [TUNNEL] }, async (page) => {
    assert.equal((await trade(page, codeOf(page))).status, 200);
  });
  for (const allowedOrigins of [[TUNNEL], []]) {
    let isOpen = true;
    const userOf = () => isOpen ? Promise.resolve<PeerUser>(0) : foreign();
    await withPage({ userOf, allowedOrigins }, async (page) => {
      isOpen = false;
      const body = JSON.stringify({ code: codeOf(page) });
      const exchangeAt = (authority: string) =>
        send(page.port, [
          `POST ${SESSION_PATH} HTTP/1.1`,
          `Host: ${authority}`,
          "Content-Type: application/json",
          `Content-Length: ${body.length}`,
          "Connection: close",
          "",
          body,
        ]);
      assert.equal((await exchangeAt(`127.0.0.1:${page.port}`)).status, 403);
      assert.equal((await exchangeAt("localhost:9000")).status, allowedOrigins.length > 0 ? 200 : 421);
    });
  }
});
