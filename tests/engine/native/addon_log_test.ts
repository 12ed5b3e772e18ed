// The events of the addon's libraries in a log: the lines of the loggers whose endpoints are open, in the order of time,
// by the union of their filters; and the real addon over real connections.

import assert from "node:assert/strict";
import fc from "fast-check";
import { mergedFilter, passes } from "../../../src/engine/log/filter.ts";
import { isPliError, lineLogger, parseLogFilter } from "../../../src/engine/mod.ts";
import { nativeAddon } from "../../../src/engine/native/addon.ts";
import { AddonLog, type LogAddon } from "../../../src/engine/native/addon_log.ts";
import type { Binding } from "../../../src/engine/net/binding.ts";
import { bindOver } from "../../../src/engine/net/iroh_endpoint.ts";
import type { BindEndpoint, Connection, Endpoint, EndpointOptions } from "../../../src/engine/ports.ts";
import { needing, NO_ADDON } from "../../left_out.ts";
import { ALPN, bind, openStream, stock } from "../net/two_bindings.ts";

type Taken = ReturnType<LogAddon["takeLogEvents"]>;

/** An addon in memory. */
class FakeAddon implements LogAddon {
  filter: string | undefined;
  taken: Taken = { events: [], dropped: 0 };

  setLogFilter(verbosity: number, targets: { target: string; verbosity: number }[]): void {
    this.filter = [verbosity, ...targets.map(({ target, verbosity }) => `${target}=${verbosity}`)].join();
  }

  takeLogEvents(): Taken {
    const { taken } = this;
    this.taken = { events: [], dropped: 0 };
    return taken;
  }

  happens(message: string, target = "iroh"): void {
    this.taken.events.push({
      atMs: 0,
      level: 3,
      target,
      message,
      fields: [{ name: "me", value: "ab".repeat(32) }],
    });
  }
}

function collect(filter: string) {
  const lines: string[] = [];
  const clock = { epochMs: () => 1_000 };
  const logger = lineLogger(parseLogFilter(filter)!, clock, (line) => lines.push(line) > 0);
  return { lines, logger };
}

const OPTIONS = {} as EndpointOptions;
const bindNothing: BindEndpoint = () => Promise.resolve({ close: () => Promise.resolve() } as Endpoint);

Deno.test("the addon's events are redacted lines in the order of time, while an endpoint is open", async () => {
  const addon = new FakeAddon();
  const { lines, logger } = collect("info");
  const ports = new AddonLog(addon).ports(logger, bindNothing);
  assert.equal(addon.filter, undefined);
  const endpoint = await ports.bind(OPTIONS);
  assert.equal(addon.filter, "3");
  addon.happens("first");
  ports.logger.log("info", "net", "second");
  addon.happens("third");
  await endpoint.close();
  assert.equal(addon.filter, "0");
  assert.deepEqual(lines, [
    "1970-01-01T00:00:00.000Z INFO  iroh first me=ababababab..",
    "1970-01-01T00:00:01.000Z INFO  net second",
    "1970-01-01T00:00:00.000Z INFO  iroh third me=ababababab..",
  ]);
});

Deno.test("a logger that throws keeps no event from another one, and ends no endpoint", async () => {
  const addon = new FakeAddon();
  const log = new AddonLog(addon);
  const { lines, logger } = collect("info");
  const broken = {
    ...logger,
    log: () => {
      throw new Error("the disk of the log is full");
    },
  };
  const bound = [broken, logger].map((each) => log.ports(each, bindNothing).bind(OPTIONS));
  const [first, second] = await Promise.all(bound);
  addon.happens("a");
  await first.close();
  addon.happens("b");
  await second.close();
  assert.equal(lines.length, 2);
});

Deno.test("an event is logged by each logger whose filter passes it, once for several endpoints", async () => {
  const addon = new FakeAddon();
  const log = new AddonLog(addon);
  const [all, some] = [collect("info"), collect("noq=debug")];
  const bound = [all.logger, all.logger, some.logger].map((logger) =>
    log.ports(logger, bindNothing).bind(OPTIONS)
  );
  const [first, second, third] = await Promise.all(bound);
  assert.equal(addon.filter, "3,noq=4");
  addon.happens("a");
  addon.happens("b", "noq::connection");
  await first.close();
  assert.deepEqual([all.lines.length, some.lines.length], [2, 1]);
  assert.equal(addon.filter, "3,noq=4");
  await second.close();
  assert.equal(addon.filter, "0,noq=4");
  addon.happens("c", "noq");
  await third.close();
  assert.deepEqual([all.lines.length, some.lines.length], [2, 2]);
});

Deno.test("dropped events are counted in a line, and a failed bind leaves no filter", async () => {
  const addon = new FakeAddon();
  const { lines, logger } = collect("iroh=info");
  const log = new AddonLog(addon);
  const endpoint = await log.ports(logger, bindNothing).bind(OPTIONS);
  addon.taken.dropped = 7;
  await endpoint.close();
  assert.match(lines[0], / WARN {2}log events of the addon were dropped count=7$/);
  const failing = log.ports(logger, () => Promise.reject(new Error("no socket")));
  await assert.rejects(failing.bind(OPTIONS), /no socket/);
  assert.equal(addon.filter, "0");
});

Deno.test("a logger without a filter does not call the addon", async () => {
  const addon = new FakeAddon();
  const logger = { isOn: () => true, log: () => {} };
  const ports = new AddonLog(addon).ports(logger, bindNothing);
  assert.equal(ports.logger, logger);
  await (await ports.bind(OPTIONS)).close();
  assert.equal(addon.filter, undefined);
});

Deno.test("property: a merged filter passes the events that any of its filters passes", () => {
  const target = fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 3 }).map((parts) =>
    parts.join("::")
  );
  const verbosity = fc.nat(5);
  const filter = fc.record({
    verbosity,
    targets: fc.array(fc.tuple(target, verbosity)).map((pairs) => new Map(pairs)),
    isUnredacted: fc.boolean(),
  });
  const level = fc.constantFrom("error", "warn", "info", "debug", "trace" as const);
  fc.assert(fc.property(fc.array(filter), level, target, (filters, level, target) => {
    const expected = filters.some((each) => passes(each, level, target));
    assert.equal(passes(mergedFilter(filters), level, target), expected);
  }));
});

/** A connection with a stream over the real addon, with the log of both ends. */
async function connected(filter: string): Promise<string[]> {
  const { lines, logger } = collect(filter);
  const log = new AddonLog(nativeAddon() as LogAddon);
  const { bind } = log.ports(logger, (options) => bindOver(nativeAddon() as Binding, options));
  const accepted = Promise.withResolvers<Connection>();
  const options = (handle: (connection: Connection) => Promise<void>): EndpointOptions => ({
    secretKey: crypto.getRandomValues(new Uint8Array(32)),
    relay: "disabled",
    bindAddresses: ["127.0.0.1:0"],
    lookup: "none",
    accept: new Map([[ALPN, handle]]),
  });
  const farEndpoint = await bind(options((connection) => {
    accepted.resolve(connection);
    return connection.closed;
  }));
  const nearEndpoint = await bind(options(() => Promise.resolve()));
  const near = await nearEndpoint.connect(farEndpoint.address(), ALPN);
  await openStream({ near, far: await accepted.promise, nearEndpoint, farEndpoint });
  await nearEndpoint.close();
  await farEndpoint.close();
  return lines;
}

Deno.test(
  needing("the real addon's events have targets, levels and the fields of their spans", NO_ADDON),
  async () => {
    const lines = await connected("off,iroh=debug,noq_proto=trace");
    const of = (pattern: RegExp) => lines.filter((line) => pattern.test(line));
    assert.ok(of(/ DEBUG iroh(::\w+)* /).length > 0);
    assert.ok(of(/ TRACE noq_proto(::\w+)* /).length > 0);
    assert.ok(of(/ iroh(::\w+)* .* me=[0-9a-f]{10}( |$)/).length > 0, "the endpoint of an event");
    assert.ok(of(/ noq_proto(::\w+)* .* id=\d+( |$)/).length > 0, "the connection of an event");
    assert.deepEqual(of(/ TRACE iroh::/), []);
    const others = lines.filter((line) => !/ (iroh|noq_proto)(::\w+)* /.test(line));
    assert.deepEqual(others.filter((line) => !/ log /.test(line)), []);
  },
);

Deno.test(
  needing("the real addon logs nothing without a filter, and again with one", NO_ADDON),
  async () => {
    assert.deepEqual(await connected("off"), []);
    assert.ok((await connected("iroh=debug")).length > 0);
    assert.deepEqual((nativeAddon() as LogAddon).takeLogEvents(), { events: [], dropped: 0 });
  },
);

stock("the stock binding writes no qlog, and reports that by name", async (subject) => {
  await assert.rejects(bind(subject, undefined, { qlogFolder: "/none" }), (error) => {
    return isPliError(error, "qlog_unsupported");
  });
});
