// The engine's one family of errors. An error is a code with named parameters and a cause; the sentences
// that people read stand in the catalogues of the rooms that print. No code here turns an error into text
// that another place would have to parse.

/** Why a ticket cannot be read. */
export type TicketFault = "prefix" | "too_long" | "base32" | "content" | "relay_url";

/** Why a name from a collection is refused before anything is created. */
export type NameFault =
  | "empty"
  | "absolute"
  | "backslash"
  | "dot_part"
  | "empty_part"
  | "nul"
  | "not_unicode"
  | "part_too_long"
  | "path_too_long"
  | "duplicate"
  | "file_and_folder";

/** Every error code with its parameters. Byte counts are plain numbers, hashes and ids are hex. */
export interface ErrorParameters {
  /** The text is not a ticket. */
  ticket_malformed: { fault: TicketFault };
  /** The ticket is of a kind that pli does not fetch (a single raw blob without a name). */
  ticket_unsupported: Record<never, never>;
  /** A relay was given that is not an http(s) URL. */
  relay_url_invalid: { url: string };
  /** A secret key was given that is not 32 bytes in hex or base32. */
  secret_invalid: Record<never, never>;
  /** There is no network binding for this system, or it cannot be loaded. */
  binding_missing: { system: string };
  /** `PLI_BINDING` names no binding that there is. */
  binding_unknown: { binding: string };
  /** No socket could be bound (an address in use, or not ours). */
  bind_failed: { address: string };
  /** A path to send does not exist. */
  path_missing: { path: string };
  /** Nothing that can be sent was found under the paths. */
  nothing_to_send: Record<never, never>;
  /** A file is no longer what it was when its ticket was made. */
  source_changed: { name: string };
  /** There are more files, or longer names, than one ticket can have. */
  share_too_large: { files: number };
  /** The other side could not be reached. */
  peer_unreachable: { id: string };
  /** The connection was there and is gone. */
  connection_lost: Record<never, never>;
  /** A stream was reset by the other side. */
  stream_reset: { streamCode: number };
  /** The other side refuses, or does not know, what the ticket names. */
  peer_refused: Record<never, never>;
  /**
   * The provider serves the share but cannot go on with a file: it is gone or has changed there. The name is
   * null when it happened before the names were known.
   */
  source_lost: { name: string | null };
  /** Bytes that do not hash to what was promised. */
  wrong_bytes: { hash: string; chunk: number };
  /** A message that does not follow the protocol. */
  message_malformed: { what: string };
  /** A length, count or size from a peer is over the named maximum. */
  limit_exceeded: { what: string; maximum: number };
  /** A name in the collection cannot be used. */
  name_refused: { name: string; fault: NameFault };
  /** The user, or the program in the user's place, did not accept what was offered. */
  declined: Record<never, never>;
  /** Several files were offered where one was wanted (standard output). */
  not_one_file: { files: number };
  /** Another process is already receiving this into the same place. */
  destination_busy: { path: string };
  /** The volume is full. */
  disk_full: { path: string };
  /** The volume is read-only. */
  disk_read_only: { path: string };
  /** The system denies access to a path. */
  disk_denied: { path: string };
  /** Any other fault of the disk; the cause has the system's own words. */
  disk_failed: { path: string };
  /** A download's folder is not a folder. */
  destination_not_folder: { path: string };
  /** Cancelled by an AbortSignal. */
  cancelled: Record<never, never>;
  /** A mistake in pli. */
  internal: { what: string };
}

export type ErrorCode = keyof ErrorParameters;

/** An error of the engine: `code` says which, `parameters` say about what, `cause` says why. */
export class PliError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "PliError";

  constructor(readonly code: C, readonly parameters: ErrorParameters[C], options?: { cause?: unknown }) {
    super(`${code} ${JSON.stringify(parameters)}`, options);
  }
}

/** Narrows an unknown error to a PliError, of one code if that is given. */
export function isPliError<C extends ErrorCode = ErrorCode>(error: unknown, code?: C): error is PliError<C> {
  return error instanceof PliError && (code === undefined || error.code === code);
}
