// Whole transfers in memory: engine to engine.

import assert from "node:assert/strict";
import { isPliError } from "../../../src/engine/errors.ts";
import type { BindEndpoint, Connection } from "../../../src/engine/ports.ts";
import { RECEIPT_ALPN } from "../../../src/engine/wire/receipt.ts";
import { BLOBS_ALPN } from "../../../src/engine/wire/request.ts";
import { formatTicket } from "../../../src/engine/wire/ticket.ts";
import { patternBytes } from "../../vectors/mod.ts";
import { published } from "../store/land.ts";
import { newKey, World } from "./world.ts";

const FILES = {
  "a.txt": "first",
  "empty": "",
  "deep/er/ünï": "accents",
  "block": patternBytes(1024 * 1024),
  "large": patternBytes(2 * 1024 * 1024 + 70_000),
};

/** Lets time pass until the promise has settled. */
async function inTime<T>(world: World, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => isSettled = true);
  settled.catch(() => {});
  while (!isSettled) await world.clock.pass(100);
  return await settled;
}

function filesOf(world: World): Record<string, string | null> {
  const names = world.receiverDisk.tree("/dst").filter((path) => !path.endsWith("/"));
  return Object.fromEntries(
    names.map((name) => [name, world.receiverDisk.readFile(name.startsWith("/") ? name : `/dst/${name}`)]),
  );
}

Deno.test("a folder arrives whole, the sender hears of it, and nothing is left beside it", async () => {
  const world = new World(FILES);
  const share = await world.share();
  const fetched = await inTime(world, world.fetch(share.ticket));
  assert.equal(await share.ended, "delivered");
  await inTime(world, share.close());
  assert.equal(fetched.files, 5);
  assert.equal(fetched.bytes, share.bytes);
  assert.deepEqual(fetched.names, ["src"]);
  for (const [name, content] of Object.entries(FILES)) {
    const expected = typeof content === "string" ? content : new TextDecoder().decode(content);
    assert.equal(world.receiverDisk.readFile(`/dst/src/${name}`), expected, name);
  }
  assert.deepEqual(await world.receiverDisk.list("/dst"), ["src"]);
  const done = world.receiverEvents.at(-1);
  assert.ok(done?.type === "done" && done.bytes === share.bytes && done.files === 5);
  const last = world.receiverEvents.findLast((event) => event.type === "progress");
  assert.deepEqual(last, { type: "progress", bytes: share.bytes, total: share.bytes, files: 5 });
});

Deno.test("the same ticket is refused to a second receiver", async () => {
  const world = new World(FILES);
  const share = await world.share();
  await inTime(world, world.fetch(share.ticket));
  await assert.rejects(
    inTime(world, world.fetch(share.ticket)),
    (error) => isPliError(error, "peer_refused"),
  );
  await inTime(world, share.close());
});

Deno.test("a kept share serves one receiver after the other", async () => {
  const world = new World(FILES);
  const share = await world.share({ keep: true });
  for (let i = 0; i < 3; i++) {
    await inTime(
      world,
      world.fetch(share.ticket, { destination: { kind: "folder", folder: `/dst/${i}`, existing: "merge" } }),
    );
  }
  assert.equal(world.senderEvents.filter((event) => event.type === "delivered").length, 3);
  await inTime(world, share.close());
});

Deno.test("what is there already is not fetched again, and still counts as delivered", async () => {
  const world = new World(FILES);
  for (const [name, content] of Object.entries(FILES)) {
    world.receiverDisk.writeFile(`/dst/src/${name}`, content);
  }
  const share = await world.share();
  const fetched = await inTime(world, world.fetch(share.ticket));
  assert.equal(fetched.bytes, 0);
  assert.equal(await share.ended, "delivered");
  const skipped = world.receiverEvents.filter((event) => event.type === "skipped");
  assert.equal(skipped.length, 5);
  assert.ok(!world.senderEvents.some((event) => event.type === "progress"), "no data was taken");
  await inTime(world, share.close());
});

Deno.test("a part that was chosen ends the share, and the receipt says it was a part", async () => {
  const world = new World(FILES);
  const share = await world.share();
  const fetched = await inTime(world, world.fetch(share.ticket, { only: (name) => name.endsWith("a.txt") }));
  assert.equal(fetched.files, 1);
  assert.deepEqual(Object.keys(filesOf(world)).length, 1);
  assert.equal(await share.ended, "delivered");
  const delivered = world.senderEvents.find((event) => event.type === "delivered");
  assert.ok(delivered?.type === "delivered" && delivered.files === 1 && delivered.bytes === 5);
  await inTime(world, share.close());
});

Deno.test("one file goes to a function, byte for byte in order; several are refused", async () => {
  const world = new World({ "large": FILES.large });
  const share = await world.share({ paths: ["/src/large"] });
  const pieces: Uint8Array[] = [];
  let isWriting = false;
  const write = async (bytes: Uint8Array) => {
    assert.ok(!isWriting, "one call at a time");
    isWriting = true;
    // Slower than what comes.
    await new Promise((resolve) => setTimeout(resolve, 2));
    pieces.push(bytes.slice());
    isWriting = false;
  };
  await inTime(world, world.fetch(share.ticket, { destination: { kind: "bytes", write } }));
  assert.ok(Buffer.concat(pieces).equals(FILES.large));
  await inTime(world, share.close());

  const many = new World(FILES);
  const folder = await many.share();
  const refused = many.fetch(folder.ticket, { destination: { kind: "bytes", write } });
  await assert.rejects(inTime(many, refused), (error) => isPliError(error, "not_one_file"));
  await inTime(many, folder.close());
});

Deno.test("what the user declines leaves nothing, and the share open", async () => {
  const world = new World(FILES);
  const share = await world.share();
  const declined = world.fetch(share.ticket, { decide: () => Promise.resolve(false) });
  await assert.rejects(inTime(world, declined), (error) => isPliError(error, "declined"));
  assert.deepEqual(await world.receiverDisk.list("/dst"), []);
  await inTime(world, world.fetch(share.ticket));
  await inTime(world, share.close());
});

Deno.test("a dot file at the top and a file to be replaced need consent, and are named", async () => {
  const world = new World({ ".profile": "x", "b": "new" });
  world.receiverDisk.writeFile("/dst/b", "old");
  const share = await world.share({ paths: ["/src/.profile", "/src/b"] });
  let consents: unknown;
  const fetching = world.fetch(share.ticket, {
    destination: { kind: "folder", folder: "/dst", existing: "overwrite" },
    decide: (offer) => Promise.resolve((consents = offer.consents) !== undefined),
  });
  await inTime(world, fetching);
  assert.deepEqual(consents, [{ name: ".profile", reason: "dot_file" }, { name: "b", reason: "overwrite" }]);
  assert.equal(world.receiverDisk.readFile("/dst/b"), "new");
  await inTime(world, share.close());
});

Deno.test("a bit flipped on the way is an error, and no file and no folder is left", async () => {
  const world = new World(FILES);
  const share = await world.share();
  let seen = 0;
  world.network.tamper = (bytes) => {
    seen += bytes.length;
    if (seen > 1_500_000) bytes[bytes.length - 1] ^= 1;
    return bytes;
  };
  await assert.rejects(inTime(world, world.fetch(share.ticket)), (error) => isPliError(error, "wrong_bytes"));
  assert.deepEqual(published(world.receiverDisk, "/dst"), []);
  await inTime(world, share.close());
});

for (
  const [what, name, at] of [
    ["a large file in its middle", "large", 1_500_000],
    ["a large file in its first block", "large", 10],
    ["a file of one chunk", "a.txt", 0],
  ] as const
) {
  Deno.test(`a source that changed is named on both sides, and nothing wrong arrives: ${what}`, async () => {
    const world = new World(FILES);
    const share = await world.share();
    // A proof of the size reads the last group: what changes after it is noticed when the data is sent.
    const spoil = () => {
      const content = FILES[name];
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content.slice();
      bytes[at] ^= 1;
      world.senderDisk.writeFile(`/src/${name}`, bytes);
    };
    const fetching = world.fetch(share.ticket, {
      decide: () => {
        spoil();
        return Promise.resolve(true);
      },
    });
    await assert.rejects(inTime(world, fetching), (error) => isPliError(error, "source_lost"));
    assert.ok(
      world.senderEvents.some((event) => event.type === "source_changed" && event.name === `src/${name}`),
    );
    assert.deepEqual(published(world.receiverDisk, "/dst"), []);
    await inTime(world, share.close());
  });
}

Deno.test("a source that is gone before its size is proved is a lost source, not a refusal", async () => {
  const world = new World(FILES);
  const share = await world.share();
  await world.senderDisk.remove("/src/block");
  await assert.rejects(
    inTime(world, world.fetch(share.ticket)),
    (error) => isPliError(error, "source_lost") && error.parameters.name === "src/block",
  );
  assert.ok(
    world.senderEvents.some((event) => event.type === "source_changed" && event.name === "src/block"),
  );
  await inTime(world, share.close());
});

Deno.test("a file that vanishes between listing and hashing is skipped and named", async () => {
  const world = new World(FILES);
  const share = await world.share({
    onEvent: (event) => {
      world.senderEvents.push(event);
      if (event.type === "hashing" && event.files === 0) void world.senderDisk.remove("/src/empty");
    },
  });
  assert.equal(share.files, 4);
  assert.deepEqual(world.senderEvents.filter((event) => event.type === "skipped"), [
    { type: "skipped", name: "src/empty", reason: "unreadable" },
  ]);
  await inTime(world, share.close());
});

Deno.test("a provider that answers nothing is given up after 30 seconds, and no folder is left", async () => {
  const world = new World();
  const secretKey = newKey();
  const silent = (connection: Connection) => connection.closed;
  const accept = new Map([[BLOBS_ALPN, silent], [RECEIPT_ALPN, silent]]);
  const provider = await world.network.bind({ secretKey, relay: "disabled", lookup: "none", accept });
  const ticket = formatTicket({
    endpointId: provider.id,
    relayUrl: null,
    addresses: ["127.0.0.1:1"],
    format: "hash_sequence",
    hash: new Uint8Array(32),
  });
  const startMs = world.clock.nowMs();
  const fetching = world.fetch(ticket, {
    destination: { kind: "folder", folder: "/dst/new", existing: "merge" },
  });
  await assert.rejects(inTime(world, fetching), (error) => isPliError(error, "connection_lost"));
  const waitedMs = world.clock.nowMs() - startMs;
  assert.ok(waitedMs >= 30_000 && waitedMs < 31_000, `${waitedMs}`);
  assert.deepEqual(world.receiverDisk.tree("/dst"), []);
  await provider.close();
});

Deno.test("a receipt that is never answered delays the end by ten seconds, and cancelling ends that too", async () => {
  for (const isCancelled of [false, true]) {
    const world = new World(FILES);
    const abort = new AbortController();
    const share = await world.share();
    const bind: BindEndpoint = async (options) => {
      const endpoint = await world.network.bind(options);
      const connect = endpoint.connect.bind(endpoint);
      endpoint.connect = (to, alpn, signal) =>
        alpn === RECEIPT_ALPN ? connect({ ...to, id: deaf.id }, alpn, signal) : connect(to, alpn, signal);
      return endpoint;
    };
    const accept = new Map([[RECEIPT_ALPN, (connection: Connection) => connection.closed]]);
    const deaf = await world.network.bind({ secretKey: newKey(), relay: "disabled", lookup: "none", accept });
    const engine = world.engine(world.receiverDisk, world.clock, bind);
    const fetching = engine.fetch({
      ticket: share.ticket,
      secretKey: newKey(),
      relay: "disabled",
      destination: { kind: "folder", folder: "/dst", existing: "merge" },
      decide: () => Promise.resolve(true),
      onEvent: () => {},
      signal: abort.signal,
    });
    if (isCancelled) {
      await world.clock.pass(5000);
      abort.abort();
      await assert.rejects(inTime(world, fetching), (error) => isPliError(error, "cancelled"));
    } else {
      await inTime(world, fetching);
    }
    assert.ok(world.clock.nowMs() < 11_000);
    assert.deepEqual(await world.receiverDisk.list("/dst"), ["src"]);
    await inTime(world, share.close());
    await deaf.close();
  }
});

Deno.test("what is declined leaves no folder that was not there before", async () => {
  const world = new World(FILES);
  const share = await world.share();
  const declined = world.fetch(share.ticket, {
    destination: { kind: "folder", folder: "/dst/new/deep", existing: "merge" },
    decide: () => Promise.resolve(false),
  });
  await assert.rejects(inTime(world, declined), (error) => isPliError(error, "declined"));
  assert.deepEqual(world.receiverDisk.tree("/dst"), []);
  await inTime(world, share.close());
});

Deno.test("a download that is cancelled stops at once and leaves nothing", async () => {
  const world = new World(FILES);
  const share = await world.share();
  const abort = new AbortController();
  let seen = 0;
  world.network.tamper = (bytes) => {
    seen += bytes.length;
    if (seen > 1_000_000) abort.abort();
    return bytes;
  };
  const fetching = world.fetch(share.ticket, { signal: abort.signal });
  await assert.rejects(inTime(world, fetching), (error) => isPliError(error, "cancelled"));
  assert.deepEqual(published(world.receiverDisk, "/dst"), []);
  await inTime(world, share.close());
});

Deno.test("hashing that is cancelled makes no share", async () => {
  const world = new World(FILES);
  const abort = new AbortController();
  const sharing = world.share({
    signal: abort.signal,
    onEvent: (event) => {
      if (event.type === "hashing" && event.bytes > 0) abort.abort();
    },
  });
  await assert.rejects(sharing, (error) => isPliError(error, "cancelled"));
});

Deno.test("a missing path, and a folder with nothing to send, are errors of their own", async () => {
  const world = new World();
  await assert.rejects(world.share({ paths: ["/nowhere"] }), (error) => isPliError(error, "path_missing"));
  await assert.rejects(world.share(), (error) => isPliError(error, "nothing_to_send"));
});

Deno.test("inspecting shows names and sizes and takes nothing", async () => {
  const world = new World(FILES);
  const share = await world.share();
  const offer = await inTime(
    world,
    world.receiver.inspect({
      ticket: share.ticket,
      secretKey: new Uint8Array(32).fill(7),
      relay: "disabled",
      onEvent: () => {},
    }),
  );
  assert.equal(offer.bytes, share.bytes);
  assert.deepEqual(offer.files.map((file) => file.name), [
    "src/a.txt",
    "src/block",
    "src/deep/er/ünï",
    "src/empty",
    "src/large",
  ]);
  await inTime(world, world.fetch(share.ticket));
  await inTime(world, share.close());
});

Deno.test("nobody at the other end is an error that names the id", async () => {
  const world = new World(FILES);
  const share = await world.share();
  await inTime(world, share.close());
  await assert.rejects(
    inTime(world, world.fetch(share.ticket)),
    (error) => isPliError(error, "peer_unreachable"),
  );
});

Deno.test("an address that is taken is told before anything is hashed, an earlier port is only preferred", async () => {
  const world = new World(FILES);
  world.network.taken.add("127.0.0.1:5").add("0.0.0.0:5");
  const refused = world.share({ bindAddress: "127.0.0.1:5" });
  await assert.rejects(refused, (error) => isPliError(error, "bind_failed"));
  assert.deepEqual(world.senderEvents, []);
  const share = await world.share({ earlierSockets: ["127.0.0.1:5"] });
  assert.equal(share.files, 5);
  await inTime(world, share.close());
  // Of two, the one that is free is kept.
  world.network.taken.add("[::]:7");
  const both = ["0.0.0.0:6", "[::]:7"];
  for (const [wanted, got] of [[both, ["0.0.0.0:6"]], [["0.0.0.0:6", "[::]:8"], ["0.0.0.0:6", "[::]:8"]]]) {
    const again = await world.share({ earlierSockets: wanted });
    assert.deepEqual(again.sockets, got);
    await inTime(world, again.close());
  }
});

Deno.test("with relays disabled nothing is looked up or published, whatever the ticket", async () => {
  const world = new World(FILES);
  const lookups: string[] = [];
  const { bind } = world.network;
  const engine = world.engine(world.senderDisk, world.clock, (options) => {
    lookups.push(options.lookup);
    return bind(options);
  });
  for (const relay of ["default", "disabled"] as const) {
    const share = await engine.share({
      paths: ["/src"],
      secretKey: newKey(),
      relay,
      ticketKind: "id",
      keep: false,
      onEvent: () => {},
    });
    await engine.inspect({ ticket: share.ticket, secretKey: newKey(), relay, onEvent: () => {} });
    await inTime(world, share.close());
  }
  assert.deepEqual(lookups, ["publish", "resolve", "none", "none"]);
});
