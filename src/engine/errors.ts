// The engine's family of errors. An error is a code with named parameters and a cause; the sentences are in the
// catalogues of the rooms that print. No code here turns an error into text that other code would have to parse.

import type { SkipReason } from "./skip_reason.ts";

/** The defect of a text that is no ticket. */
export type TicketFault = "prefix" | "too_long" | "cut_short" | "base32" | "content" | "relay_url";

/** The defect for which a name of a collection is refused before anything is created. */
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
  | "too_deep"
  | "duplicate"
  | "file_and_folder";

/** A given path that cannot be sent. */
export type UnsendablePath = {
  /** As it was given. */
  path: string;
  /** Why it cannot be sent; `missing` if it does not exist. */
  reason: SkipReason | "missing";
};

/** Additional facts of an error of one given path about the other given paths; absent where there are none. */
export type OfGivenPaths = {
  /** Further given paths that cannot be sent, at most nine. */
  others?: readonly UnsendablePath[];
  /** Number of further ones that are not listed. */
  moreOthers?: number;
  /** No given path can be sent. */
  isNothingLeft?: true;
};

/** Every error code with its parameters. Byte counts are plain numbers, hashes and ids are hex. */
export interface ErrorParameters {
  /** The text is not a ticket. */
  ticket_malformed: { fault: TicketFault };
  /** A given relay is not an http(s) URL. */
  relay_url_invalid: { url: string };
  /** The provider can only be reached over a relay, or by looking its id up, and both are disabled. */
  relay_needed: Record<never, never>;
  /** A relay at a literal IPv6 address with TLS: iroh cannot verify its certificate, and so never connects. */
  relay_url_ipv6: { url: string };
  /** The stock binding trusts the public certificate authorities only. */
  trust_unsupported: Record<never, never>;
  /** The stock binding cannot write qlog. */
  qlog_unsupported: Record<never, never>;
  /** A given secret key is not 32 bytes in hex or base32. */
  secret_invalid: Record<never, never>;
  /** The network binding for this system does not exist or cannot be loaded. */
  binding_missing: { system: string };
  /** The native addon was built from other sources: its patch level, 0 for none, is not the required one. */
  addon_outdated: { found: number; needed: number };
  /** `PLI_BINDING` names an unknown binding. */
  binding_unknown: { binding: string };
  /** No socket could be bound: the address is in use, or not one of this computer. */
  bind_failed: { address: string };
  /** A path to send does not exist. */
  path_missing: { path: string } & OfGivenPaths;
  /** The system denies reading a given path. */
  source_denied: { path: string } & OfGivenPaths;
  /** A given path exists and cannot be sent. */
  source_unsendable: { path: string; reason: SkipReason } & OfGivenPaths;
  /** No sendable file was found at the paths. */
  nothing_to_send: Record<never, never>;
  /** A file differs from what was hashed for its ticket. */
  source_changed: { name: string };
  /** The files are more, or their names longer, than a ticket permits. */
  share_too_large: { files: number };
  /** The folders are more than a ticket with so many files permits. */
  too_many_folders: { folders: number; maximum: number };
  /** The peer could not be reached. */
  peer_unreachable: { id: string };
  /** An established connection was lost. */
  connection_lost: Record<never, never>;
  /** The peer has reset a stream. */
  stream_reset: { streamCode: number };
  /** The peer refuses, or does not know, the hash of the ticket. */
  peer_refused: Record<never, never>;
  /**
   * The provider serves the share but cannot send a file, which was changed or removed there. The name is null if it
   * is not known yet.
   */
  source_lost: { name: string | null };
  /** Received bytes do not match their hash. */
  wrong_bytes: { hash: string; chunk: number };
  /** A message violates the protocol. */
  message_malformed: { what: string };
  /** A length, count or size from a peer exceeds the named maximum. */
  limit_exceeded: { what: string; maximum: number };
  /** A name in the collection is invalid. */
  name_refused: { name: string; fault: NameFault };
  /** The user, or the program in the user's place, declined the offer. */
  declined: Record<never, never>;
  /** Several files were offered for a destination of one (standard output). */
  not_one_file: { files: number };
  /** Another process receives the same content into this place. */
  destination_busy: { path: string };
  /** The volume is full. */
  disk_full: { path: string };
  /** The volume is read-only. */
  disk_read_only: { path: string };
  /** The system denies access to a path. */
  disk_denied: { path: string };
  /** A rename or hard link would cross to another volume. */
  disk_other_volume: { path: string };
  /** A file exceeds the maximum of the volume or of this process. */
  disk_file_too_large: { path: string };
  /** The same, where the limit is known to be that of the process (RLIMIT_FSIZE). */
  disk_file_limit: { path: string };
  /** The volume does not support a file or folder of this name. */
  disk_name_invalid: { path: string };
  /** The device was removed, or the server of a network volume does not respond. */
  disk_gone: { path: string };
  /** Another program has locked the file. */
  disk_in_use: { path: string };
  /** The limit of open files of the process or the system is reached. */
  too_many_open_files: { path: string };
  /** A path leads to a name that is not UTF-8. */
  path_not_unicode: { path: string };
  /** Any other error of the disk; the cause has the system's text. */
  disk_failed: { path: string };
  /** Another program has changed or replaced what a download wrote. */
  destination_changed: { path: string };
  /** A download's folder is not a folder. */
  destination_not_folder: { path: string };
  /** A download's folder was removed or moved during the download. */
  destination_gone: { path: string };
  /** Cancelled by an AbortSignal. */
  cancelled: Record<never, never>;
  /** A defect of pli. */
  internal: { what: string };
}

/** The code of an error of the engine. */
export type ErrorCode = keyof ErrorParameters;

/** An error of the engine: `code` is its kind, `parameters` its subject, `cause` its reason. */
export class PliError<C extends ErrorCode = ErrorCode> extends Error {
  /** The name of the family, the same for every code. */
  override readonly name = "PliError";

  /**
   * Creates an error of the family.
   *
   * @param code its kind
   * @param parameters its subject, depending on the code
   * @param options the cause, if another error led to it
   */
  constructor(readonly code: C, readonly parameters: ErrorParameters[C], options?: { cause?: unknown }) {
    super(`${code} ${JSON.stringify(parameters)}`, options);
  }
}

/** Narrows an unknown error to a PliError, of one code if that is given. */
export function isPliError<C extends ErrorCode = ErrorCode>(error: unknown, code?: C): error is PliError<C> {
  return error instanceof PliError && (code === undefined || error.code === code);
}
