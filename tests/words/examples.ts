// One example of the parameters of every error of the engine and the app, complete by its type.

import type { AppErrorParameters } from "../../src/app/errors.ts";
import type { ErrorParameters } from "../../src/engine/mod.ts";

type Family = ErrorParameters & AppErrorParameters;

export const ERROR_EXAMPLES: { readonly [C in keyof Family]: Family[C] } = {
  ticket_malformed: { fault: "prefix" },
  ticket_unsupported: {},
  relay_url_invalid: { url: "ftp://a" },
  secret_invalid: {},
  binding_missing: { system: "linux x86_64" },
  binding_unknown: { binding: "fast" },
  bind_failed: { address: "0.0.0.0:1" },
  path_missing: { path: "a/b" },
  nothing_to_send: {},
  share_too_large: { files: 2_000_000 },
  source_changed: { name: "a.txt" },
  peer_unreachable: { id: "00".repeat(32) },
  connection_lost: {},
  stream_reset: { streamCode: 2 },
  peer_refused: {},
  source_lost: { name: "a.txt" },
  wrong_bytes: { hash: "00".repeat(32), chunk: 3 },
  message_malformed: { what: "collection" },
  limit_exceeded: { what: "names", maximum: 10 },
  name_refused: { name: "../a", fault: "dot_part" },
  declined: {},
  not_one_file: { files: 2 },
  destination_busy: { path: "a" },
  disk_full: { path: "a" },
  disk_read_only: { path: "a" },
  disk_denied: { path: "a" },
  disk_failed: { path: "a" },
  destination_not_folder: { path: "a" },
  cancelled: {},
  internal: { what: "a" },
  home_unknown: {},
  home_denied: { path: "a" },
  home_full: { path: "a" },
  home_unusable: { path: "a" },
};
