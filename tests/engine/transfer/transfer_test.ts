// Whole transfers in memory: engine to engine.

import { parseTicket } from "../../../src/engine/wire/ticket.ts";
import assert from "node:assert/strict";
import { isPliError } from "../../../src/engine/errors.ts";
import type { Offer } from "../../../src/engine/mod.ts";
import type { BindEndpoint, Connection } from "../../../src/engine/ports.ts";
import { RECEIPT_ALPN } from "../../../src/engine/wire/receipt.ts";
import { BLOBS_ALPN } from "../../../src/engine/wire/request.ts";
import { formatTicket } from "../../../src/engine/wire/ticket.ts";
import { patternBytes } from "../../vectors/mod.ts";
import { published } from "../store/staged_receive.ts";
import { inTime } from "./in_time.ts";
import { newKey, TransferFixture } from "./transfer_fixture.ts";

const FILES = {
  "a.txt": "first",
  "empty": "",
  "deep/er/ünï": "accents",
  "block": patternBytes(1024 * 1024),
  "large": patternBytes(2 * 1024 * 1024 + 70_000),
};

function filesOf(fixture: TransferFixture): Record<string, string | null> {
  const names = fixture.receiverDisk.tree("/dst").filter((path) => !path.endsWith("/"));
  return Object.fromEntries(
    names.map((name) => [name, fixture.receiverDisk.readFile(name.startsWith("/") ? name : `/dst/${name}`)]),
  );
}

Deno.test("a folder arrives complete, the sender gets the receipt, and nothing is left beside it", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  const fetched = await inTime(fixture, fixture.fetch(share.ticket));
  assert.equal(await share.ended, "delivered");
  await inTime(fixture, share.close());
  assert.equal(fetched.files, 5);
  assert.equal(fetched.bytes, share.bytes);
  assert.deepEqual(fetched.names, ["src"]);
  for (const [name, content] of Object.entries(FILES)) {
    const expected = typeof content === "string" ? content : new TextDecoder().decode(content);
    assert.equal(fixture.receiverDisk.readFile(`/dst/src/${name}`), expected, name);
  }
  assert.deepEqual(await fixture.receiverDisk.list("/dst"), ["src"]);
  const done = fixture.receiverEvents.at(-1);
  assert.ok(done?.type === "done" && done.bytes === share.bytes && done.files === 5);
  const last = fixture.receiverEvents.findLast((event) => event.type === "progress");
  assert.deepEqual(last, { type: "progress", bytes: share.bytes, total: share.bytes, files: 5 });
});

Deno.test("the same ticket is refused to a second receiver", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  await inTime(fixture, fixture.fetch(share.ticket));
  await assert.rejects(
    inTime(fixture, fixture.fetch(share.ticket)),
    (error) => isPliError(error, "peer_refused"),
  );
  await inTime(fixture, share.close());
});

Deno.test("a kept share serves one receiver after the other", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share({ keep: true });
  for (let i = 0; i < 3; i++) {
    await inTime(
      fixture,
      fixture.fetch(share.ticket, {
        destination: { kind: "folder", folder: `/dst/${i}`, existing: "merge" },
      }),
    );
  }
  assert.equal(fixture.senderEvents.filter((event) => event.type === "delivered").length, 3);
  await inTime(fixture, share.close());
});

Deno.test("existing files are not fetched again, and count as delivered", async () => {
  const fixture = new TransferFixture(FILES);
  for (const [name, content] of Object.entries(FILES)) {
    fixture.receiverDisk.writeFile(`/dst/src/${name}`, content);
  }
  const share = await fixture.share();
  const fetched = await inTime(fixture, fixture.fetch(share.ticket));
  assert.equal(fetched.bytes, 0);
  assert.equal(await share.ended, "delivered");
  const skipped = fixture.receiverEvents.filter((event) => event.type === "skipped");
  assert.equal(skipped.length, 5);
  const delivered = fixture.senderEvents.find((event) => event.type === "delivered");
  assert.ok(delivered?.type === "delivered" && delivered.files === 5);
  assert.ok(delivered.bytes > 0 && delivered.bytes <= 1024, "more than a chunk was taken");
  await inTime(fixture, share.close());
});

Deno.test("a selected part ends the share, with a partial receipt", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  const fetched = await inTime(
    fixture,
    fixture.fetch(share.ticket, { only: (name) => name.endsWith("a.txt") }),
  );
  assert.equal(fetched.files, 1);
  assert.deepEqual(Object.keys(filesOf(fixture)).length, 1);
  assert.equal(await share.ended, "delivered");
  const delivered = fixture.senderEvents.find((event) => event.type === "delivered");
  assert.ok(delivered?.type === "delivered" && delivered.files === 1 && delivered.bytes === 5);
  await inTime(fixture, share.close());
});

Deno.test("one file goes to a function, byte for byte in order; several are refused", async () => {
  const fixture = new TransferFixture({ "large": FILES.large });
  const share = await fixture.share({ paths: ["/src/large"] });
  const pieces: Uint8Array[] = [];
  let isWriting = false;
  const write = async (bytes: Uint8Array) => {
    assert.ok(!isWriting, "one call at a time");
    isWriting = true;
    // Slower than the network.
    await new Promise((resolve) => setTimeout(resolve, 2));
    pieces.push(bytes.slice());
    isWriting = false;
  };
  await inTime(fixture, fixture.fetch(share.ticket, { destination: { kind: "bytes", write } }));
  assert.ok(Buffer.concat(pieces).equals(FILES.large));
  await inTime(fixture, share.close());

  const many = new TransferFixture(FILES);
  const folder = await many.share();
  const refused = many.fetch(folder.ticket, { destination: { kind: "bytes", write } });
  await assert.rejects(inTime(many, refused), (error) => isPliError(error, "not_one_file"));
  await inTime(many, folder.close());
});

Deno.test("a declined offer leaves no files, and the share open", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  const declined = fixture.fetch(share.ticket, { decide: () => Promise.resolve(false) });
  await assert.rejects(inTime(fixture, declined), (error) => isPliError(error, "declined"));
  assert.deepEqual(await fixture.receiverDisk.list("/dst"), []);
  await inTime(fixture, fixture.fetch(share.ticket));
  await inTime(fixture, share.close());
});

Deno.test("a dot file at the top and a file to be replaced need consent, and are named", async () => {
  const fixture = new TransferFixture({ ".profile": "x", "b": "new" });
  fixture.receiverDisk.writeFile("/dst/b", "old");
  const share = await fixture.share({ paths: ["/src/.profile", "/src/b"] });
  let consents: unknown;
  const fetching = fixture.fetch(share.ticket, {
    destination: { kind: "folder", folder: "/dst", existing: "overwrite" },
    decide: (offer) => Promise.resolve((consents = offer.consents) !== undefined),
  });
  await inTime(fixture, fetching);
  assert.deepEqual(consents, [{ name: ".profile", reason: "dot_file", places: 1, files: 1 }, {
    name: "b",
    reason: "overwrite",
  }]);
  assert.equal(fixture.receiverDisk.readFile("/dst/b"), "new");
  await inTime(fixture, share.close());
});

Deno.test("E.24 hidden names at any depth need consent, in a preview and in a download", async () => {
  const fixture = new TransferFixture({
    "p/.git/hooks/pre-commit": "x",
    "p/.git/HEAD": "y",
    "p/q/.envrc": "z",
    "p/r": "",
  });
  const share = await fixture.share();
  const consents = [
    { name: "src/p/.git", reason: "dot_file", places: 1, files: 2 },
    { name: "src/p/q/.envrc", reason: "dot_file", places: 1, files: 1 },
  ];
  const { files: _, ...look } = await inTime(
    fixture,
    fixture.receiver.inspect({
      ticket: parseTicket(share.ticket),
      secretKey: newKey(),
      relay: "disabled",
      onEvent: () => {},
    }),
  );
  assert.deepEqual(look, { bytes: 3, folders: 5, tops: 1, hiddenFiles: 3, consents });
  let asked: unknown;
  const only = (name: string) => !name.includes(".git/");
  await inTime(
    fixture,
    fixture.fetch(share.ticket, { only, decide: (offer) => Promise.resolve((asked = offer) !== undefined) }),
  );
  const { files: __, ...offer } = asked as Offer;
  assert.deepEqual(offer, {
    bytes: 1,
    folders: 3,
    tops: 1,
    hiddenFiles: 1,
    consents: consents.slice(1),
    place: { folder: "/dst", name: null },
  });
  await inTime(fixture, share.close());
});

Deno.test("E.16 a sender refuses folders that every receiver refuses, and leaves out files that are too deep", async () => {
  const names = Array.from({ length: 18 }, (_, at) => `${at}/` + "a/".repeat(253) + "f");
  const many = new TransferFixture(Object.fromEntries(names.map((name) => [name, ""])));
  await assert.rejects(inTime(many, many.share()), (error) => {
    return isPliError(error, "too_many_folders") && error.parameters.maximum === 4_096 + 18 * 16;
  });
  const deep = new TransferFixture({ ["a/".repeat(255) + "f"]: "", "b": "" });
  const share = await inTime(deep, deep.share());
  assert.equal(share.files, 1);
  assert.deepEqual(deep.senderEvents.filter(({ type }) => type === "skipped"), [
    { type: "skipped", name: "src/" + "a/".repeat(255) + "f", reason: "too_deep" },
  ]);
  await inTime(deep, share.close());
});

Deno.test("E.16 before consent no file or folder is created or searched", async () => {
  const fixture = new TransferFixture(FILES);
  fixture.receiverDisk.writeFile("/dst/src/a.txt", "old");
  const share = await fixture.share();
  const declined = fixture.fetch(share.ticket, { decide: () => Promise.resolve(false) });
  await assert.rejects(inTime(fixture, declined), (error) => isPliError(error, "declined"));
  const planned = fixture.receiverEvents.filter(({ type }) => type === "renamed" || type === "skipped");
  assert.deepEqual(planned, []);
  await inTime(fixture, share.close());
});

Deno.test("a bit flipped in transit is an error, and no file and no folder is left", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  let seen = 0;
  fixture.network.tamper = (bytes) => {
    seen += bytes.length;
    if (seen > 1_500_000) bytes[bytes.length - 1] ^= 1;
    return bytes;
  };
  await assert.rejects(
    inTime(fixture, fixture.fetch(share.ticket)),
    (error) => isPliError(error, "wrong_bytes"),
  );
  assert.deepEqual(published(fixture.receiverDisk, "/dst"), []);
  await inTime(fixture, share.close());
});

Deno.test("a file that is removed between listing and hashing is skipped and named", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share({
    onEvent: (event) => {
      fixture.senderEvents.push(event);
      if (event.type === "hashing" && event.files === 0) void fixture.senderDisk.remove("/src/empty");
    },
  });
  assert.equal(share.files, 4);
  assert.deepEqual(fixture.senderEvents.filter((event) => event.type === "skipped"), [
    { type: "skipped", name: "src/empty", reason: "unreadable" },
  ]);
  await inTime(fixture, share.close());
});

Deno.test("a provider that does not respond is abandoned after 30 seconds, and no folder is left", async () => {
  const fixture = new TransferFixture();
  const secretKey = newKey();
  const silent = (connection: Connection) => connection.closed;
  const accept = new Map([[BLOBS_ALPN, silent], [RECEIPT_ALPN, silent]]);
  const provider = await fixture.network.bind({ secretKey, relay: "disabled", lookup: "none", accept });
  const ticket = formatTicket({
    endpointId: provider.id,
    relayUrl: null,
    addresses: ["127.0.0.1:1"],
    format: "hash_sequence",
    hash: new Uint8Array(32),
  });
  const startMs = fixture.clock.nowMs();
  const fetching = fixture.fetch(ticket, {
    destination: { kind: "folder", folder: "/dst/new", existing: "merge" },
  });
  await assert.rejects(inTime(fixture, fetching), (error) => isPliError(error, "connection_lost"));
  const waitedMs = fixture.clock.nowMs() - startMs;
  assert.ok(waitedMs >= 30_000 && waitedMs < 31_000, `${waitedMs}`);
  assert.deepEqual(fixture.receiverDisk.tree("/dst"), []);
  await provider.close();
});

Deno.test("a receipt that is never delivered delays the end by ten seconds, and cancelling ends that too", async () => {
  for (const isCancelled of [false, true]) {
    const fixture = new TransferFixture(FILES);
    const abort = new AbortController();
    const share = await fixture.share();
    const bind: BindEndpoint = async (options) => {
      const endpoint = await fixture.network.bind(options);
      const connect = endpoint.connect.bind(endpoint);
      endpoint.connect = (to, alpn, signal) =>
        alpn === RECEIPT_ALPN ? connect({ ...to, id: deaf.id }, alpn, signal) : connect(to, alpn, signal);
      return endpoint;
    };
    const accept = new Map([[RECEIPT_ALPN, (connection: Connection) => connection.closed]]);
    const deaf = await fixture.network.bind({
      secretKey: newKey(),
      relay: "disabled",
      lookup: "none",
      accept,
    });
    const engine = fixture.engine(fixture.receiverDisk, fixture.clock, bind);
    const fetching = engine.fetch({
      ticket: parseTicket(share.ticket),
      secretKey: newKey(),
      relay: "disabled",
      destination: { kind: "folder", folder: "/dst", existing: "merge" },
      decide: () => Promise.resolve(true),
      onEvent: () => {},
      signal: abort.signal,
    });
    if (isCancelled) {
      await fixture.clock.pass(1_000);
      abort.abort();
      await assert.rejects(inTime(fixture, fetching), (error) => isPliError(error, "cancelled"));
    } else {
      await inTime(fixture, fetching);
    }
    assert.ok(fixture.clock.nowMs() < 11_000);
    assert.deepEqual(await fixture.receiverDisk.list("/dst"), ["src"]);
    await inTime(fixture, share.close());
    await deaf.close();
  }
});

Deno.test("a declined offer leaves no new folder", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  const declined = fixture.fetch(share.ticket, {
    destination: { kind: "folder", folder: "/dst/new/deep", existing: "merge" },
    decide: () => Promise.resolve(false),
  });
  await assert.rejects(inTime(fixture, declined), (error) => isPliError(error, "declined"));
  assert.deepEqual(fixture.receiverDisk.tree("/dst"), []);
  await inTime(fixture, share.close());
});

Deno.test("a cancelled download stops at once, and leaves no files", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  const abort = new AbortController();
  let seen = 0;
  fixture.network.tamper = (bytes) => {
    seen += bytes.length;
    if (seen > 1_000_000) abort.abort();
    return bytes;
  };
  const fetching = fixture.fetch(share.ticket, { signal: abort.signal });
  await assert.rejects(inTime(fixture, fetching), (error) => isPliError(error, "cancelled"));
  assert.deepEqual(published(fixture.receiverDisk, "/dst"), []);
  await inTime(fixture, share.close());
});

Deno.test("a download is cancelled while its offer is being decided on", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  const abort = new AbortController();
  const fetching = fixture.fetch(share.ticket, {
    destination: { kind: "folder", folder: "/dst/new/deep", existing: "merge" },
    signal: abort.signal,
    decide: () => {
      queueMicrotask(() => abort.abort());
      return new Promise(() => {});
    },
  });
  await assert.rejects(inTime(fixture, fetching), (error) => isPliError(error, "cancelled"));
  assert.deepEqual(fixture.receiverDisk.tree("/dst"), []);
  await inTime(fixture, share.close());
});

Deno.test("a download is cancelled while its bytes are not taken", async () => {
  const fixture = new TransferFixture({ "large.bin": FILES.large });
  const share = await fixture.share();
  const abort = new AbortController();
  const write = () => {
    queueMicrotask(() => abort.abort());
    return new Promise<void>(() => {});
  };
  const fetching = fixture.fetch(share.ticket, {
    destination: { kind: "bytes", write },
    signal: abort.signal,
  });
  await assert.rejects(inTime(fixture, fetching), (error) => isPliError(error, "cancelled"));
  await inTime(fixture, share.close());
});

Deno.test("cancelled hashing makes no share", async () => {
  const fixture = new TransferFixture(FILES);
  const abort = new AbortController();
  const sharing = fixture.share({
    signal: abort.signal,
    onEvent: (event) => {
      if (event.type === "hashing" && event.bytes > 0) abort.abort();
    },
  });
  await assert.rejects(sharing, (error) => isPliError(error, "cancelled"));
});

Deno.test("a missing path, an empty folder, and a folder with only unsendable files, are different errors", async () => {
  await assert.rejects(new TransferFixture().share({ paths: ["/nowhere"] }), { code: "path_missing" });
  await assert.rejects(new TransferFixture().share(), {
    code: "source_unsendable",
    parameters: { path: "/src", reason: "empty_folder", isNothingLeft: true },
  });
  const excluded = new TransferFixture({ "a.tmp": "text" }).share({
    exclude: (name) => name.endsWith(".tmp"),
  });
  await assert.rejects(excluded, { code: "nothing_to_send" });
});

Deno.test("an inspection shows names and sizes, and claims nothing", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  const offer = await inTime(
    fixture,
    fixture.receiver.inspect({
      ticket: parseTicket(share.ticket),
      secretKey: new Uint8Array(32).fill(7),
      relay: "disabled",
      onEvent: () => {},
    }),
  );
  assert.equal(offer.bytes, share.bytes);
  assert.deepEqual(Array.from(offer.files, (file) => file.name), [
    "src/a.txt",
    "src/block",
    "src/deep/er/ünï",
    "src/empty",
    "src/large",
  ]);
  await inTime(fixture, fixture.fetch(share.ticket));
  await inTime(fixture, share.close());
});

Deno.test("an unreachable peer is an error that names the id", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  await inTime(fixture, share.close());
  await assert.rejects(
    inTime(fixture, fixture.fetch(share.ticket)),
    (error) => isPliError(error, "peer_unreachable"),
  );
});

Deno.test("an address in use is reported before hashing, an earlier port is only preferred", async () => {
  const fixture = new TransferFixture(FILES);
  fixture.network.taken.add("127.0.0.1:5").add("0.0.0.0:5");
  const refused = fixture.share({ bindAddress: "127.0.0.1:5" });
  await assert.rejects(refused, (error) => isPliError(error, "bind_failed"));
  assert.deepEqual(fixture.senderEvents, []);
  const share = await inTime(fixture, fixture.share({ earlierSockets: ["127.0.0.1:5"] }));
  assert.equal(share.files, 5);
  await inTime(fixture, share.close());
  // Of two ports the free one is kept.
  fixture.network.taken.add("[::]:7");
  const both = ["0.0.0.0:6", "[::]:7"];
  for (const [wanted, got] of [[both, ["0.0.0.0:6"]], [["0.0.0.0:6", "[::]:8"], ["0.0.0.0:6", "[::]:8"]]]) {
    const again = await inTime(fixture, fixture.share({ earlierSockets: wanted }));
    assert.deepEqual(again.sockets, got);
    await inTime(fixture, again.close());
  }
});

Deno.test("D.28 a port that is released a moment after the earlier sender was killed is kept", async () => {
  const fixture = new TransferFixture(FILES);
  fixture.network.taken.add("0.0.0.0:5");
  const sharing = fixture.share({ earlierSockets: ["127.0.0.1:5"] });
  await fixture.clock.pass(100);
  fixture.network.taken.delete("0.0.0.0:5");
  const share = await inTime(fixture, sharing);
  assert.deepEqual(share.sockets, ["0.0.0.0:5"]);
  await inTime(fixture, share.close());
});

Deno.test("with relays disabled nothing is looked up or published, for every kind of ticket", async () => {
  const fixture = new TransferFixture(FILES);
  const lookups: string[] = [];
  const { bind } = fixture.network;
  const engine = fixture.engine(fixture.senderDisk, fixture.clock, (options) => {
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
    await engine.inspect({
      ticket: parseTicket(share.ticket),
      secretKey: newKey(),
      relay,
      onEvent: () => {},
    });
    await inTime(fixture, share.close());
  }
  assert.deepEqual(lookups, ["publish", "resolve", "none", "none"]);
});
