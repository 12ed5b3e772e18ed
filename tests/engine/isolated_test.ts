// Listeners that throw: their errors are reported and end no transfer, on either side.

import assert from "node:assert/strict";
import { isolated } from "../../src/engine/isolated.ts";
import { Engine, type Logger, parseTicket } from "../../src/engine/mod.ts";
import { newKey, TransferFixture } from "./transfer/transfer_fixture.ts";

Deno.test("listeners: errors thrown at every event affect neither the share nor the download", async () => {
  const content = crypto.getRandomValues(new Uint8Array(50_000));
  const fixture = new TransferFixture({ "a": content, "b/c": "text" });
  const reported: unknown[] = [];
  let calls = 0;
  const onEvent = () => {
    calls++;
    throw new Error("a mistake of the listener");
  };
  const engineOf = ({ ports }: Engine) =>
    new Engine({ ...ports, onListenerError: (error) => reported.push(error) });
  const share = await engineOf(fixture.sender).share({
    paths: ["/src"],
    secretKey: newKey(),
    relay: "disabled",
    ticketKind: "auto",
    keep: false,
    onEvent,
  });
  const fetched = await engineOf(fixture.receiver).fetch({
    ticket: parseTicket(share.ticket),
    secretKey: newKey(),
    relay: "disabled",
    destination: { kind: "folder", folder: "/dst", existing: "merge" },
    decide: () => Promise.resolve(true),
    onBegun: onEvent,
    onEvent,
  });
  assert.equal(fetched.files, 2);
  assert.deepEqual(fixture.receiverDisk.bytesOf("/dst/src/a"), content);
  assert.equal(await share.ended, "delivered");
  const closing = share.close();
  let isClosed = false;
  closing.finally(() => isClosed = true);
  while (!isClosed) await fixture.clock.pass(500);
  assert.ok(calls > 5);
  assert.equal(reported.length, calls);
});

const BROKEN: Record<string, Partial<Logger>> = {
  "log throws": {
    log: () => {
      throw new Error("the disk of the log is full");
    },
  },
  "log rejects": { log: () => Promise.reject(new Error("the disk of the log is full")) },
  "isOn throws": {
    isOn: () => {
      throw new Error("no filter");
    },
  },
};

for (const [name, broken] of Object.entries(BROKEN)) {
  Deno.test(`a logger whose ${name} at every line affects neither the share nor the download`, async () => {
    const fixture = new TransferFixture({ a: "text" });
    const reported: unknown[] = [];
    const engineOf = ({ ports }: Engine) =>
      new Engine({
        ...ports,
        logger: { isOn: () => true, log: () => {}, ...broken },
        onListenerError: (error) => reported.push(error),
      });
    const share = await engineOf(fixture.sender).share({
      paths: ["/src"],
      secretKey: newKey(),
      relay: "disabled",
      ticketKind: "auto",
      keep: false,
      onEvent: () => {},
    });
    const fetched = await engineOf(fixture.receiver).fetch({
      ticket: parseTicket(share.ticket),
      secretKey: newKey(),
      relay: "disabled",
      destination: { kind: "folder", folder: "/dst", existing: "merge" },
      decide: () => Promise.resolve(true),
      onEvent: () => {},
    });
    assert.equal(fetched.files, 1);
    assert.equal(await share.ended, "delivered");
    let isClosed = false;
    share.close().finally(() => isClosed = true);
    while (!isClosed) await fixture.clock.pass(500);
    assert.ok(reported.length > 5, `${reported.length} reported`);
  });
}

Deno.test("listeners: a rejection of an async one is reported too, and errors of the report are dropped", async () => {
  const reported: unknown[] = [];
  const listener = isolated(() => Promise.reject("late"), (error) => reported.push(error));
  listener();
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(reported, ["late"]);
  isolated(() => {
    throw new Error("first");
  }, () => {
    throw new Error("second");
  })();
  isolated(() => {
    throw new Error("unreported");
  })();
});
