// One page process that makes 500 transfers: its memory, descriptors and sockets do not grow after the first hundred.
// Each transfer is a share and a download of it in the same process, over loopback, with other actions of a user between
// them. PLI_LONG_TRANSFERS is their number: with fewer than 500 the process still grows at the first measurement.

import assert from "node:assert/strict";
import { formatTicket, parseTicket } from "../../src/engine/mod.ts";
import type { DownloadView, ShareView } from "../../src/web/contract.ts";
import { Chance } from "../fuzz/mutation.ts";
import { needing, NOT_LINUX } from "../left_out.ts";
import { Bench } from "../product/processes.ts";
import { noise, writeTree } from "../product/trees.ts";
import { report } from "../report.ts";
import { PageClient, type Resources } from "./long_page/page_client.ts";

const TRANSFERS = Number(Deno.env.get("PLI_LONG_TRANSFERS") ?? 500);
/** The resources of the process are measured after each fifth of them. */
const FIFTH = Math.ceil(TRANSFERS / 5);
const AT_ONCE = 4;
const SAMPLES = 5;
/** Garbage of the last transfers may be collected late; leaks never are. */
const LAST_SAMPLES = 40;

/** Maximum growth of memory since the first measurement, and since the second. */
const MAXIMUM_GROWTH_BYTES = [32 * 2 ** 20, 20 * 2 ** 20];
/** The sockets of a stream that was not read to its end are closed when it is collected: some may be pending. */
const MAXIMUM_MORE_DESCRIPTORS = 16;

class User {
  readonly #chance: Chance;
  #folders = 0;

  constructor(readonly bench: Bench, readonly page: PageClient, seed: number) {
    this.#chance = new Chance(seed);
  }

  /** One transfer of new files, with other actions of a user. All of its cards are removed at its end. */
  async transfer(number: number): Promise<void> {
    const actions = [
      this.#delivers,
      this.#stops,
      this.#isRefused,
      this.#delivers,
      this.#looksAndLeaves,
      this.#discards,
    ];
    const source = this.#freshFolder("source");
    await writeTree(source, {
      a: noise(3_000, number),
      "b/c": noise(70_000, number),
      "b/empty": new Uint8Array(0),
    });
    await actions[number % actions.length].call(this, source, number);
    await Deno.remove(source, { recursive: true });
  }

  /** A folder or a file that is delivered, sometimes with a preview before. */
  async #delivers(source: string, number: number): Promise<void> {
    const share = await this.page.share(number % 2 === 0 ? source : `${source}/b/c`);
    if (number % 4 < 2) assert.ok(await this.page.preview(share.ticket, 30_000));
    await this.#receive(share.ticket);
    await this.#isDelivered(share);
  }

  /** A kept share that is delivered to two receivers and stopped. */
  async #stops(source: string): Promise<void> {
    const share = await this.page.share(source, true);
    await this.#receive(share.ticket);
    await this.#receive(share.ticket);
    await this.#stop(share);
  }

  /** A receiver whose ticket names another collection of the same sender is refused; the right one is served. */
  async #isRefused(source: string): Promise<void> {
    const share = await this.page.share(source);
    const wrong = formatTicket({ ...parseTicket(share.ticket), hash: this.#chance.bytes(32) });
    const folder = this.#freshFolder("out");
    const id = await this.page.download(wrong, folder);
    const { failure } = await this.page.until<DownloadView>(id, ({ state }) => state === "failed");
    assert.equal(failure?.code, "peer_refused");
    await this.#forget("downloads", id);
    await Deno.remove(folder, { recursive: true });
    await this.#receive(share.ticket);
    await this.#isDelivered(share);
  }

  /** Previews that are cancelled early, of a sender that exists and of one that has ended. */
  async #looksAndLeaves(source: string): Promise<void> {
    const share = await this.page.share(source);
    await this.page.preview(share.ticket, this.#chance.below(60));
    await this.page.openBriefly();
    await this.#stop(share);
    await this.page.preview(share.ticket, 20 + this.#chance.below(100));
  }

  /** A download that is paused and discarded. */
  async #discards(source: string): Promise<void> {
    await Deno.writeFile(`${source}/large`, noise(4_000_000));
    const share = await this.page.share(source);
    const folder = this.#freshFolder("out");
    const id = await this.page.download(share.ticket, folder);
    await this.page.until<DownloadView>(id, ({ state }) => state !== "connecting");
    await this.page.call("POST", `/api/downloads/${id}/pause`);
    const view = await this.page.until<DownloadView>(
      id,
      ({ state }) => state === "paused" || state === "done",
    );
    if (view.state === "done") await this.#forget("downloads", id);
    else await this.page.call("POST", `/api/downloads/${id}/discard`);
    await this.#stop(share);
    await Deno.remove(folder, { recursive: true });
  }

  async #receive(ticket: string): Promise<void> {
    const folder = this.#freshFolder("out");
    const id = await this.page.download(ticket, folder);
    await this.page.until<DownloadView>(id, ({ state }) => state === "done");
    await this.#forget("downloads", id);
    await Deno.remove(folder, { recursive: true });
  }

  async #isDelivered({ id }: ShareView): Promise<void> {
    await this.page.until<ShareView>(id, ({ state }) => state === "delivered");
    await this.#forget("shares", id);
  }

  async #stop({ id }: ShareView): Promise<void> {
    await this.page.call("POST", `/api/shares/${id}/stop`);
    await this.#forget("shares", id);
  }

  async #forget(kind: "shares" | "downloads", id: string): Promise<void> {
    await this.page.call("DELETE", `/api/${kind}/${id}`);
  }

  #freshFolder(name: string): string {
    const folder = this.bench.path(`${name}-${this.#folders++}`);
    Deno.mkdirSync(folder);
    return folder;
  }
}

/**
 * The resources of an idle process: the least of some samples, between which it collects its garbage. Sampling ends early
 * once the level is `enough`.
 */
async function levelOf(
  page: PageClient,
  samples = SAMPLES,
  enough: (level: Resources) => boolean = () => false,
): Promise<Resources> {
  const { shares, downloads } = await page.call("GET", "/api/state");
  assert.deepEqual([shares.length, downloads.length], [0, 0]);
  let level: Resources = { memoryBytes: Infinity, descriptors: Infinity, sockets: Infinity };
  for (let sample = 0; sample < samples && !enough(level); sample++) {
    await page.churn();
    level = least(level, page.resources());
  }
  return level;
}

function least(a: Resources, b: Resources): Resources {
  return {
    memoryBytes: Math.min(a.memoryBytes, b.memoryBytes),
    descriptors: Math.min(a.descriptors, b.descriptors),
    sockets: Math.min(a.sockets, b.sockets),
  };
}

/** Whether the resources are not above those of each of the first measurements, within the bounds. */
function isFlat(late: Resources, early: readonly Resources[]): boolean {
  return MAXIMUM_GROWTH_BYTES.every((maximumBytes, index) =>
    late.memoryBytes - early[index].memoryBytes <= maximumBytes &&
    late.descriptors - early[index].descriptors <= MAXIMUM_MORE_DESCRIPTORS
  );
}

function described({ memoryBytes, descriptors, sockets }: Resources): string {
  return `${(memoryBytes / 2 ** 20).toFixed()} MiB, ${descriptors} descriptors, ${sockets} sockets`;
}

Deno.test({
  ...needing(
    `E.31 ${TRANSFERS} transfers in one page: memory, descriptors and sockets do not grow`,
    NOT_LINUX,
  ),
  fn: async () => {
    await using bench = await Bench.make();
    using page = await PageClient.open(bench);
    const levels: Resources[] = [];
    report(`E.31: at the start: ${described(page.resources())}`);
    const user = new User(bench, page, 31);
    for (let done = 0; done < TRANSFERS;) {
      const end = Math.min(done + FIFTH, TRANSFERS);
      const next = Array.from({ length: end - done }, (_, at) => done + at).values();
      const work = async () => {
        for (const number of next) await user.transfer(number);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      const level = await levelOf(page);
      levels.push(level);
      report(`E.31: after ${end} transfers: ${described(level)}`);
      done = end;
    }
    const late = await levelOf(page, LAST_SAMPLES, (level) => isFlat(level, levels));
    assert.ok(isFlat(late, levels), `${levels.map(described).join("; ")}; at the end ${described(late)}`);
  },
});
