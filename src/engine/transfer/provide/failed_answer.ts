// Ends a failed answer: its stream ends with a code and its connection stays open, unless the peer holds bytes of the
// budget that others are queued for. Its other streams would hold them too.

import { isPliError } from "../../errors.ts";
import type { BiStream, Connection } from "../../ports.ts";
import { errorFields } from "../../log/error_fields.ts";
import { ResetCode } from "../../wire/request.ts";
import { DeadlinePassed } from "../deadline.ts";
import { ForbiddenRequest } from "./read_request.ts";
import { UnexpectedEnd } from "../stream_reader.ts";

/** What is reported of a failed answer. */
export type AnswerFailure =
  /** A file of the share differs from what was hashed. */
  | { kind: "source_changed"; name: string }
  /** A defect of this program, as opposed to a fault of the peer, the source or the network. */
  | { kind: "mistake"; reason: string };

/** Ends the stream of a failed answer. Returns what must be reported, or null. */
export function endFailedAnswer(
  { send, receive, log }: BiStream,
  connection: Connection,
  error: unknown,
): AnswerFailure | null {
  const code = error instanceof ForbiddenRequest ? ResetCode.PERMISSION : ResetCode.INTERNAL;
  log?.log("debug", "transfer", "answer failed", errorFields(error));
  receive.stop(code);
  send.reset(code);
  if (error instanceof DeadlinePassed && error.minimum?.isContended) connection.close(0);
  if (isPliError(error, "source_changed")) return { kind: "source_changed", name: error.parameters.name };
  return isMistake(error) ? { kind: "mistake", reason: String(error) } : null;
}

function isMistake(error: unknown): boolean {
  if (isPliError(error)) return error.code === "internal";
  return ![ForbiddenRequest, DeadlinePassed, UnexpectedEnd].some((kind) => error instanceof kind);
}
