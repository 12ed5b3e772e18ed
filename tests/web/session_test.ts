import assert from "node:assert/strict";
import type { Notice } from "../../src/app/notices.ts";
import { Session, type Trade } from "../../src/web/session.ts";
import { SESSION_PATH } from "../../src/web/session_routes.ts";
import type { ServedPage } from "../../src/web/page.ts";
import { needing, NO_IPV6 } from "../left_out.ts";
import { codeOf, opened, request, send, untilClosed, withPage } from "./raw_http.ts";

const MINUTE_MS = 60_000;

function tokenFrom(trade: Trade): string {
  assert.equal(trade.fault, null);
  return trade.fault === null ? trade.token : "";
}

function faultOf(trade: Trade): string | undefined {
  return trade.fault?.code;
}

Deno.test("C.21 a code is valid for a minute", () => {
  let nowMs = 5;
  const session = new Session(() => nowMs);
  const [used, late] = [session.newCode(), session.newCode()];
  nowMs += MINUTE_MS - 1;
  tokenFrom(session.trade(used));
  nowMs += 1;
  assert.equal(faultOf(session.trade(late)), "code_spent");
});

Deno.test("C.21 a token has 256 bits and is of one run; a code or a part of it is no token", () => {
  const session = new Session();
  const code = session.newCode();
  const token = tokenFrom(session.trade(code));
  assert.equal(session.tokenState(token), "valid");
  assert.equal(Uint8Array.fromBase64(token, { alphabet: "base64url" }).length, 32);
  for (const wrong of ["", code, token.slice(1), `${token}A`, token.toLowerCase()]) {
    assert.equal(session.tokenState(wrong), "unknown");
  }
  const other = new Session();
  assert.equal(other.tokenState(token), "unknown");
  assert.equal(faultOf(other.trade(session.newCode())), "code_spent");
});

Deno.test("C.21 unused codes do not accumulate", () => {
  const session = new Session();
  const codes = Array.from({ length: 1_000 }, () => session.newCode());
  assert.equal(faultOf(session.trade(codes[0])), "code_spent");
  assert.equal(codes.filter((code) => session.trade(code).fault === null).length, 16);
});

for (const kind of ["newCode", "newShortCode"] as const) {
  Deno.test(`E.15 a second exchange of a code ends the session, also long after the first (${kind})`, () => {
    let nowMs = 0;
    let ends = 0;
    const session = new Session(() => nowMs);
    session.listener = { onEnded: () => ends++ };
    const [code, other] = [session[kind](), session.newCode()];
    const token = tokenFrom(session.trade(code));
    nowMs += 3_600_000;
    assert.equal(faultOf(session.trade(code)), "code_reused");
    assert.deepEqual([session.tokenState(token), ends], ["ended", 1]);
    // Unused codes may have leaked too.
    assert.equal(faultOf(session.trade(other)), "code_spent");
    const next = tokenFrom(session.trade(session.newCode()));
    assert.deepEqual([session.tokenState(next), session.tokenState(token)], ["valid", "ended"]);
  });
}

Deno.test("E.15 a short code has 40 bits, is valid for ten minutes, and is read in every way of typing it", () => {
  let nowMs = 0;
  const session = new Session(() => nowMs);
  for (let turn = 0; turn < 200; turn++) {
    const code = session.newShortCode();
    assert.match(code, /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    const typed = [
      code.toLowerCase(),
      code.replace("-", ""),
      ` ${code.replace("-", " ")} `,
      code.replaceAll("0", "o").replaceAll("1", "l"),
    ];
    tokenFrom(session.trade(typed[turn % typed.length]));
  }
  const [inTime, late] = [session.newShortCode(), session.newShortCode()];
  nowMs += 10 * MINUTE_MS - 1;
  tokenFrom(session.trade(inTime));
  nowMs += 1;
  assert.equal(faultOf(session.trade(late)), "code_spent");
});

Deno.test("E.15 guesses of a short code: five at once, then one in two seconds, fifty in all", () => {
  let nowMs = 0;
  let voids = 0;
  const session = new Session(() => nowMs);
  session.listener = { onGuessed: () => voids++ };
  const code = session.newShortCode();
  const guess = () => faultOf(session.trade("0000-0000"));
  for (let turn = 0; turn < 5; turn++) assert.equal(guess(), "code_spent");
  const paced = session.trade("0000-0000");
  assert.deepEqual(paced, { fault: { code: "guesses_paced", seconds: 2 } });
  // The right code is refused too during the wait, because another answer would reveal it.
  assert.equal(faultOf(session.trade(code)), "guesses_paced");
  let looked = 5;
  while (voids === 0) {
    nowMs += 100;
    if (guess() === "code_spent") looked++;
    assert.ok(looked <= 50 && nowMs < 10 * MINUTE_MS);
  }
  assert.deepEqual([looked, voids], [50, 1]);
  assert.ok(nowMs >= 45 * 2_000, `${nowMs} ms`);
  nowMs += 2_000;
  assert.equal(faultOf(session.trade(code)), "code_spent");
  // Neither the file that opens the browser nor the next short code is affected.
  tokenFrom(session.trade(session.newCode()));
  nowMs += 2_000;
  tokenFrom(session.trade(session.newShortCode()));
});

async function traded(page: ServedPage, code: string) {
  const { status, body } = await request(page, "POST", SESSION_PATH, { body: JSON.stringify({ code }) });
  return { status, ...JSON.parse(body) };
}

Deno.test("C.21 the page exchanges its code; an expired or invented one is refused with its own error code", async () => {
  let nowMs = 0;
  await withPage({ session: new Session(() => nowMs) }, async (page) => {
    const { status, token } = await traded(page, codeOf(page));
    assert.equal(status, 200);
    assert.equal((await request(page, "GET", "/api/state", { token })).status, 200);
    const late = codeOf(page);
    nowMs += MINUTE_MS;
    for (const wrong of [late, "", "A".repeat(22)]) {
      assert.deepEqual(await traded(page, wrong), { status: 401, code: "code_spent", parameters: {} });
    }
  });
});

Deno.test("E.15 after a second exchange every page is closed, streams too, and a notice has the reason", async () => {
  const notices: Notice[] = [];
  await withPage({ onNotice: (notice) => notices.push(notice) }, async (page) => {
    const code = codeOf(page);
    const { token } = await traded(page, code);
    const stream = await opened(page.port);
    const head = [
      "GET /api/events HTTP/1.1",
      `Host: 127.0.0.1:${page.port}`,
      `Authorization: Bearer ${token}`,
    ];
    stream.write([...head, "", ""].join("\r\n"));
    const closed = untilClosed(stream);
    await new Promise((resolve) => stream.once("data", resolve));
    assert.deepEqual(await traded(page, code), { status: 401, code: "code_reused", parameters: {} });
    await closed;
    const { status, body } = await request(page, "GET", "/api/state", { token });
    assert.deepEqual([status, JSON.parse(body).code], [401, "session_ended"]);
    assert.deepEqual(notices, [{ code: "code_reused", parameters: {} }]);
    // The user opens the page again.
    const again = await traded(page, codeOf(page));
    assert.equal((await request(page, "GET", "/api/state", { token: again.token })).status, 200);
  });
});

Deno.test("E.15 wrong short codes are rate-limited over HTTP, and the answer has the wait", async () => {
  await withPage({ session: new Session(() => 0) }, async (page) => {
    const answers = [];
    for (let turn = 0; turn < 6; turn++) answers.push(await traded(page, "0000-0000"));
    assert.deepEqual(answers.map(({ status }) => status), [401, 401, 401, 401, 401, 429]);
    assert.equal(answers[5].code, "guesses_paced");
    assert.ok(answers[5].parameters.seconds >= 1);
  });
});

Deno.test("C.21 a tab of an earlier run is distinguished from one without a token", async () => {
  let earlier = "";
  await withPage({}, (_page, token) => {
    earlier = token;
    return Promise.resolve();
  });
  await withPage({}, async (page) => {
    const answerOf = async (token?: string) =>
      JSON.parse((await request(page, "GET", "/api/state", { token })).body).code;
    assert.equal(await answerOf(earlier), "session_unknown");
    assert.equal(await answerOf(), "session_missing");
  });
});

async function answersAt(host: string, authority: string): Promise<void> {
  await withPage({}, async ({ port }) => {
    const lines = ["GET / HTTP/1.1", `Host: ${authority}:${port}`, "Connection: close", "", ""];
    assert.equal((await send(port, lines, host)).status, 200, host);
  });
}

Deno.test("C.19 the page answers at 127.0.0.1, also where there is no IPv6", () => {
  return answersAt("127.0.0.1", "localhost");
});

Deno.test(
  needing("C.19 the page answers at ::1, at the same port", NO_IPV6),
  () => answersAt("::1", "[::1]"),
);
