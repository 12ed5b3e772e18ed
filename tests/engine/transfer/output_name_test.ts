// A given name: that of the only file of a share, or of a folder for several.

import assert from "node:assert/strict";
import { isPliError } from "../../../src/engine/errors.ts";
import type { ExistingPolicy, FetchOptions, Offer } from "../../../src/engine/mod.ts";
import { patternBytes } from "../../vectors/mod.ts";
import { TransferFixture } from "./transfer_fixture.ts";
import { slashed } from "../../fakes/slashes.ts";

const MIB = 1024 * 1024;

async function inTime<T>(fixture: TransferFixture, promise: Promise<T>): Promise<T> {
  let isOver = false;
  const settled = promise.finally(() => isOver = true);
  settled.catch(() => {});
  while (!isOver) await fixture.clock.pass(500);
  return await settled;
}

async function fetching(
  fixture: TransferFixture,
  paths: string[],
  name: string,
  existing: ExistingPolicy = "merge",
  more: Partial<FetchOptions> = {},
) {
  const share = await fixture.share({ paths, keep: true });
  const offers: Offer[] = [];
  const decide = (offer: Offer) => {
    offers.push(offer);
    return Promise.resolve(true);
  };
  const destination = { kind: "folder" as const, folder: "/dst", name, existing };
  const fetched = await inTime(fixture, fixture.fetch(share.ticket, { destination, decide, ...more }));
  return { fetched, offer: offers[0] };
}

/** The files in the destination, by their names. */
const tree = (fixture: TransferFixture) => {
  const files = fixture.receiverDisk.tree("/dst").filter((line) => !line.endsWith("/"));
  return Object.fromEntries(files.map((line) => line.split(" = ")));
};

Deno.test("E.8 the only file of a share gets the given name", async () => {
  const fixture = new TransferFixture({ "a.txt": "first", "deep/b": "second" });
  const { fetched, offer } = await fetching(fixture, ["/src/a.txt"], "new.txt");
  assert.deepEqual(tree(fixture), { "new.txt": "first" });
  assert.deepEqual(fetched.names, ["new.txt"]);
  assert.deepEqual(offer.place, { folder: "/dst", name: "new.txt" });
});

Deno.test("E.8 several files, and a folder with one, are received into a folder with the given name", async () => {
  const fixture = new TransferFixture({ "a.txt": "first", "deep/b": "second" });
  const { fetched, offer } = await fetching(fixture, ["/src/a.txt", "/src/deep"], "new");
  assert.deepEqual(tree(fixture), { "new/a.txt": "first", "new/deep/b": "second" });
  assert.deepEqual(fetched.names, ["a.txt", "deep"]);
  assert.deepEqual({ ...offer.place, folder: slashed(offer.place!.folder) }, {
    folder: "/dst/new",
    name: null,
  });
  await fetching(fixture, ["/src/deep"], "other");
  assert.equal(tree(fixture)["other/deep/b"], "second");
});

Deno.test("E.8 an existing given name is treated like the name of the file", async () => {
  const cases: [ExistingPolicy, Record<string, string>][] = [
    ["merge", { "new": "old", "new (2)": "first" }],
    ["overwrite", { "new": "first" }],
    ["rename", { "new": "old", "new (2)": "first" }],
    ["skip", { "new": "old" }],
  ];
  for (const [existing, expected] of cases) {
    const fixture = new TransferFixture({ "a.txt": "first" });
    fixture.receiverDisk.writeFile("/dst/new", "old");
    const { offer } = await fetching(fixture, ["/src/a.txt"], "new", existing);
    assert.deepEqual(tree(fixture), expected, existing);
    const overwritten = offer.consents.map(({ name }) => name);
    assert.deepEqual(overwritten, existing === "overwrite" ? ["new"] : []);
  }
});

Deno.test("E.8 several files are refused where a file has the given name", async () => {
  const fixture = new TransferFixture({ "a.txt": "first", "deep/b": "second" });
  fixture.receiverDisk.writeFile("/dst/new", "old");
  const refused = fetching(fixture, ["/src/a.txt", "/src/deep"], "new");
  await assert.rejects(refused, (error) => isPliError(error, "destination_not_folder"));
  assert.deepEqual(tree(fixture), { "new": "old" });
});

Deno.test("E.8 an interrupted file is resumed under its given name, and under another one", async () => {
  const content = patternBytes(7 * MIB + 5);
  const fixture = new TransferFixture({ "a": content });
  const stop = new AbortController();
  let sentBytes = 0;
  fixture.network.tamper = (packet) => {
    sentBytes += packet.length;
    if (sentBytes > 4 * MIB) stop.abort();
    return packet;
  };
  const stopped = fetching(fixture, ["/src/a"], "first", "merge", { signal: stop.signal });
  await assert.rejects(stopped, (error) => isPliError(error, "cancelled"));
  sentBytes = -Infinity;
  const { fetched } = await fetching(fixture, ["/src/a"], "second");
  assert.ok(fetched.resumedBytes >= 2 * MIB, String(fetched.resumedBytes));
  assert.deepEqual(Object.keys(tree(fixture)), ["second"]);
  assert.deepEqual(fixture.receiverDisk.bytesOf("/dst/second"), content);
});

Deno.test("E.20 a destination that is moved before its files are published is reported as missing", async () => {
  const fixture = new TransferFixture({ a: "first" });
  const share = await fixture.share();
  const fetching = fixture.fetch(share.ticket, {
    decide: async () => {
      await fixture.receiverDisk.rename("/dst", "/moved");
      return true;
    },
  });
  await assert.rejects(fetching, (error) => {
    return isPliError(error, "destination_gone") && slashed(String(error.parameters.path)) === "/dst";
  });
  await share.close();
});
