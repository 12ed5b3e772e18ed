// Errors of the API: a status, and a Failure (contract.ts) as JSON. The sentences are in the page's catalogue.

import type { UploadFault } from "../app/uploads.ts";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Verdict } from "./guard.ts";

/** Every code of this room with its parameters; routes may also report codes of the engine. */
export interface WebErrorParameters {
  route_unknown: Record<never, never>;
  /** The code is unknown, or has expired. */
  code_spent: Record<never, never>;
  /** The code was used before: the session has ended. */
  code_reused: Record<never, never>;
  /** Too many wrong codes were typed; the next one is checked after `seconds`. */
  guesses_paced: { seconds?: number };
  /** The secret of another pli's file is not that of this run. */
  secret_wrong: Record<never, never>;
  body_type_wrong: { expected: string };
  body_too_large: { maximum: number };
  body_too_slow: Record<never, never>;
  body_length_missing: Record<never, never>;
  body_cut: Record<never, never>;
  body_not_json: Record<never, never>;
  /** `path` leads to the invalid value in the body. */
  body_invalid: { path: string; expected: string };
  query_invalid: { name: string };
  /** No share, download or entry has this id any more. */
  id_unknown: Record<never, never>;
  /** The transfer must be stopped first. */
  still_running: Record<never, never>;
  folder_unreadable: { path: string };
  upload_refused: { fault: UploadFault };
  internal: Record<never, never>;
}

export type WebErrorCode = keyof WebErrorParameters;

/** Refusals of the server before any route is called. */
export type RefusalCode =
  | NonNullable<Verdict["refusal"]>["code"]
  | "method_refused"
  /** The program on the other end belongs to another user of this computer. */
  | "user_refused"
  | "request_malformed"
  | "expectation_refused";

const STATUS: Readonly<Record<WebErrorCode, ContentfulStatusCode>> = {
  route_unknown: 404,
  code_spent: 401,
  code_reused: 401,
  guesses_paced: 429,
  secret_wrong: 401,
  body_type_wrong: 415,
  body_too_large: 413,
  body_too_slow: 408,
  body_length_missing: 411,
  body_cut: 400,
  body_not_json: 400,
  body_invalid: 422,
  query_invalid: 422,
  id_unknown: 404,
  still_running: 409,
  folder_unreadable: 422,
  upload_refused: 422,
  internal: 500,
};

export class WebError<C extends WebErrorCode = WebErrorCode> extends Error {
  override readonly name = "WebError";

  constructor(readonly code: C, readonly parameters: WebErrorParameters[C], options?: { cause?: unknown }) {
    super(`${code} ${JSON.stringify(parameters)}`, options);
  }

  get status(): ContentfulStatusCode {
    return STATUS[this.code];
  }
}
