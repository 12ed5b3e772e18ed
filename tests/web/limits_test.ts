// Slow, many, and never-ending clients, with limits that are short for tests.

import assert from "node:assert/strict";
import type { Socket } from "node:net";
import process from "node:process";
import { Hono } from "hono";
import { readUpload } from "../../src/web/bodies.ts";
import { eventually, inTime } from "../time_limits.ts";
import {
  type Answer,
  opened,
  parsed,
  PATIENT_LIMITS,
  request,
  send,
  SHORT_LIMITS,
  untilClosed,
  uploadRoute,
  withPage,
} from "./raw_http.ts";

/** Only one limit is short, so that a test of it does not depend on others. */
const SHORT_HEADS = { ...PATIENT_LIMITS, headersMs: SHORT_LIMITS.headersMs, checkMs: SHORT_LIMITS.checkMs };
const SHORT_IDLE = { ...PATIENT_LIMITS, idleMs: SHORT_LIMITS.idleMs, checkMs: SHORT_LIMITS.checkMs };
const SHORT_BODIES = { ...PATIENT_LIMITS, body: SHORT_LIMITS.body };

/** Sends a header, then the same piece repeatedly until the connection is closed. */
async function drip(port: number, head: string[], piece: string, everyMs: number): Promise<Answer> {
  const socket = await opened(port);
  socket.write(head.join("\r\n"));
  const timer = setInterval(() => socket.writable && socket.write(piece), everyMs);
  try {
    return parsed(await inTime(untilClosed(socket), head[0]));
  } finally {
    clearInterval(timer);
    socket.destroy();
  }
}

/** On Windows the reset that follows a write to a closed connection may take the answer along. */
function assertAnswered({ status }: Answer, expected: number): void {
  if (status !== 0 || Deno.build.os !== "windows") assert.equal(status, expected);
}

Deno.test("C.26 a header that arrives byte by byte is aborted", async () => {
  await withPage({ limits: SHORT_HEADS }, async ({ port }) => {
    assertAnswered(
      await drip(port, ["GET / HTTP/1.1", `Host: 127.0.0.1:${port}`, "X: "], "x", 20),
      408,
    );
  });
});

Deno.test("C.26 an idle connection is closed, before its first request and after it", async () => {
  await withPage({ limits: SHORT_HEADS }, async ({ port }) => {
    const silent = await opened(port);
    assert.equal(parsed(await inTime(untilClosed(silent), "silent")).status, 408);
  });
  await withPage({ limits: SHORT_IDLE }, async ({ port }) => {
    const idle = await opened(port);
    idle.write(`GET /page.css HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    assert.equal(parsed(await inTime(untilClosed(idle), "idle")).status, 200);
  });
});

Deno.test("C.26 an endless body is aborted: refused, too large, or unread", async () => {
  // The client runs in this process too, which may be suspended before it has read the answer.
  const limits = { ...PATIENT_LIMITS, body: { ...PATIENT_LIMITS.body, lingerMs: 2_000 } };
  await withPage({ limits }, async ({ port }, token) => {
    const head = (path: string, ...more: string[]) => [
      `POST ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      ...more,
      "Transfer-Encoding: chunked",
      "",
      "",
    ];
    const piece = `1000\r\n${"x".repeat(4096)}\r\n`;
    const bearer = `Authorization: Bearer ${token}`;
    const json = "Content-Type: application/json";
    assertAnswered(await drip(port, head("/api/state"), piece, 5), 401);
    assertAnswered(await drip(port, head("/api/none", bearer), piece, 5), 404);
    assertAnswered(await drip(port, head("/api/session", json), piece, 5), 413);
  });
});

Deno.test("C.26 a stalled body, and a nearly stalled one, is aborted", async () => {
  const ends: string[] = [];
  await withPage(
    { routes: [uploadRoute((how) => ends.push(how))], limits: SHORT_BODIES },
    async ({ port }, token) => {
      const host = `Host: 127.0.0.1:${port}`;
      const json = [
        "POST /api/session HTTP/1.1",
        host,
        "Content-Type: application/json",
        "Content-Length: 900",
      ];
      assert.equal((await drip(port, [...json, "", ""], " ", 50)).status, 0);
      const octets = ["Content-Type: application/octet-stream", "Content-Length: 9000"];
      const upload = [
        "PUT /api/test/upload HTTP/1.1",
        host,
        `Authorization: Bearer ${token}`,
        ...octets,
        "",
        "x",
      ];
      assert.equal((await drip(port, upload, "", 1_000)).status, 0);
    },
  );
  assert.deepEqual(ends, ["cut"]);
});

Deno.test("C.26 an upload with progress may take longer than any limit", async () => {
  const ends: string[] = [];
  await withPage(
    { routes: [uploadRoute((how) => ends.push(how))], limits: SHORT_BODIES },
    async ({ port }, token) => {
      const host = `Host: 127.0.0.1:${port}`;
      const octets = ["Content-Type: application/octet-stream", "Content-Length: 40960", "Connection: close"];
      const upload = [
        "PUT /api/test/upload HTTP/1.1",
        host,
        `Authorization: Bearer ${token}`,
        ...octets,
        "",
        "",
      ];
      const started = performance.now();
      const { status, body } = await drip(port, upload, "x".repeat(1024), 20);
      assert.equal(status, 200, body);
      assert.ok(performance.now() - started > 2 * SHORT_LIMITS.body.windowMs);
    },
  );
  assert.deepEqual(ends, ["whole"]);
});

Deno.test("C.26 an upload is not aborted for a time in which this process was suspended", async () => {
  const ends: string[] = [];
  const limits = SHORT_BODIES;
  await withPage({ routes: [uploadRoute((how) => ends.push(how))], limits }, async ({ port }, token) => {
    const socket = await opened(port);
    const answer = untilClosed(socket);
    socket.write([
      "PUT /api/test/upload HTTP/1.1",
      `Host: 127.0.0.1:${port}`,
      `Authorization: Bearer ${token}`,
      "Content-Type: application/octet-stream",
      "Content-Length: 8192",
      "Connection: close",
      "",
      "",
    ].join("\r\n"));
    for (let piece = 0; piece < 8; piece++) {
      socket.write("x".repeat(1024));
      // Like after SIGSTOP, or sleep of the computer: its timers are due before it has read anything.
      const endMs = performance.now() + 2 * limits.body.windowMs;
      while (performance.now() < endMs);
      await new Promise((resolve) => setTimeout(resolve));
    }
    assert.equal(parsed(await inTime(answer, "the upload")).status, 200);
  });
  assert.deepEqual(ends, ["whole"]);
});

Deno.test("C.26 an upload that is delayed by the disk is not aborted", async () => {
  const sizeBytes = 8 << 20;
  // A disk that is slower than the limit of a client, and continues at the end of an interval.
  const pausesMs = [-2, -1, 0, 1].map((ms) => 3 * SHORT_LIMITS.body.windowMs + ms);
  const slowRoute = new Hono().put("/api/test/slow", async (context) => {
    const { readable } = readUpload(context);
    let seenBytes = 0;
    for await (const bytes of readable) {
      if (seenBytes === 0) {
        await new Promise((resolve) => setTimeout(resolve, Number(context.req.query("pause"))));
      }
      seenBytes += bytes.length;
    }
    return context.json({ seenBytes });
  });
  await withPage({ routes: [slowRoute], limits: SHORT_BODIES }, async (page, token) => {
    const body = "x".repeat(sizeBytes);
    for (const pauseMs of pausesMs) {
      const answer = await request(page, "PUT", `/api/test/slow?pause=${pauseMs}`, {
        token,
        body,
        type: "application/octet-stream",
      });
      assert.deepEqual([answer.status, answer.body], [200, JSON.stringify({ seenBytes: sizeBytes })]);
    }
  });
});

Deno.test("a connection keeps no memory of its requests", async () => {
  const warnings: string[] = [];
  const onWarning = ({ message }: Error) => warnings.push(message);
  process.on("warning", onWarning);
  try {
    await withPage({}, async ({ port }, token) => {
      const socket = await opened(port);
      for (let count = 0; count < 20; count++) {
        const host = `Host: 127.0.0.1:${port}`;
        socket.write(`GET /api/state HTTP/1.1\r\n${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
        await new Promise((resolve) => socket.once("data", resolve));
      }
      socket.destroy();
    });
  } finally {
    process.off("warning", onWarning);
  }
  assert.deepEqual(warnings, []);
});

Deno.test("C.26 HTTP/2 in clear text is refused, and not switched to", async () => {
  await withPage({}, async ({ port }) => {
    assert.equal((await send(port, ["PRI * HTTP/2.0", "", "SM", "", ""])).status, 505);
    const upgrade = [
      "Upgrade: h2c",
      "Connection: Upgrade, HTTP2-Settings, close",
      "HTTP2-Settings: AAMAAABkAAQAAP__",
    ];
    const answer = await send(port, ["GET / HTTP/1.1", `Host: 127.0.0.1:${port}`, ...upgrade, "", ""]);
    assert.notEqual(answer.status, 101);
    assert.equal(answer.headers.get("x-frame-options"), "DENY");
  });
});

Deno.test("C.26 beside 1,000 connections of another program the page still answers, and continues", async () => {
  await withPage({}, async (page, token) => {
    const host = `Host: 127.0.0.1:${page.port}`;
    const events = await opened(page.port);
    events.write(`GET /api/events HTTP/1.1\r\n${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    await new Promise((resolve) => events.once("data", resolve));
    const sockets: Socket[] = [];
    let open = 0;
    for (let i = 0; i < 1_000; i++) {
      const socket = await opened(page.port);
      open++;
      socket.on("error", () => {}).on("close", () => open--).resume();
      socket.write("GET / HTTP/1.1\r\n");
      sockets.push(socket);
    }
    assert.equal((await request(page, "GET", "/")).status, 200);
    assert.equal((await request(page, "GET", "/api/state", { token })).status, 200);
    // This side learns of a closed connection later; only after headersMs would it be closed for another reason.
    const areFew = () => open <= PATIENT_LIMITS.connections;
    await eventually(areFew, "the page closes the oldest connections", PATIENT_LIMITS.headersMs / 2);
    assert.equal(events.closed, false);
    for (const socket of [...sockets, events]) socket.destroy();
  });
});
