// Transfers between two lists, over a network in memory, with real folders.

import assert from "node:assert/strict";
import { join } from "node:path";
import { type TransferChange, TransferList } from "../../../src/app/transfers/transfer_list.ts";
import { History } from "../../../src/app/history.ts";
import { Home } from "../../../src/app/home.ts";
import type { Notice } from "../../../src/app/notices.ts";
import { initialSettings } from "../../../src/app/settings.ts";
import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
import { systemClock } from "../../../src/engine/clock.ts";
import { Engine, parseTicket, RateLimit, type Ticket } from "../../../src/engine/mod.ts";
import { MemoryNetwork } from "../../fakes/memory_network.ts";
import { realDisk } from "../../system_ports.ts";
import { needing, withoutOwners } from "../../left_out.ts";

const NO_OWNERS = await withoutOwners();

const hasher = wasmHasher();
const MIB = 1024 * 1024;

/** A list with its own folder, and its changes. */
class Setting implements AsyncDisposable {
  readonly changes: TransferChange[] = [];
  wake: () => void = () => {};

  private constructor(
    readonly list: TransferList,
    readonly history: History,
    readonly receiving: RateLimit,
    readonly notices: Notice[],
  ) {
    list.subscribe((change) => {
      this.changes.push(change);
      this.wake();
    });
  }

  static async open(folder: string, network: MemoryNetwork): Promise<Setting> {
    const notices: Notice[] = [];
    let setting: Setting | null = null;
    const home = await Home.open(
      (name) => name === "PLI_HOME" ? join(folder, "home") : undefined,
      (notice) => {
        notices.push(notice);
        setting?.wake();
      },
    );
    const engine = new Engine({ bind: network.bind, hasher, disk: realDisk, clock: systemClock });
    const settings = initialSettings(() => folder, "here");
    const history = await History.open(home);
    const receiving = new RateLimit(null);
    const context = {
      home,
      engine: () => Promise.resolve(engine),
      settings: () => settings,
      relay: () => "disabled" as const,
      limits: { sending: new RateLimit(null), receiving },
    };
    return setting = new Setting(await TransferList.open(context, history), history, receiving, notices);
  }

  /** Waits until a condition on the list holds. */
  async until<T>(look: (list: TransferList) => T | undefined | false): Promise<T> {
    for (;;) {
      const seen = look(this.list);
      if (seen) return seen;
      await new Promise<void>((resolve) => this.wake = resolve);
    }
  }

  /** Waits for the ticket of the first share. */
  async ticket(): Promise<Ticket> {
    return parseTicket(await this.until(({ shares }) => shares[0]?.ticket ?? undefined));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.list[Symbol.asyncDispose]();
    this.history[Symbol.dispose]();
  }
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "pli-list-" }));
  try {
    for (const name of ["a", "b", "src", "in"]) await Deno.mkdir(join(folder, name));
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a share has a ticket, a download receives it, and both histories have an entry", async () => {
  await inFolder(async (folder) => {
    const network = new MemoryNetwork();
    await using a = await Setting.open(join(folder, "a"), network);
    await using b = await Setting.open(join(folder, "b"), network);
    await Deno.writeTextFile(join(folder, "src", "letter.txt"), "dear reader");
    a.list.startShare([join(folder, "src", "letter.txt")], false);
    const ticket = await a.ticket();
    const previewed = await b.list.preview(ticket);
    assert.deepEqual([...previewed.offer.files], [{ name: "letter.txt", bytes: 11 }]);
    assert.equal(previewed.unfinishedId, null);
    const into = join(folder, "in");
    const id = b.list.startDownload({ ticket, folder: into, existing: "merge", only: null, consents: false });
    await b.until(({ downloads }) => downloads[0].state === "done");
    assert.equal(await Deno.readTextFile(join(into, "letter.txt")), "dear reader");
    await a.until(({ shares }) => shares[0].state === "delivered");
    assert.equal(a.list.shares[0].receivers[0]?.bytes, 11);
    await a.until(() => a.history.before(null, 10).entries.length === 1);
    assert.equal(a.history.before(null, 10).entries[0].title, "letter.txt");
    const [received] = b.history.before(null, 10).entries;
    assert.deepEqual([received.kind, received.paths], ["received", [join(into, "letter.txt")]]);
    assert.equal(await b.list.forget(id), true);
    assert.deepEqual(b.list.downloads, []);
  });
});

Deno.test("a paused download is resumed after a restart, also of its sender, with the same ticket", async () => {
  await inFolder(async (folder) => {
    const network = new MemoryNetwork();
    const bytes = new Uint8Array(40 * MIB).map((_, i) => Math.imul(i, 2654435761) >>> 15);
    await Deno.writeFile(join(folder, "src", "large.bin"), bytes);
    const into = join(folder, "in");
    let ticket: Ticket;
    {
      await using a = await Setting.open(join(folder, "a"), network);
      await using b = await Setting.open(join(folder, "b"), network);
      // The limit keeps the download from ending before the pause.
      b.receiving.bytesPerSecond = 12 * MIB;
      a.list.startShare([join(folder, "src", "large.bin")], true);
      ticket = await a.ticket();
      const id = b.list.startDownload({
        ticket,
        folder: into,
        existing: "merge",
        only: null,
        consents: false,
      });
      await b.until(({ downloads }) => downloads[0].doneBytes > 9 * MIB);
      await b.list.pauseDownload(id);
      assert.equal(b.list.downloads[0].state, "paused");
      assert.ok(b.list.downloads[0].doneBytes < bytes.length);
    }
    await using a = await Setting.open(join(folder, "a"), network);
    await using b = await Setting.open(join(folder, "b"), network);
    assert.deepEqual(await a.ticket(), ticket);
    const [unfinished] = b.list.downloads;
    assert.equal(unfinished.state, "unfinished");
    assert.ok(unfinished.doneBytes > 0);
    await b.list.resumeDownload(unfinished.id);
    await b.until(({ downloads }) => downloads[0].state === "done");
    assert.deepEqual(await Deno.readFile(join(into, "large.bin")), bytes);
    await a.list.stopShare(a.list.shares[0].id);
    assert.equal(a.list.shares[0].state, "stopped");
  });
});

Deno.test(
  needing(
    "the bytes of each file of a download are shown: under way, paused, and after a restart",
    NO_OWNERS,
  ),
  async () => {
    await inFolder(async (folder) => {
      const network = new MemoryNetwork();
      const sizes = { "1.bin": 24 * MIB, "2.txt": 9, "3.bin": 24 * MIB + 1, "4": 0 };
      const source = join(folder, "src", "all");
      await Deno.mkdir(source);
      for (const [name, size] of Object.entries(sizes)) {
        await Deno.writeFile(
          join(source, name),
          new Uint8Array(size).map((_, i) => Math.imul(i, 40503) >>> 9),
        );
      }
      const whole = new Map(Object.entries(sizes).map(([name, bytes]) => [`all/${name}`, bytes]));
      const sum = (files: readonly { doneBytes?: number }[]) =>
        files.reduce((sum, { doneBytes }) => sum + doneBytes!, 0);
      await using a = await Setting.open(join(folder, "a"), network);
      a.list.startShare([source], true);
      const ticket = await a.ticket();
      let pausedBytes = 0;
      {
        await using b = await Setting.open(join(folder, "b"), network);
        const into = join(folder, "in");
        // The limit keeps the download from ending before the pause.
        b.receiving.bytesPerSecond = 12 * MIB;
        const id = b.list.startDownload({
          ticket,
          folder: into,
          existing: "merge",
          only: null,
          consents: false,
        });
        assert.deepEqual(b.list.filesOf(id, 0, 10), { files: [], total: 0 });
        await b.until(({ downloads }) => downloads[0].doneBytes > 9 * MIB);
        await b.list.pauseDownload(id);
        const { files, total } = b.list.filesOf(id, 0, 10);
        assert.equal(total, 4);
        assert.deepEqual(new Map(files.map(({ name, bytes }) => [name, bytes])), whole);
        assert.ok(
          files.some(({ bytes, doneBytes }) => doneBytes! > 0 && doneBytes! < bytes),
          "none under way",
        );
        pausedBytes = sum(files);
        // An incomplete block is fetched again, and there are at most eight streams.
        assert.ok(pausedBytes > b.list.downloads[0].doneBytes - 8 * MIB);
        assert.deepEqual(b.list.filesOf(id, 1, 1), { files: [files[1]], total });
      }
      await using b = await Setting.open(join(folder, "b"), network);
      const [{ id }] = b.list.downloads;
      assert.deepEqual(b.list.filesOf(id, 0, 10), { files: [], total: 0 });
      await b.list.resumeDownload(id);
      await b.until(({ downloads }) => downloads[0].state === "running");
      // Again without the incomplete blocks.
      assert.ok(sum(b.list.filesOf(id, 0, 10).files) > pausedBytes - 8 * MIB);
      await b.until(({ downloads }) => downloads[0].state === "done");
      const { files } = b.list.filesOf(id, 0, 10);
      assert.deepEqual(new Map(files.map(({ name, doneBytes }) => [name, doneBytes])), whole);
    });
  },
);

Deno.test("a download of selected files fetches no others after a restart either", async () => {
  await inFolder(async (folder) => {
    const network = new MemoryNetwork();
    const source = join(folder, "src", "all");
    await Deno.mkdir(join(source, "sub"), { recursive: true });
    const bytes = new Uint8Array(24 * MIB).map((_, i) => Math.imul(i, 40503) >>> 9);
    for (const name of ["chosen.bin", "sub/chosen.bin", "other.txt"]) {
      await Deno.writeFile(join(source, name), name === "chosen.bin" ? bytes : new Uint8Array(10));
    }
    const into = join(folder, "in");
    await using a = await Setting.open(join(folder, "a"), network);
    a.list.startShare([source], true);
    const ticket = await a.ticket();
    {
      await using b = await Setting.open(join(folder, "b"), network);
      // The limit keeps the download from ending before the restart.
      b.receiving.bytesPerSecond = 12 * MIB;
      const only = ["all/chosen.bin"];
      b.list.startDownload({ ticket, folder: into, existing: "merge", only, consents: false });
      await b.until(({ downloads }) => downloads[0].doneBytes > 9 * MIB);
    }
    await using b = await Setting.open(join(folder, "b"), network);
    const [{ id, files }] = b.list.downloads;
    assert.equal(files, 1);
    await b.list.resumeDownload(id);
    await b.until(({ downloads }) => downloads[0].state === "done");
    assert.deepEqual([...Deno.readDirSync(join(into, "all"))].map(({ name }) => name), ["chosen.bin"]);
  });
});

Deno.test(needing("a discarded download leaves no files", NO_OWNERS), async () => {
  await inFolder(async (folder) => {
    const network = new MemoryNetwork();
    const path = join(folder, "src", "large.bin");
    await Deno.writeFile(path, new Uint8Array(40 * MIB).map((_, i) => i >>> 7));
    await using a = await Setting.open(join(folder, "a"), network);
    await using b = await Setting.open(join(folder, "b"), network);
    a.list.startShare([path], true);
    const ticket = await a.ticket();
    const into = join(folder, "in");
    const request = { ticket, folder: into, existing: "merge" as const, only: null, consents: false };
    // The limit keeps the download from ending before the discard.
    b.receiving.bytesPerSecond = 12 * MIB;
    const id = b.list.startDownload(request);
    await b.until(({ downloads }) => downloads[0].doneBytes > 9 * MIB);
    await b.list.discardDownload(id);
    b.receiving.bytesPerSecond = null;
    assert.deepEqual([...Deno.readDirSync(into)], []);
    assert.deepEqual(b.list.downloads, []);
  });
});

Deno.test("a download that another process discards is removed from the list, with a notice, also by a resume", async () => {
  await inFolder(async (folder) => {
    const network = new MemoryNetwork();
    const path = join(folder, "src", "large.bin");
    await Deno.writeFile(path, new Uint8Array(40 * MIB).map((_, i) => i >>> 7));
    const into = join(folder, "in");
    await using a = await Setting.open(join(folder, "a"), network);
    a.list.startShare([path], true);
    const ticket = await a.ticket();
    for (const how of ["at an interval", "when it is resumed"]) {
      {
        await using before = await Setting.open(join(folder, "b"), network);
        before.receiving.bytesPerSecond = 12 * MIB;
        const more = { existing: "merge", only: null, consents: false } as const;
        const id = before.list.startDownload({ ticket, folder: into, ...more });
        await before.until(({ downloads }) => downloads[0].doneBytes > 9 * MIB);
        await before.list.pauseDownload(id);
      }
      await using b = await Setting.open(join(folder, "b"), network);
      await using other = await Setting.open(join(folder, "b"), network);
      const [{ id }] = b.list.downloads;
      await other.list.discardDownload(other.list.downloads[0].id);
      assert.deepEqual(other.notices, [], "its own discard");
      if (how === "when it is resumed") await b.list.resumeDownload(id);
      await b.until(() => b.notices.length > 0);
      assert.deepEqual(b.list.downloads, []);
      assert.deepEqual(b.changes, [{ type: "removed", id }], how);
      const parameters = { title: "large.bin", otherNames: 0, files: 1, folder: into };
      assert.deepEqual(b.notices, [{ code: "download_gone", parameters }]);
    }
  });
});

Deno.test(
  needing(
    "E.6 a changed source that is the only file ends its share, and the received part can be discarded",
    NO_OWNERS,
  ),
  async () => {
    await inFolder(async (folder) => {
      const network = new MemoryNetwork();
      const path = join(folder, "src", "large.bin");
      const content = new Uint8Array(8 * MIB).map((_, i) => i >>> 7);
      await Deno.writeFile(path, content);
      await using a = await Setting.open(join(folder, "a"), network);
      await using b = await Setting.open(join(folder, "b"), network);
      a.list.startShare([path], false);
      const ticket = await a.ticket();
      content[7 * MIB] ^= 1;
      await Deno.writeFile(path, content);
      const into = join(folder, "in");
      const id = b.list.startDownload({
        ticket,
        folder: into,
        existing: "merge",
        only: null,
        consents: false,
      });
      await a.until(({ shares }) => shares[0].state === "failed");
      assert.deepEqual(a.list.shares[0].failure, {
        code: "source_changed",
        parameters: { name: "large.bin" },
      });
      const [download] = await b.until(({ downloads }) => downloads[0].failure !== null && downloads);
      assert.deepEqual([download.state, download.failure?.code], ["unfinished", "source_lost"]);
      assert.deepEqual(download.lost.names, ["large.bin"]);
      await b.list.discardDownload(id);
      assert.deepEqual([...Deno.readDirSync(into)], []);
    });
  },
);

for (const keep of [true, false]) {
  Deno.test(`E.6 a file of a folder that changes is lost, the others arrive: ${keep ? "kept" : "once"}`, async () => {
    await inFolder(async (folder) => {
      const network = new MemoryNetwork();
      const source = join(folder, "src");
      await Deno.writeFile(join(source, "large.bin"), new Uint8Array(8 * MIB).map((_, i) => i >>> 7));
      await Deno.writeTextFile(join(source, "letter.txt"), "dear reader");
      await using a = await Setting.open(join(folder, "a"), network);
      await using b = await Setting.open(join(folder, "b"), network);
      a.list.startShare([source], keep);
      const ticket = await a.ticket();
      await Deno.writeFile(
        join(source, "large.bin"),
        new Uint8Array(8 * MIB).map((_, i) => i >>> 7 ^ i >>> 20 & 4),
      );
      const into = join(folder, "in");
      b.list.startDownload({ ticket, folder: into, existing: "merge", only: null, consents: false });
      await b.until(({ downloads }) => downloads[0].state === "partial");
      const { lost } = b.list.downloads[0];
      assert.deepEqual([lost.count, lost.names], [1, ["src/large.bin"]]);
      assert.equal(await Deno.readTextFile(join(into, "src", "letter.txt")), "dear reader");
      const isStaged = [...Deno.readDirSync(into)].some(({ name }) => name.startsWith(".pli-"));
      assert.equal(isStaged, lost.keptBytes > 0);
      await a.until(({ shares }) =>
        keep ? shares[0].receivers[0]?.bytes === 11 : shares[0].state === "partial"
      );
      assert.deepEqual(a.list.shares[0].lost.names, ["src/large.bin"]);
      assert.equal(a.list.shares[0].state, keep ? "serving" : "partial");
      assert.equal(a.list.shares[0].failure, null);
    });
  });
}

Deno.test("a kept share is in the history once, after its first delivery; one that is stopped before is not", async () => {
  await inFolder(async (folder) => {
    const network = new MemoryNetwork();
    const path = join(folder, "src", "letter.txt");
    await Deno.writeTextFile(path, "dear reader");
    await using a = await Setting.open(join(folder, "a"), network);
    await using b = await Setting.open(join(folder, "b"), network);
    const id = a.list.startShare([path], true);
    const ticket = await a.ticket();
    for (const name of ["first", "second"]) {
      const into = join(folder, "in", name);
      const request = { ticket, folder: into, existing: "merge" as const, only: null, consents: false };
      const download = b.list.startDownload(request);
      await b.until(({ downloads }) => downloads.find((each) => each.id === download)?.state === "done");
    }
    assert.equal(b.history.before(null, 10).entries.length, 2);
    await a.list.stopShare(id);
    const [entry, ...others] = a.history.before(null, 10).entries;
    assert.deepEqual(others, []);
    assert.deepEqual([entry.kind, entry.title, entry.files, entry.bytes, entry.paths], [
      "sent",
      "letter.txt",
      1,
      11,
      [path],
    ]);
    const idle = a.list.startShare([path], false);
    await a.until(({ shares }) => shares.find((share) => share.id === idle)?.ticket ?? undefined);
    await a.list.stopShare(idle);
    assert.equal(a.history.before(null, 10).entries.length, 1);
  });
});

Deno.test("the same paths shared in the turn in which their share is stopped have the same ticket", async () => {
  await inFolder(async (folder) => {
    const network = new MemoryNetwork();
    const path = join(folder, "src", "letter.txt");
    await Deno.writeTextFile(path, "dear reader");
    await using a = await Setting.open(join(folder, "a"), network);
    const id = a.list.startShare([path], true);
    const ticket = await a.until(({ shares }) => shares[0]?.ticket ?? undefined);
    const stopped = a.list.stopShare(id);
    a.list.startShare([path], true);
    assert.equal(await a.until(({ shares }) => shares[1]?.ticket ?? undefined), ticket);
    await stopped;
    assert.deepEqual(await Promise.all([a.list.forget(id), a.list.forget(id)]), [true, true]);
    const removed = a.changes.filter((change) => change.type === "removed");
    assert.deepEqual(removed, [{ type: "removed", id }]);
  });
});

Deno.test("E.12 a share shows the refused receiver and the holder of the claim", async () => {
  await inFolder(async (folder) => {
    const network = new MemoryNetwork();
    const path = join(folder, "src", "large.bin");
    await Deno.writeFile(path, new Uint8Array(40 * MIB).map((_, i) => i >>> 7));
    await using a = await Setting.open(join(folder, "a"), network);
    await using b = await Setting.open(join(folder, "b"), network);
    await Deno.mkdir(join(folder, "c"));
    await using c = await Setting.open(join(folder, "c"), network);
    a.list.startShare([path], false);
    const ticket = await a.ticket();
    b.receiving.bytesPerSecond = 1_000_000;
    b.list.startDownload({
      ticket,
      folder: join(folder, "b", "in"),
      existing: "merge",
      only: null,
      consents: false,
    });
    await b.until(({ downloads }) => downloads[0].doneBytes > 0);
    c.list.startDownload({
      ticket,
      folder: join(folder, "c", "in"),
      existing: "merge",
      only: null,
      consents: false,
    });
    await c.until(({ downloads }) => downloads[0].failure?.code === "peer_refused");
    const [refusal] = await a.until(({ shares }) => shares[0].refusals.length > 0 && shares[0].refusals);
    assert.equal(refusal.reason, "held");
    const [{ id }] = a.list.shares[0].receivers.filter(({ state }) => state === "receiving");
    assert.equal(refusal.holder, id);
    assert.notEqual(refusal.id, id);
  });
});

Deno.test("at a start the stored list of shares is never shorter than it was", async () => {
  await inFolder(async (folder) => {
    const network = new MemoryNetwork();
    const sources = Array.from({ length: 30 }, (_, number) => join(folder, "src", `file ${number}`));
    for (const path of sources) await Deno.writeTextFile(path, "x");
    const stored = join(folder, "a", "home", "desk.json");
    await Deno.mkdir(join(folder, "a", "home"), { mode: 0o700 });
    const shares = sources.map((path) => ({ paths: [path], keep: true }));
    await Deno.writeTextFile(stored, JSON.stringify({ version: 1, shares }), { mode: 0o600 });
    const lengths: number[] = [];
    const { rename } = Deno;
    Deno.rename = async (from, to) => {
      await rename(from, to);
      if (to === stored) lengths.push(JSON.parse(await Deno.readTextFile(stored)).shares.length);
    };
    try {
      await using a = await Setting.open(join(folder, "a"), network);
      await a.until(({ shares }) => shares.length === 30 && shares.every(({ ticket }) => ticket !== null));
      await a.list.stopShare(a.list.shares[0].id);
    } finally {
      Deno.rename = rename;
    }
    const complete = lengths.slice(0, -1);
    assert.deepEqual([...new Set(complete)], [30]);
    // Those that were queued while one was written are one.
    assert.ok(complete.length < 30, `${complete.length} writes`);
    assert.equal(lengths.at(-1), 29);
  });
});
