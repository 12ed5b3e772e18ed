// A pli that serves its page, used by the API of the page, with its events read all the time.

import { EventParser } from "../../src/web/ui/event_parser.ts";
import type { DownloadBody, DownloadView, PageEvent, ShareView } from "../../src/web/contract.ts";
import type { Lab } from "./lab.ts";
import type { Measured } from "./measured.ts";

type Call = (method: string, path: string, body?: unknown) => Promise<Response>;

export class PageClient implements AsyncDisposable {
  readonly #events: AsyncGenerator<PageEvent>;
  readonly #call: Call;

  private constructor(readonly process: Measured, call: Call, events: Response) {
    this.#call = call;
    this.#events = parsed(events);
  }

  static async open(lab: Lab): Promise<PageClient> {
    const home = lab.freshPath("home");
    const process = lab.start([...lab.pliCommand, "ui", "--no-open", "--relay", "disabled"], {
      env: { PLI_HOME: home },
    });
    const url = new URL(await process.first((line) => /^http:\S+$/.exec(line)?.[0]));
    const headers: Record<string, string> = { "Content-Type": "application/json" };
    const call: Call = async (method, path, body) => {
      const options = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
      const response = await fetch(new URL(path, url), options);
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return response;
    };
    const code = url.hash.replace(/^#(code=)?/, "");
    const { token } = await (await call("POST", "/api/session", { code })).json();
    headers.Authorization = `Bearer ${token}`;
    return new PageClient(process, call, await call("GET", "/api/events"));
  }

  /** Shares a file of this computer. Resolves to its ticket. */
  async share(path: string): Promise<string> {
    const { id } = await this.#post("/api/shares", { paths: [path], keep: false });
    const isReady = (share: ShareView) => share.ticket !== null;
    return (await this.#until((event) => event.type === "share" ? event.share : null, id, isReady)).ticket!;
  }

  /** Receives into a folder. Resolves when the download has ended, and throws unless it is complete. */
  async receive(ticket: string, folder: string): Promise<DownloadView> {
    const request: DownloadBody = { ticket, folder, existing: "merge", only: null, consents: false };
    const { id } = await this.#post("/api/downloads", request);
    const hasEnded = ({ state }: DownloadView) => ["done", "failed", "unfinished"].includes(state);
    const download = await this.#until(
      (event) => event.type === "download" ? event.download : null,
      id,
      hasEnded,
    );
    if (download.state !== "done") throw new Error(`${download.state}: ${JSON.stringify(download.failure)}`);
    return download;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#events.return(undefined);
    await this.process.interrupt();
  }

  async #post(path: string, body: unknown): Promise<{ id: string }> {
    return await (await this.#call("POST", path, body)).json();
  }

  /** The first view of this id that satisfies a condition. */
  async #until<V extends { id: string }>(
    viewOf: (event: PageEvent) => V | null,
    id: string,
    isIt: (view: V) => boolean,
  ): Promise<V> {
    for (;;) {
      const { value, done } = await this.#events.next();
      if (done) throw new Error("the events ended");
      const view = viewOf(value);
      if (view?.id === id && isIt(view)) return view;
    }
  }
}

async function* parsed(response: Response): AsyncGenerator<PageEvent> {
  const parser = new EventParser();
  for await (const bytes of response.body!) {
    for (const { data } of parser.read(bytes)) yield JSON.parse(data);
  }
}
