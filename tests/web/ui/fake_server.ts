// A server of the page with a scripted state: the routes of contract.ts, the headers of the real one, and a record of the
// requests.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type PageFiles, typeOf } from "../../../src/web/assets.ts";
import type { PageEvent, PreviewBody, State } from "../../../src/web/contract.ts";
import { SECURITY_HEADERS } from "../../../src/web/security_headers.ts";
import { HISTORY, TICKET } from "./scripted_state.ts";

export const CODE = "code-of-the-test";
const TOKEN = "token-of-the-test";

export interface RecordedRequest {
  method: string;
  path: string;
  body: string;
}

export class FakeServer implements AsyncDisposable {
  state: State;
  preview: Partial<PreviewBody> & Pick<PreviewBody, "names">;
  /** The received bytes of a file of a download, by its index in the list. */
  doneBytesOf = (index: number, bytes: number): number => index < 2_411 ? bytes : 0;
  readonly requests: RecordedRequest[] = [];
  readonly #files: PageFiles;
  readonly #streams = new Set<ServerResponse>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #events = 0;
  #ids = 0;

  constructor(files: PageFiles, state: State, names: PreviewBody["names"]) {
    this.#files = files;
    this.state = state;
    this.preview = { names };
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get origin(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("not listening");
    return `http://127.0.0.1:${address.port}`;
  }

  get url(): string {
    return `${this.origin}/#code=${CODE}`;
  }

  /** Sends an event to every page. */
  publish(event: PageEvent): void {
    for (const stream of this.#streams) this.#write(stream, event);
  }

  /** Ends every event stream. */
  cut(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  bodyOf<T>(method: string, path: string): T {
    const found = this.requests.findLast((one) => one.method === method && one.path.split("?")[0] === path);
    if (found === undefined) throw new Error(`${method} ${path} was not requested`);
    return JSON.parse(found.body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #write(stream: ServerResponse, event: PageEvent): void {
    stream.write(`id: ${++this.#events}\ndata: ${JSON.stringify(event)}\n\n`);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value);
    const { method = "GET", url = "/" } = request;
    const path = url.split("?")[0];
    const file = this.#files[path];
    if (file !== undefined) {
      response.setHeader("Content-Type", typeOf(path));
      response.end(file);
      return;
    }
    const parts: Uint8Array[] = [];
    for await (const part of request) parts.push(part);
    const body = await new Blob(parts as BlobPart[]).text();
    this.requests.push({ method, path: url, body });
    if (path === "/api/session") {
      return json(response, JSON.parse(body).code === CODE ? 200 : 401, { token: TOKEN });
    }
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      return json(response, 401, { code: "session_unknown", parameters: {} });
    }
    if (path === "/api/events") {
      response.setHeader("Content-Type", "text/event-stream");
      this.#streams.add(response);
      response.on("close", () => this.#streams.delete(response));
      this.#write(response, { type: "state", state: this.state });
      return;
    }
    json(response, 200, this.#result(method, path, new URL(url, "http://x").searchParams, body));
  }

  #result(method: string, path: string, query: URLSearchParams, body: string): unknown {
    if (method === "PUT" && path === "/api/settings") {
      const settings = JSON.parse(body);
      this.state = { ...this.state, settings };
      return settings;
    }
    if (path === "/api/history" && method === "GET") {
      const count = Number(query.get("count"));
      return { entries: HISTORY.slice(0, count), more: count < HISTORY.length };
    }
    if (path === "/api/folders") return folders(query.get("path") ?? "/home/ada");
    if (path === "/api/previews") {
      const { names } = this.preview;
      const bytes = names.reduce((sum, one) => sum + one.bytes, 0);
      const whole: PreviewBody = {
        ticket: TICKET,
        title: "Recordings",
        otherNames: 0,
        files: names.length,
        bytes,
        folders: 1,
        hiddenFiles: (this.preview.consents ?? []).filter(({ reason }) => reason === "dot_file").length,
        consents: [],
        unfinishedId: null,
        ...this.preview,
      };
      return whole;
    }
    if (path.endsWith("/files") && method === "GET") {
      const [from, count] = [Number(query.get("from")), Number(query.get("count"))];
      const files = this.preview.names.slice(from, from + count);
      return {
        files: files.map((file, index) => ({
          ...file,
          doneBytes: this.doneBytesOf(from + index, file.bytes),
        })),
        total: this.preview.names.length,
      };
    }
    return { id: `new-${++this.#ids}` };
  }
}

function folders(path: string) {
  const isHome = path === "/home/ada";
  return {
    path,
    parent: path === "/" ? null : path.slice(0, path.lastIndexOf("/")) || "/",
    entries: isHome
      ? [
        { name: "Documents", kind: "folder", bytes: 0 },
        { name: "Downloads", kind: "folder", bytes: 0 },
        { name: "Pictures", kind: "folder", bytes: 0 },
        { name: "notes.txt", kind: "file", bytes: 2_048 },
        { name: "thesis.pdf", kind: "file", bytes: 1_840_000 },
      ]
      : [],
    isCut: false,
    places: [
      { kind: "home", path: "/home/ada" },
      { kind: "computer", path: "/" },
      { kind: "downloads", path: "/home/ada/Downloads" },
    ],
  };
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(value));
}
