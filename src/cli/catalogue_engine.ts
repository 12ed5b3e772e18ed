// The engine's errors in words.

import type { ErrorParameters } from "../engine/mod.ts";
import type { Rows } from "./catalogue_row.ts";
import { EXIT } from "./exit_codes.ts";
import { NAME_FAULTS, TICKET_FAULTS } from "./fault_words.ts";
import { countInWords, sizeInWords } from "./words.ts";

const ASK_SENDER = "Nothing of it was used. Ask the sender to send it again.";

/** How to go on with a download of which so much is here; nothing where nothing is. */
function goOn(keptBytes: number): string | null {
  if (keptBytes === 0) return null;
  return `Run pli resume, or the same command again, to go on; ${sizeInWords(keptBytes)} are kept.`;
}

function tryAgain(keptBytes: number): string {
  const check = "Check that the sender is still running and online";
  return keptBytes === 0 ? `${check}, then try again; --wait waits for it.` : `${check}. ${goOn(keptBytes)}`;
}

export const ENGINE_CATALOGUE: Rows<ErrorParameters> = {
  ticket_malformed: {
    exit: EXIT.usage,
    message: ({ fault }) => `this is not a ticket that can be read: ${TICKET_FAULTS[fault]}`,
    advice: () => "Copy the whole ticket again; it begins with blob and has no spaces.",
  },
  ticket_unsupported: {
    exit: EXIT.usage,
    message: () => "this ticket names bare data without file names, which pli does not receive",
    advice: () => "Ask for a ticket made by pli send or sendme send.",
  },
  relay_url_invalid: {
    exit: EXIT.usage,
    message: ({ url }) => `${url} is not the URL of a relay`,
    advice: () => "Give --relay a URL that begins with https:// or http://, or default, or disabled.",
  },
  secret_invalid: {
    exit: EXIT.usage,
    message: () => "IROH_SECRET does not hold a secret key",
    advice: () => "It has to be 32 bytes, as 64 hex digits or in base32. Without it pli makes its own keys.",
  },
  binding_missing: {
    exit: EXIT.failed,
    message: ({ system }) => `pli's network part cannot be loaded on this system (${system})`,
    advice: () =>
      "Install pli again. If that does not help, this system may not be supported yet; -v says more.",
  },
  binding_unknown: {
    exit: EXIT.usage,
    message: ({ binding }) => `PLI_BINDING is ${binding}, which is no network binding of pli's`,
    advice: () => "Set it to stock or native, or leave it out: pli then takes the best one that is there.",
  },
  bind_failed: {
    exit: EXIT.failed,
    message: ({ address }) => `cannot use the network address ${address}`,
    advice: () => "Another program may be using it. Choose another one with --bind, or leave --bind out.",
  },
  path_missing: {
    exit: EXIT.failed,
    message: ({ path }) => `there is no file or folder ${path}`,
    advice: () => "Check the spelling, and in which folder you are.",
  },
  nothing_to_send: {
    exit: EXIT.failed,
    message: () => "there is nothing here that can be sent",
    advice: () => "Only regular files are sent: not links, not devices, and nothing that --exclude matches.",
  },
  share_too_large: {
    exit: EXIT.failed,
    message: ({ files }) => `${files} files with such names are more than one ticket can have`,
    advice: () => "Send them in several parts, or pack them into an archive first.",
  },
  source_changed: {
    exit: EXIT.corrupt,
    message: ({ name }) => `${name} was changed after its ticket was made`,
    advice: () => "No wrong byte was sent. Send it again, and leave the file alone until it is delivered.",
  },
  peer_unreachable: {
    exit: EXIT.unreachable,
    message: ({ id }) => `the sender (${id.slice(0, 10)}) could not be reached`,
    advice: (_, keptBytes) => tryAgain(keptBytes),
  },
  connection_lost: {
    exit: EXIT.unreachable,
    message: () => "the connection was lost before everything had arrived",
    advice: (_, keptBytes) => tryAgain(keptBytes),
  },
  stream_reset: {
    exit: EXIT.unreachable,
    message: ({ streamCode }) => `the other side broke off (code ${streamCode})`,
    advice: (_, keptBytes) => tryAgain(keptBytes),
  },
  peer_refused: {
    exit: EXIT.refused,
    message: () => "the sender does not offer this any more, or gives it to somebody else",
    advice: () => "A ticket is good for one receiver, once. Ask the sender for a new one.",
  },
  source_lost: {
    exit: EXIT.corrupt,
    message: ({ name }) =>
      `the sender cannot go on with ${name ?? "one of the files"}: it is gone there, or was changed`,
    advice: () => ASK_SENDER,
  },
  wrong_bytes: {
    exit: EXIT.corrupt,
    message: ({ hash, chunk }) => `the sender gave wrong bytes (chunk ${chunk} of ${hash.slice(0, 10)})`,
    advice: () => ASK_SENDER,
  },
  message_malformed: {
    exit: EXIT.corrupt,
    message: ({ what }) => `the other side sent a message that makes no sense (${what})`,
    advice: () => "Check that it runs pli, sendme or another program that speaks the iroh-blobs protocol.",
  },
  limit_exceeded: {
    exit: EXIT.corrupt,
    message: ({ what, maximum }) =>
      `the other side sent more than pli accepts: ${what} is limited to ${maximum}`,
    advice: () => "Ask the sender to send less at a time.",
  },
  name_refused: {
    exit: EXIT.corrupt,
    message: ({ name, fault }) => `the name ${name} is refused: ${NAME_FAULTS[fault]}`,
    advice: () => "Nothing was written. A ticket with such a name may be an attack: ask who sent it.",
  },
  declined: {
    exit: EXIT.failed,
    message: () => "not received, as you chose",
    advice: () => "Nothing was written.",
  },
  not_one_file: {
    exit: EXIT.usage,
    message: ({ files }) => `standard output takes one file, and this is ${countInWords(files, "file")}`,
    advice: () => "Choose one with --only, or receive into a folder with -o DIR.",
  },
  destination_busy: {
    exit: EXIT.failed,
    message: ({ path }) => `another pli is receiving this into ${path} already`,
    advice: () => "Wait for it to finish, or choose another folder with -o DIR.",
  },
  disk_full: {
    exit: EXIT.disk,
    message: ({ path }) => `the disk is full: ${path} could not be written`,
    advice: (_, keptBytes) =>
      keptBytes === 0
        ? "Make room and try again, or choose another disk with -o DIR."
        : `Make room. ${goOn(keptBytes)}`,
  },
  disk_read_only: {
    exit: EXIT.disk,
    message: ({ path }) => `${path} is on a disk that cannot be written to`,
    advice: () => "Choose another folder with -o DIR.",
  },
  disk_denied: {
    exit: EXIT.disk,
    message: ({ path }) => `the system does not let pli use ${path}`,
    advice: () => "Check who may read and write it, or choose another place.",
  },
  disk_failed: {
    exit: EXIT.disk,
    message: ({ path }) => `the disk failed at ${path}`,
    advice: () => "Try again with -v to see what the system says.",
  },
  destination_not_folder: {
    exit: EXIT.disk,
    message: ({ path }) => `${path} is not a folder`,
    advice: () => "Choose a folder with -o DIR.",
  },
  cancelled: {
    exit: EXIT.interrupted,
    message: () => "stopped",
    advice: (_, keptBytes) => goOn(keptBytes) ?? "Run the same command again to go on.",
  },
  internal: {
    exit: EXIT.failed,
    message: ({ what }) => `pli made a mistake (${what})`,
    advice: () => "This should not happen. Please report it, with what -v prints.",
  },
};
