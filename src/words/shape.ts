// The shape of the English catalogue: a code of the engine or the app without a sentence does not compile.

import type { AppErrorCode } from "../app/errors.ts";
import type { NoticeCode } from "../app/notices.ts";
import type {
  ErrorCode,
  NameFault,
  RefusalReason,
  SkipReason,
  TicketFault,
  WaitReason,
} from "../engine/mod.ts";
import type { Message, Plural } from "./sentence.ts";

export interface Shape {
  readonly counts: Readonly<Record<string, Plural>>;
  readonly skips: Readonly<Record<SkipReason, string>>;
  readonly waits: Readonly<Record<WaitReason, string>>;
  /** Which addresses a ticket contains when no relay was reached. */
  readonly withoutRelay: Readonly<Record<"address" | "addresses" | "none", string>>;
  /** A stalled transfer, for a receiver and for a sender. */
  readonly stalls: Readonly<Record<"receiving" | "sending", string>>;
  /** A refused receiver, with the reason. */
  readonly refusals: Readonly<Record<RefusalReason, string>>;
  readonly ticketFaults: Readonly<Record<TicketFault, string>>;
  readonly nameFaults: Readonly<Record<NameFault, string>>;
  /** The reason for which a given path that does not exist is not sent. */
  readonly missingPath: string;
  /** A further path of an error, with its reason. */
  readonly pathWithReason: string;
  /** Follows the sentence of an error: further paths that cannot be sent. */
  readonly others: Readonly<Record<"all" | "first", string>>;
  /** In place of an unknown name. */
  readonly someFile: string;
  /** Errors, as whole sentences. */
  readonly errors: Readonly<Record<ErrorCode | AppErrorCode, string>>;
  /** Notices, which stop nothing, as whole sentences. */
  readonly notices: Readonly<Record<NoticeCode, Message>>;
  /** Advice that is the same in the terminal and on the page. */
  readonly advice: Readonly<Record<string, string>>;
}
