// A pli that serves its page, used by the API of the page, with its events read all the time, and the resources of its
// process.

import assert from "node:assert/strict";
import type { DownloadBody, DownloadView, PageEvent, ShareView } from "../../../src/web/contract.ts";
import { EventParser } from "../../../src/web/ui/event_parser.ts";
import { inTime } from "../../time_limits.ts";
import type { Bench, RunningPli } from "../../product/processes.ts";
import { freePort } from "../../product/free_port.ts";

type View = ShareView | DownloadView;

/** The resources of a process. */
export interface Resources {
  memoryBytes: number;
  descriptors: number;
  sockets: number;
}

const PAGE_BYTES = 4096;
/** Every collection is a full one, so that measurements contain no old garbage. */
const COLLECTING_FLAGS = "--gc-global,--max-semi-space-size=2";
const CHURNING_CALLS = 150;
/** The states in which a share or a download ends. */
const ENDED = new Set(["delivered", "partial", "sent", "stopped", "done", "cancelled", "failed"]);

export class PageClient implements Disposable {
  readonly #views = new Map<string, View>();
  /** The callbacks for changes of views. */
  #wakers: (() => void)[] = [];
  readonly #closing = new AbortController();
  /** Keeps no connection open, so that only those of the page are counted. */
  readonly #client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });

  private constructor(readonly process: RunningPli, readonly origin: string, readonly token: string) {}

  /** Starts a pli and opens its page. */
  static async open(bench: Bench): Promise<PageClient> {
    const args = ["ui", "--relay", "disabled", "--port", `${freePort()}`];
    const process = bench.pli(args, { env: { DENO_V8_FLAGS: COLLECTING_FLAGS } });
    const line = await process.stdout.first((text) =>
      text.includes("listening") ? JSON.parse(text) : undefined
    );
    const { origin, hash } = new URL(line.url);
    const headers = { "Content-Type": "application/json", "Origin": origin };
    const body = JSON.stringify({ code: hash.slice(1) });
    const answer = await fetch(`${origin}/api/session`, { method: "POST", headers, body });
    const { token } = await answer.json();
    const page = new PageClient(process, origin, token);
    void page.#follow(await page.#request("GET", "/api/events", undefined, page.#closing.signal));
    return page;
  }

  /** Shares a path of this computer. Resolves when its ticket is there. */
  async share(path: string, keep = false): Promise<ShareView & { ticket: string }> {
    const { id } = await this.call("POST", "/api/shares", { paths: [path], keep });
    const share = await this.until<ShareView>(
      id,
      ({ ticket, state }) => ticket !== null || state === "failed",
    );
    assert.ok(share.ticket !== null, JSON.stringify(share.failure));
    return { ...share, ticket: share.ticket };
  }

  /** Starts a download. Resolves to its id. */
  async download(ticket: string, folder: string): Promise<string> {
    const request: DownloadBody = { ticket, folder, existing: "merge", only: null, consents: false };
    return (await this.call("POST", "/api/downloads", request)).id;
  }

  /** Requests a preview, and cancels it after `timeoutMs`. Resolves to whether there was one by then. */
  async preview(ticket: string, timeoutMs: number): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      await (await this.#request("POST", "/api/previews", { ticket }, signal)).json();
      return true;
    } catch (error) {
      if (error instanceof DOMException) return false;
      throw error;
    }
  }

  /** Reads the first of the events of a second page, and closes it. */
  async openBriefly(): Promise<void> {
    const events = await this.#request("GET", "/api/events");
    const reader = events.body!.getReader();
    await reader.read();
    await reader.cancel();
  }

  // deno-lint-ignore no-explicit-any
  async call(method: string, path: string, body?: object): Promise<any> {
    return await (await this.#request(method, path, body)).json();
  }

  /** The view of a share or a download, once it satisfies the condition. Throws when it ends in another state. */
  async until<V extends View>(id: string, isIt: (view: V) => boolean): Promise<V> {
    const wait = async () => {
      for (;;) {
        const view = this.#views.get(id) as V | undefined;
        if (view !== undefined && isIt(view)) return view;
        if (view !== undefined && ENDED.has(view.state)) throw new Error(`it has ended as ${view.state}`);
        await new Promise<void>((resolve) => this.#wakers.push(resolve));
      }
    };
    try {
      return await inTime(wait(), `the view ${id}`);
    } catch (error) {
      throw new Error(`${JSON.stringify(this.#views.get(id))}`, { cause: error });
    }
  }

  /** Causes garbage in the process, so that it runs a collection. */
  async churn(): Promise<void> {
    for (let call = 0; call < CHURNING_CALLS; call++) await this.call("GET", "/api/state");
  }

  /** The present resources of the process. */
  resources(): Resources {
    const { pid } = this.process.process;
    const [, resident] = Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ");
    const targets = [...Deno.readDirSync(`/proc/${pid}/fd`)].flatMap(({ name }) => {
      try {
        return [Deno.readLinkSync(`/proc/${pid}/fd/${name}`)];
      } catch {
        return []; // Closed since it was listed.
      }
    });
    return {
      memoryBytes: Number(resident) * PAGE_BYTES,
      descriptors: targets.length,
      sockets: targets.filter((target) => target.startsWith("socket:")).length,
    };
  }

  /** Closes the page, and not its process. */
  [Symbol.dispose](): void {
    this.#closing.abort();
    this.#client.close();
  }

  async #request(method: string, path: string, body?: object, signal?: AbortSignal): Promise<Response> {
    const headers = {
      "Content-Type": "application/json",
      "Origin": this.origin,
      "Authorization": `Bearer ${this.token}`,
    };
    const options = { method, headers, body: body && JSON.stringify(body), signal, client: this.#client };
    const answer = await fetch(this.origin + path, options);
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }

  async #follow(events: Response): Promise<void> {
    const parser = new EventParser();
    try {
      for await (const bytes of events.body!) {
        for (const { data } of parser.read(bytes)) this.#note(JSON.parse(data));
      }
    } catch (error) {
      if (!this.#closing.signal.aborted) throw error;
    }
  }

  #note(event: PageEvent): void {
    if (event.type === "share") this.#views.set(event.share.id, event.share);
    else if (event.type === "download") this.#views.set(event.download.id, event.download);
    else if (event.type === "removed") this.#views.delete(event.id);
    for (const wake of this.#wakers.splice(0)) wake();
  }
}
