// The parameters of errors and events that are codes themselves, in words that complete a sentence.

import type { NameFault, SkipReason, TicketFault } from "../engine/mod.ts";

export const TICKET_FAULTS: Readonly<Record<TicketFault, string>> = {
  prefix: "it does not begin with blob",
  too_long: "it is too long",
  base32: "it has characters that no ticket has, or lacks some at the end",
  content: "it is damaged, or of a kind that pli does not know",
  relay_url: "its relay is not an http or https URL",
};

export const NAME_FAULTS: Readonly<Record<NameFault, string>> = {
  empty: "it is empty",
  absolute: "it does not stay in the destination folder",
  backslash: "it has a backslash",
  dot_part: "it has . or .. as a part",
  empty_part: "it has an empty part",
  nul: "it has a NUL character",
  not_unicode: "it is not valid Unicode",
  part_too_long: "a part of it is longer than 255 bytes",
  path_too_long: "it is longer than 4,096 bytes",
  duplicate: "it comes twice",
  file_and_folder: "it is a file and a folder at once",
};

export const SKIP_REASONS: Readonly<Record<SkipReason, string>> = {
  symlink: "a symbolic link",
  special_file: "not a regular file",
  unreadable: "cannot be read",
  name_not_portable: "a name that other systems cannot have",
  empty_folder: "an empty folder",
  unfinished_download: "a download that has not ended",
  excluded: "excluded",
  already_there: "already there",
  kept_existing: "kept what was there",
};
