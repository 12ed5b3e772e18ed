// Files that change, shrink or are removed while they are sent: the others arrive, both sides report the lost ones,
// and kept data of them is used when they return.

import assert from "node:assert/strict";
import { isPliError } from "../../../src/engine/errors.ts";
import type { ShareEnd } from "../../../src/engine/mod.ts";
import { BLOBS_ALPN, encodeRequest } from "../../../src/engine/wire/request.ts";
import { EVERYTHING } from "../../../src/engine/wire/range_spec.ts";
import { RangesSequence } from "../../../src/engine/wire/ranges_sequence.ts";
import { parseTicket } from "../../../src/engine/wire/ticket.ts";
import { patternBytes } from "../../vectors/mod.ts";
import { published } from "../store/staged_receive.ts";
import { inTime } from "./in_time.ts";
import { fetchAnswer, newKey, TransferFixture } from "./transfer_fixture.ts";

const MIB = 1024 * 1024;
const LARGE = patternBytes(6 * MIB + 70_000);
const FILES = {
  "a.txt": "first",
  "deep/er/only": "alone in its folder",
  "large": LARGE,
  "z": patternBytes(90_000),
};

type Change = (fixture: TransferFixture, name: string) => void;

const flip = (at: number): Change => (fixture, name) => {
  const bytes = fixture.senderDisk.bytesOf(`/src/${name}`)!.slice();
  bytes[at] ^= 1;
  fixture.senderDisk.writeFile(`/src/${name}`, bytes);
};
const cut = (sizeBytes: number): Change => (fixture, name) => {
  fixture.senderDisk.writeFile(
    `/src/${name}`,
    fixture.senderDisk.bytesOf(`/src/${name}`)!.slice(0, sizeBytes),
  );
};
const remove: Change = (fixture, name) => void fixture.senderDisk.remove(`/src/${name}`);

/** Fetches while a file is lost: before the manifest is requested, or after the offer was accepted. */
async function losing(
  fixture: TransferFixture,
  ticket: string,
  change: () => void,
  when: "before" | "accepted",
) {
  if (when === "before") change();
  return await inTime(
    fixture,
    fixture.fetch(ticket, {
      decide: () => {
        if (when === "accepted") change();
        return Promise.resolve(true);
      },
    }),
  );
}

function lostNames(fixture: TransferFixture): string[] {
  return fixture.receiverEvents.flatMap((event) => event.type === "source_lost" ? [event.name] : []);
}

function changedNames(fixture: TransferFixture): string[] {
  return fixture.senderEvents.flatMap((event) => event.type === "source_changed" ? [event.name] : []);
}

for (
  const [what, name, change, when] of [
    ["a large file changes in its middle", "large", flip(4 * MIB + 5), "accepted"],
    ["a large file changes in its first block", "large", flip(5), "accepted"],
    ["a large file shrinks", "large", cut(3 * MIB), "accepted"],
    ["a large file vanishes", "large", remove, "accepted"],
    ["a small file changes", "z", flip(5), "accepted"],
    ["the first file changes", "a.txt", flip(0), "accepted"],
    ["the only file of a folder vanishes", "deep/er/only", remove, "accepted"],
    ["a large file shrinks before it is looked at", "large", cut(3 * MIB), "before"],
    ["a small file vanishes before it is looked at", "z", remove, "before"],
    ["the first file vanishes before it is looked at", "a.txt", remove, "before"],
  ] as const
) {
  Deno.test(`E.6 ${what}: the others arrive, and both sides name it`, async () => {
    const fixture = new TransferFixture(FILES);
    const share = await fixture.share();
    const fetched = await losing(fixture, share.ticket, () => change(fixture, name), when);
    assert.deepEqual(fetched.lost.map(({ name }) => name), [`src/${name}`]);
    assert.equal(fetched.files, 3);
    assert.deepEqual(lostNames(fixture), [`src/${name}`]);
    assert.deepEqual(changedNames(fixture), [`src/${name}`]);
    assert.equal(await share.ended, "partial");
    const delivered = fixture.senderEvents.find((event) => event.type === "delivered");
    assert.ok(delivered?.type === "delivered" && delivered.files === 3);
    assert.deepEqual(delivered.lost, [`src/${name}`]);
    const others = Object.keys(FILES).filter((each) => each !== name);
    for (const each of others) {
      assert.deepEqual(
        fixture.receiverDisk.bytesOf(`/dst/src/${each}`),
        fixture.senderDisk.bytesOf(`/src/${each}`),
      );
    }
    assert.equal(fixture.receiverDisk.bytesOf(`/dst/src/${name}`), null);
    if (name.includes("/")) assert.equal(await fixture.receiverDisk.status("/dst/src/deep"), null);
    const isStaged = (await fixture.receiverDisk.list("/dst")).some((part) => part.startsWith(".pli-"));
    assert.equal(isStaged, fetched.keptBytes > 0, "exactly the reported bytes are kept");
    await inTime(fixture, share.close());
  });
}

Deno.test("E.6 the kept part of a lost file is used when the file is back", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share({ keep: true });
  const fetched = await losing(fixture, share.ticket, () => flip(5 * MIB + 9)(fixture, "large"), "accepted");
  assert.ok(fetched.keptBytes >= 4 * MIB, `${fetched.keptBytes} kept`);
  fixture.senderDisk.writeFile("/src/large", LARGE);
  fixture.receiverEvents.length = 0;
  const again = await inTime(fixture, fixture.fetch(share.ticket));
  assert.deepEqual(again.lost, []);
  assert.equal(again.files, 1, "the others exist already");
  assert.ok(again.resumedBytes >= 4 * MIB, `${again.resumedBytes} taken up`);
  assert.deepEqual(fixture.receiverDisk.bytesOf("/dst/src/large"), LARGE);
  assert.deepEqual(await fixture.receiverDisk.list("/dst"), ["src"]);
  await inTime(fixture, share.close());
});

Deno.test("E.6 no part of a lost file is kept by a download whose folder gets a new name each time", async () => {
  const fixture = new TransferFixture(FILES);
  fixture.receiverDisk.writeFile("/dst/src/there", "already");
  const share = await fixture.share();
  const fetched = await inTime(
    fixture,
    fixture.fetch(share.ticket, {
      destination: { kind: "folder", folder: "/dst", existing: "rename" },
      decide: () => {
        flip(5 * MIB + 9)(fixture, "large");
        return Promise.resolve(true);
      },
    }),
  );
  assert.equal(fetched.keptBytes, 0);
  assert.deepEqual((await fixture.receiverDisk.list("/dst")).sort(), ["src", "src (2)"]);
  await inTime(fixture, share.close());
});

Deno.test("E.6 of a thousand small files exactly the changed ones are lost", async () => {
  const names = Array.from({ length: 1_000 }, (_, i) => `f${String(i).padStart(4, "0")}`);
  const fixture = new TransferFixture(Object.fromEntries(names.map((name) => [name, `content of ${name}`])));
  const share = await fixture.share();
  const changed = ["f0000", "f0333", "f0334", "f0700", "f0999"];
  const change = () => changed.forEach((name) => flip(3)(fixture, name));
  const fetched = await losing(fixture, share.ticket, change, "accepted");
  assert.deepEqual(fetched.lost.map(({ name }) => name), changed.map((name) => `src/${name}`));
  assert.equal(fetched.files, 995);
  assert.equal(published(fixture.receiverDisk, "/dst").filter((path) => !path.endsWith("/")).length, 995);
  assert.equal(await share.ended, "partial");
  await inTime(fixture, share.close());
});

Deno.test("E.6 of a thousand files exactly those without a proof of their size are lost", async () => {
  const names = Array.from({ length: 1_000 }, (_, i) => `f${String(i).padStart(4, "0")}`);
  const fixture = new TransferFixture(Object.fromEntries(names.map((name) => [name, `content of ${name}`])));
  const share = await fixture.share();
  const gone = ["f0000", "f0333", "f0334", "f0999"];
  const fetched = await losing(
    fixture,
    share.ticket,
    () => gone.forEach((name) => remove(fixture, name)),
    "before",
  );
  assert.deepEqual(fetched.lost.map(({ name }) => name), gone.map((name) => `src/${name}`));
  assert.equal(fetched.files, 996);
  await inTime(fixture, share.close());
});

Deno.test("E.6 a download of the lost file alone fails, the share is spoiled, and the received part is kept", async () => {
  const fixture = new TransferFixture({ large: LARGE });
  const share = await fixture.share();
  const fetching = losing(fixture, share.ticket, () => flip(5 * MIB + 9)(fixture, "large"), "accepted");
  await assert.rejects(fetching, (error) => {
    return isPliError(error, "source_lost") && error.parameters.name === "src/large";
  });
  assert.equal(await share.ended, "spoiled");
  assert.ok((await fixture.receiverDisk.list("/dst")).some((part) => part.startsWith(".pli-")));
  await inTime(fixture, share.close());
});

Deno.test("E.6 a kept share continues without the lost file, for one receiver after the other", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share({ keep: true });
  for (const receiver of ["/one", "/two"]) {
    fixture.receiverDisk.makeFolders(receiver);
    const fetched = await inTime(
      fixture,
      fixture.fetch(share.ticket, {
        destination: { kind: "folder", folder: receiver, existing: "merge" },
        decide: () => {
          remove(fixture, "large");
          return Promise.resolve(true);
        },
      }),
    );
    assert.deepEqual(fetched.lost.map(({ name }) => name), ["src/large"]);
    assert.equal(fetched.files, 3);
  }
  assert.deepEqual(changedNames(fixture), ["src/large"], "told once");
  assert.equal(fixture.senderEvents.filter((event) => event.type === "delivered").length, 2);
  await inTime(fixture, share.close());
});

Deno.test("E.6 a program without receipts that requests a lost file ends the share when it disconnects", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  let end: ShareEnd | undefined;
  share.ended.then((how) => end = how);
  const id = parseTicket(share.ticket).endpointId;
  const connection = await fixture.connect(id, newKey(), BLOBS_ALPN);
  const all = RangesSequence.of([0, EVERYTHING]);
  remove(fixture, "z");
  await assert.rejects(
    fetchAnswer(connection, encodeRequest({ kind: "get", hash: share.hash, ranges: all })),
  );
  await fixture.clock.pass(100);
  assert.equal(end, undefined);
  connection.close(0);
  await fixture.clock.pass(100);
  assert.equal(end, "spoiled");
  await inTime(fixture, share.close());
});

const SMALL_NAMES = Array.from({ length: 600 }, (_, i) => `f${i}`);

for (
  const [what, files, change] of [
    ["its only file vanishes", { a: LARGE }, remove],
    ["its only file is emptied", { a: LARGE }, cut(0)],
    ["all of its files vanish", FILES, remove],
    [
      "more files are removed than a receiver requests",
      Object.fromEntries(SMALL_NAMES.map((name) => [name, name])),
      remove,
    ],
  ] as [string, Record<string, string | Uint8Array>, Change][]
) {
  const loseAll = (fixture: TransferFixture) => Object.keys(files).forEach((name) => change(fixture, name));
  const isAllLost = (fixture: TransferFixture) =>
    fixture.senderEvents.some(({ type }) => type === "all_lost");

  Deno.test(`E.6 an unclaimed share ends as spoiled when ${what}`, async () => {
    const fixture = new TransferFixture(files);
    const share = await fixture.share();
    const fetching = losing(fixture, share.ticket, () => loseAll(fixture), "before");
    await assert.rejects(fetching, (error) => isPliError(error, "source_lost"));
    assert.equal(await inTime(fixture, share.ended), "spoiled");
    assert.ok(isAllLost(fixture));
    await inTime(fixture, share.close());
  });

  Deno.test(`E.6 a kept share reports that no file is left when ${what}, and continues`, async () => {
    const fixture = new TransferFixture(files);
    const share = await fixture.share({ keep: true });
    for (const _ of [1, 2]) {
      const fetching = losing(fixture, share.ticket, () => loseAll(fixture), "before");
      await assert.rejects(fetching, (error) => isPliError(error, "source_lost"));
    }
    await fixture.clock.pass(60_000);
    assert.equal(fixture.senderEvents.filter(({ type }) => type === "all_lost").length, 1, "told once");
    for (const [name, content] of Object.entries(files)) {
      fixture.senderDisk.writeFile(`/src/${name}`, content);
    }
    assert.deepEqual((await inTime(fixture, fixture.fetch(share.ticket))).lost, []);
    await inTime(fixture, share.close());
  });
}

Deno.test("E.6 a file that is back is still sent when another one is removed", async () => {
  const fixture = new TransferFixture({ a: "first", b: "second" });
  const share = await fixture.share();
  const look = () =>
    fixture.receiver.inspect({
      ticket: parseTicket(share.ticket),
      relay: "disabled",
      secretKey: newKey(),
      onEvent: () => {},
    });
  remove(fixture, "a");
  await inTime(fixture, look());
  fixture.senderDisk.writeFile("/src/a", "first");
  remove(fixture, "b");
  await inTime(fixture, look());
  const fetched = await inTime(fixture, fixture.fetch(share.ticket));
  assert.deepEqual(fetched.lost.map(({ name }) => name), ["src/b"]);
  assert.equal(await share.ended, "partial");
  await inTime(fixture, share.close());
});
