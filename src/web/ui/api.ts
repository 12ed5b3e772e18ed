// Calls of the server. A failed call throws an ApiError with the server's Failure; an invalid token closes the page.

import { signal } from "@preact/signals";
import type {
  DownloadBody,
  Failure,
  FilesPage,
  FolderListing,
  HistoryPage,
  PreviewBody,
  Settings,
  ShareBody,
  UploadBody,
} from "../contract.ts";

export const token = signal<string | null>(null);
/** Whether this page has no valid token. */
export const isClosed = signal(false);
/** The reason for which the server closed this page; null if it was not open. */
export const closedBy = signal<Failure | null>(null);

export class ApiError extends Error {
  constructor(readonly failure: Failure, options?: { cause?: unknown }) {
    super(failure.code, options);
  }
}

/** The failure for any thrown value. */
export function failureOf(error: unknown): Failure {
  return error instanceof ApiError ? error.failure : { code: "unknown", parameters: { code: String(error) } };
}

/** The response to a request with the token. Throws ApiError. */
export async function ask(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("Authorization", `Bearer ${token.value}`);
  let response: Response;
  try {
    response = await fetch(`/api${path}`, { ...init, method, headers });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new ApiError({ code: "offline", parameters: {} }, { cause });
  }
  if (response.ok) return response;
  const failure = await readFailure(response);
  if (response.status === 401) {
    closedBy.value = failure;
    isClosed.value = true;
  }
  throw new ApiError(failure);
}

/** Exchanges a code for the token of this run. Throws ApiError. */
export async function trade(code: string): Promise<string> {
  const response = await fetch("/api/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code }),
  }).catch((cause) => {
    throw new ApiError({ code: "offline", parameters: {} }, { cause });
  });
  if (!response.ok) throw new ApiError(await readFailure(response));
  return (await response.json()).token;
}

async function readFailure(response: Response): Promise<Failure> {
  const unknown = { code: "unknown", parameters: { code: `HTTP ${response.status}` } };
  const failure: Partial<Failure> = await response.json().catch(() => unknown);
  return typeof failure.code === "string" ? { parameters: {}, ...failure, code: failure.code } : unknown;
}

async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = body === undefined
    ? { signal }
    : { signal, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return await (await ask(method, path, init)).json().catch(() => ({}));
}

const part = encodeURIComponent;

export type DownloadAction = "pause" | "discard" | "open";

export const api = {
  share: (request: ShareBody) => call<{ id: string }>("POST", "/shares", request),
  stopShare: (id: string) => call<void>("POST", `/shares/${part(id)}/stop`, {}),
  forgetShare: (id: string) => call<void>("DELETE", `/shares/${part(id)}`),
  upload: (request: UploadBody) => call<{ id: string }>("POST", "/uploads", request),
  uploadFiles: async (id: string, batch: Blob, signal: AbortSignal): Promise<void> => {
    const headers = { "Content-Type": "application/octet-stream" };
    const response = await ask("POST", `/uploads/${part(id)}/files`, { body: batch, signal, headers });
    // Until the answer has been read, its connection serves no other request.
    await response.arrayBuffer();
  },
  completeUpload: (id: string) => call<void>("POST", `/uploads/${part(id)}/complete`, {}),
  cancelUpload: (id: string) => call<void>("DELETE", `/uploads/${part(id)}`),
  /** The same while the page is closed, whose other requests end then. */
  abandonUpload: (id: string) => ask("DELETE", `/uploads/${part(id)}`, { keepalive: true }),
  preview: (ticket: string, signal: AbortSignal) =>
    call<PreviewBody>("POST", "/previews", { ticket }, signal),
  download: (request: DownloadBody) => call<{ id: string }>("POST", "/downloads", request),
  actOnDownload: (id: string, action: DownloadAction) =>
    call<void>("POST", `/downloads/${part(id)}/${action}`, {}),
  /** `consents`: whether the user consents to what `declined` was about. */
  resume: (id: string, consents = false) => call<void>("POST", `/downloads/${part(id)}/resume`, { consents }),
  forgetDownload: (id: string) => call<void>("DELETE", `/downloads/${part(id)}`),
  files: (id: string, from: number, count: number) =>
    call<FilesPage>("GET", `/downloads/${part(id)}/files?from=${from}&count=${count}`),
  history: (before: number | null, count: number) =>
    call<HistoryPage>("GET", `/history?count=${count}${before === null ? "" : `&before=${before}`}`),
  actOnHistory: (id: number, action: "open" | "again") => call<void>("POST", `/history/${id}/${action}`, {}),
  forgetHistory: (id: number | null) => call<void>("DELETE", id === null ? "/history" : `/history/${id}`),
  folders: (path: string | null) =>
    call<FolderListing>("GET", `/folders${path === null ? "" : `?path=${part(path)}`}`),
  saveSettings: (settings: Settings) => call<Settings>("PUT", "/settings", settings),
};
