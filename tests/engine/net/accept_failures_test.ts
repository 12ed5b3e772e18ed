// An error while a connection is accepted affects that connection alone. Over a binding in memory.

import assert from "node:assert/strict";
import type { Binding, BindingConnection, BindingIncoming } from "../../../src/engine/net/binding.ts";
import { bindOver } from "../../../src/engine/net/iroh_endpoint.ts";
import { type EndpointOptions, Engine, type Logger, PliError } from "../../../src/engine/mod.ts";
import { newKey, TransferFixture } from "../transfer/transfer_fixture.ts";

const ALPN = "test/1";

/** A binding whose endpoint gets these connections, and is closed after them. */
function bindingOf(incoming: readonly (BindingIncoming | Error)[]) {
  const queue = [...incoming];
  const drained = Promise.withResolvers<void>();
  const endpoint = {
    id: () => ({ toBytes: () => new Uint8Array(32) }),
    acceptNext: () => {
      const next = queue.shift();
      if (next === undefined) {
        drained.resolve();
        return Promise.resolve(null);
      }
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
    close: () => Promise.resolve(),
  };
  const builder = new Proxy({}, {
    get: (_, name) => name === "bind" ? () => Promise.resolve(endpoint) : () => {},
  });
  const binding = {
    Endpoint: { builder: () => builder },
    RelayMode: { disabled: () => ({}) },
    presetMinimal: () => {},
  } as unknown as Binding;
  return { binding, drained: drained.promise };
}

function connection(): BindingConnection {
  return {
    alpn: () => new TextEncoder().encode(ALPN),
    remoteId: () => ({ toBytes: () => new Uint8Array(32) }),
    closed: () => Promise.resolve("closed"),
    close: () => {},
  } as unknown as BindingConnection;
}

const broken = () => {
  throw new Error("the binding fails");
};
const NEVER = new Promise<never>(() => {});

/** A connection whose handshake succeeds. */
const good = (): BindingIncoming => ({
  accept: () => Promise.resolve({ connect: () => Promise.resolve(connection()) }),
  isValidated: () => true,
  retry: broken,
  refuse: broken,
});
/** A connection with an unfinished handshake. */
const pending = (): BindingIncoming => ({ ...good(), accept: () => NEVER });

async function handled(incoming: readonly (BindingIncoming | Error)[]): Promise<number> {
  const { binding, drained } = bindingOf(incoming);
  let count = 0;
  const handle = () => {
    count++;
    return Promise.resolve();
  };
  await bindOver(binding, {
    secretKey: new Uint8Array(32),
    relay: "disabled",
    lookup: "none",
    accept: new Map([[ALPN, handle]]),
  });
  await drained;
  for (let i = 0; i < 20; i++) await Promise.resolve();
  return count;
}

Deno.test("an error of one accepted connection does not end the accept loop", async () => {
  assert.equal(await handled([new Error("lost"), good(), new Error("lost"), new Error("lost"), good()]), 2);
});

Deno.test("with many handshakes in progress, an error of address validation does not end the accept loop", async () => {
  const many = Array.from({ length: 64 }, pending);
  const unasked = { ...good(), isValidated: broken };
  const notAgain = { ...good(), isValidated: () => false, retry: () => Promise.reject(new Error("gone")) };
  assert.equal(await handled([...many, unasked, notAgain, good()]), 1);
});

Deno.test("the accept loop ends after a number of consecutive errors of the endpoint", async () => {
  let calls = 0;
  const { binding } = bindingOf([]);
  const { builder } = binding.Endpoint;
  const endpoint = await builder().bind();
  const over = Promise.withResolvers<void>();
  endpoint.acceptNext = () => {
    if (++calls === 1_000) setTimeout(over.resolve, 0);
    return Promise.reject(new Error("broken"));
  };
  const reported: PliError[] = [];
  await bindOver(binding, {
    secretKey: new Uint8Array(32),
    relay: "disabled",
    lookup: "none",
    accept: new Map(),
    onAcceptFailed: (error) => reported.push(error),
  });
  await over.promise;
  assert.equal(calls, 1_000);
  assert.deepEqual(reported.map(({ code, cause }) => [code, (cause as Error).message]), [[
    "internal",
    "broken",
  ]]);
});

Deno.test("an endpoint that is being closed reports no failed accepting", async () => {
  const { binding } = bindingOf([]);
  const { builder } = binding.Endpoint;
  const inner = await builder().bind();
  const closing = Promise.withResolvers<void>();
  inner.acceptNext = () => closing.promise.then(() => Promise.reject(new Error("closed")));
  inner.close = () => Promise.resolve(closing.resolve());
  const reported: PliError[] = [];
  const endpoint = await bindOver(binding, {
    secretKey: new Uint8Array(32),
    relay: "disabled",
    lookup: "none",
    accept: new Map(),
    onAcceptFailed: (error) => reported.push(error),
  });
  await endpoint.close();
  assert.deepEqual(reported, []);
});

Deno.test("a share whose endpoint accepts no further connection ends with an error, which is logged", async () => {
  const fixture = new TransferFixture({ a: "text" });
  let fail: EndpointOptions["onAcceptFailed"];
  const { ports } = fixture.engine(fixture.senderDisk, fixture.clock, (options) => {
    fail = options.onAcceptFailed;
    return fixture.network.bind(options);
  });
  for (const keep of [false, true]) {
    const lines: string[] = [];
    const logger: Logger = {
      isOn: () => true,
      log: (level, _, message, fields) => lines.push([level, message, fields?.what].join()),
    };
    const share = await new Engine({ ...ports, logger }).share({
      paths: ["/src"],
      secretKey: newKey(),
      relay: "disabled",
      ticketKind: "auto",
      keep,
      onEvent: () => {},
    });
    fail!(new PliError("internal", { what: "broken" }));
    await assert.rejects(share.ended, { code: "internal" });
    assert.ok(lines.includes("error,no further connection is accepted,broken"), lines.join("\n"));
    let isClosed = false;
    share.close().finally(() => isClosed = true);
    while (!isClosed) await fixture.clock.pass(500);
  }
});
