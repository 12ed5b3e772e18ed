// Two desks that send each other something: over a network in memory, with real folders.

import assert from "node:assert/strict";
import { join } from "node:path";
import { Desk, type DeskChange } from "../../src/app/desk.ts";
import { History } from "../../src/app/history.ts";
import { Home } from "../../src/app/home.ts";
import { initialSettings } from "../../src/app/settings.ts";
import { wasmHasher } from "../../src/engine/blake3/wasm_hasher.ts";
import { systemClock } from "../../src/engine/clock.ts";
import { denoDisk } from "../../src/engine/disk/deno_disk.ts";
import { Engine, RateLimit } from "../../src/engine/mod.ts";
import { MemoryNetwork } from "../fakes/memory_network.ts";

const hasher = wasmHasher();
const MIB = 1024 * 1024;

/** A desk in a folder of its own, and what it tells. */
class Setting implements AsyncDisposable {
  readonly changes: DeskChange[] = [];
  #wake: () => void = () => {};

  private constructor(readonly desk: Desk, readonly history: History, readonly receiving: RateLimit) {
    desk.subscribe((change) => {
      this.changes.push(change);
      this.#wake();
    });
  }

  static async open(folder: string, network: MemoryNetwork): Promise<Setting> {
    const home = await Home.open((name) => name === "PLI_HOME" ? join(folder, "home") : undefined);
    const engine = new Engine({ bind: network.bind, hasher, disk: denoDisk, clock: systemClock });
    const settings = initialSettings(() => folder, "here");
    const history = await History.open(home);
    const receiving = new RateLimit(null);
    const place = {
      home,
      engine: () => Promise.resolve(engine),
      settings: () => settings,
      relay: () => "disabled" as const,
      limits: { sending: new RateLimit(null), receiving },
    };
    return new Setting(await Desk.open(place, history), history, receiving);
  }

  /** Waits until something holds of what the desk shows. */
  async until<T>(look: (desk: Desk) => T | undefined | false): Promise<T> {
    for (;;) {
      const seen = look(this.desk);
      if (seen) return seen;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.desk[Symbol.asyncDispose]();
    this.history[Symbol.dispose]();
  }
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "pli-desk-" }));
  try {
    for (const name of ["a", "b", "src", "in"]) await Deno.mkdir(join(folder, name));
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a share's ticket appears, a download brings it, and both histories have it", async () => {
  await inFolder(async (folder) => {
    const network = new MemoryNetwork();
    await using a = await Setting.open(join(folder, "a"), network);
    await using b = await Setting.open(join(folder, "b"), network);
    await Deno.writeTextFile(join(folder, "src", "letter.txt"), "dear reader");
    a.desk.startShare([join(folder, "src", "letter.txt")], false);
    const ticket = await a.until(({ shares }) => shares[0]?.ticket ?? undefined);
    const previewed = await b.desk.preview(`  pli receive ${ticket}`);
    assert.deepEqual(previewed.offer.files, [{ name: "letter.txt", bytes: 11 }]);
    assert.equal(previewed.unfinishedId, null);
    const into = join(folder, "in");
    const id = b.desk.startDownload({ ticket, folder: into, existing: "merge", only: null, consents: false });
    await b.until(({ downloads }) => downloads[0].state === "done");
    assert.equal(await Deno.readTextFile(join(into, "letter.txt")), "dear reader");
    await a.until(({ shares }) => shares[0].state === "delivered");
    assert.equal(a.desk.shares[0].receivers[0]?.bytes, 11);
    await a.until(() => a.history.before(null, 10).length === 1);
    assert.equal(a.history.before(null, 10)[0].title, "letter.txt");
    const [received] = b.history.before(null, 10);
    assert.deepEqual([received.kind, received.paths], ["received", [join(into, "letter.txt")]]);
    assert.equal(b.desk.forget(id), true);
    assert.deepEqual(b.desk.downloads, []);
  });
});

Deno.test("a download is paused, goes on after a restart, and its sender too under the same ticket", async () => {
  await inFolder(async (folder) => {
    const network = new MemoryNetwork();
    const bytes = new Uint8Array(40 * MIB).map((_, i) => Math.imul(i, 2654435761) >>> 15);
    await Deno.writeFile(join(folder, "src", "large.bin"), bytes);
    const into = join(folder, "in");
    let ticket = "";
    {
      await using a = await Setting.open(join(folder, "a"), network);
      await using b = await Setting.open(join(folder, "b"), network);
      a.desk.startShare([join(folder, "src", "large.bin")], true);
      ticket = await a.until(({ shares }) => shares[0]?.ticket ?? undefined);
      const id = b.desk.startDownload({
        ticket,
        folder: into,
        existing: "merge",
        only: null,
        consents: false,
      });
      await b.until(({ downloads }) => downloads[0].doneBytes > 9 * MIB);
      await b.desk.pauseDownload(id);
      assert.equal(b.desk.downloads[0].state, "paused");
      assert.ok(b.desk.downloads[0].doneBytes < bytes.length);
    }
    await using a = await Setting.open(join(folder, "a"), network);
    await using b = await Setting.open(join(folder, "b"), network);
    assert.equal(await a.until(({ shares }) => shares[0]?.ticket ?? undefined), ticket);
    const [unfinished] = b.desk.downloads;
    assert.equal(unfinished.state, "unfinished");
    assert.ok(unfinished.doneBytes > 0);
    await b.desk.resumeDownload(unfinished.id);
    await b.until(({ downloads }) => downloads[0].state === "done");
    assert.deepEqual(await Deno.readFile(join(into, "large.bin")), bytes);
    await a.desk.stopShare(a.desk.shares[0].id);
    assert.equal(a.desk.shares[0].state, "stopped");
  });
});

Deno.test("of each file of a download it is known how much is there: under way, paused, and after a restart", async () => {
  await inFolder(async (folder) => {
    const network = new MemoryNetwork();
    const sizes = { "1.bin": 24 * MIB, "2.txt": 9, "3.bin": 24 * MIB + 1, "4": 0 };
    const source = join(folder, "src", "all");
    await Deno.mkdir(source);
    for (const [name, size] of Object.entries(sizes)) {
      await Deno.writeFile(join(source, name), new Uint8Array(size).map((_, i) => Math.imul(i, 40503) >>> 9));
    }
    const whole = new Map(Object.entries(sizes).map(([name, bytes]) => [`all/${name}`, bytes]));
    const sum = (files: readonly { doneBytes?: number }[]) =>
      files.reduce((sum, { doneBytes }) => sum + doneBytes!, 0);
    await using a = await Setting.open(join(folder, "a"), network);
    a.desk.startShare([source], true);
    const ticket = await a.until(({ shares }) => shares[0]?.ticket ?? undefined);
    let pausedBytes = 0;
    {
      await using b = await Setting.open(join(folder, "b"), network);
      const into = join(folder, "in");
      // So that it is not over before it is paused.
      b.receiving.bytesPerSecond = 12 * MIB;
      const id = b.desk.startDownload({
        ticket,
        folder: into,
        existing: "merge",
        only: null,
        consents: false,
      });
      assert.deepEqual(b.desk.filesOf(id, 0, 10), { files: [], total: 0 });
      await b.until(({ downloads }) => downloads[0].doneBytes > 9 * MIB);
      await b.desk.pauseDownload(id);
      const { files, total } = b.desk.filesOf(id, 0, 10);
      assert.equal(total, 4);
      assert.deepEqual(new Map(files.map(({ name, bytes }) => [name, bytes])), whole);
      assert.ok(files.some(({ bytes, doneBytes }) => doneBytes! > 0 && doneBytes! < bytes), "none under way");
      pausedBytes = sum(files);
      // A block that has not ended comes again, and there are at most eight streams.
      assert.ok(pausedBytes > b.desk.downloads[0].doneBytes - 8 * MIB);
      assert.deepEqual(b.desk.filesOf(id, 1, 1), { files: [files[1]], total });
    }
    await using b = await Setting.open(join(folder, "b"), network);
    const [{ id }] = b.desk.downloads;
    assert.deepEqual(b.desk.filesOf(id, 0, 10), { files: [], total: 0 });
    await b.desk.resumeDownload(id);
    await b.until(({ downloads }) => downloads[0].state === "running");
    assert.ok(sum(b.desk.filesOf(id, 0, 10).files) >= pausedBytes);
    await b.until(({ downloads }) => downloads[0].state === "done");
    const { files } = b.desk.filesOf(id, 0, 10);
    assert.deepEqual(new Map(files.map(({ name, doneBytes }) => [name, doneBytes])), whole);
  });
});

Deno.test("what is discarded leaves nothing, and a source that changed ends its share", async () => {
  await inFolder(async (folder) => {
    const network = new MemoryNetwork();
    const path = join(folder, "src", "large.bin");
    await Deno.writeFile(path, new Uint8Array(40 * MIB).map((_, i) => i >>> 7));
    await using a = await Setting.open(join(folder, "a"), network);
    await using b = await Setting.open(join(folder, "b"), network);
    a.desk.startShare([path], true);
    const ticket = await a.until(({ shares }) => shares[0]?.ticket ?? undefined);
    const into = join(folder, "in");
    const request = { ticket, folder: into, existing: "merge" as const, only: null, consents: false };
    const id = b.desk.startDownload(request);
    await b.until(({ downloads }) => downloads[0].doneBytes > 9 * MIB);
    await b.desk.discardDownload(id);
    assert.deepEqual([...Deno.readDirSync(into)], []);
    assert.deepEqual(b.desk.downloads, []);
    await Deno.writeFile(path, new Uint8Array(40 * MIB).fill(1));
    b.desk.startDownload(request);
    await a.until(({ shares }) => shares[0].state === "failed");
    assert.deepEqual(a.desk.shares[0].failure, {
      code: "source_changed",
      parameters: { name: "large.bin" },
    });
  });
});

Deno.test("a share that is kept is in the history once, when the first has it; one that is stopped before is not", async () => {
  await inFolder(async (folder) => {
    const network = new MemoryNetwork();
    const path = join(folder, "src", "letter.txt");
    await Deno.writeTextFile(path, "dear reader");
    await using a = await Setting.open(join(folder, "a"), network);
    await using b = await Setting.open(join(folder, "b"), network);
    const id = a.desk.startShare([path], true);
    const ticket = await a.until(({ shares }) => shares[0]?.ticket ?? undefined);
    for (const name of ["first", "second"]) {
      const into = join(folder, "in", name);
      const request = { ticket, folder: into, existing: "merge" as const, only: null, consents: false };
      const download = b.desk.startDownload(request);
      await b.until(({ downloads }) => downloads.find((each) => each.id === download)?.state === "done");
    }
    assert.equal(b.history.before(null, 10).length, 2);
    await a.desk.stopShare(id);
    const [entry, ...others] = a.history.before(null, 10);
    assert.deepEqual(others, []);
    assert.deepEqual([entry.kind, entry.title, entry.files, entry.bytes, entry.paths], [
      "sent",
      "letter.txt",
      1,
      11,
      [path],
    ]);
    const idle = a.desk.startShare([path], false);
    await a.until(({ shares }) => shares.find((share) => share.id === idle)?.ticket ?? undefined);
    await a.desk.stopShare(idle);
    assert.equal(a.history.before(null, 10).length, 1);
  });
});
