// What the user has chosen once and for all, in one file of pli's home. What is missing there, or cannot be
// meant, is as it is for a new user.

import { isAbsolute, join } from "node:path";
import { LEAST_BYTES_PER_SECOND, normalizeRelayUrl, type RelayChoice } from "../engine/mod.ts";
import type { Environment, Home } from "./home.ts";
import { readPrivate, writePrivate } from "./private_files.ts";
import type { Look, Settings } from "./views.ts";

const FILE = "settings.json";
const LOOKS: readonly unknown[] = ["system", "light", "dark"] satisfies Look[];
const TICKET_KINDS: readonly unknown[] = [
  "relay",
  "id",
  "addresses",
  "all",
] satisfies Settings["ticketKind"][];
const NAME_MAXIMUM = 100;

/** The settings of somebody who has not chosen anything. */
export function initialSettings(environment: Environment, hostname: string): Settings {
  return {
    name: hostname,
    look: "system",
    language: null,
    downloadFolder: downloadFolder(environment),
    relay: "default",
    ticketKind: "relay",
    sendBytesPerSecond: null,
    receiveBytesPerSecond: null,
  };
}

/** What was chosen, over what `initial` is. Throws `home_*`. */
export async function readSettings(home: Home, initial: Settings): Promise<Settings> {
  const text = await readPrivate(join(home.path, FILE));
  if (text === null) return initial;
  try {
    return checkedSettings(JSON.parse(text), initial);
  } catch (error) {
    if (error instanceof SyntaxError) return initial;
    throw error;
  }
}

/** Keeps what was chosen. Throws `home_*`. */
export async function writeSettings(home: Home, settings: Settings): Promise<void> {
  await writePrivate(join(home.path, FILE), JSON.stringify(settings, null, 2) + "\n");
}

/** The fields of a value that can be meant; the others are those of `initial`. */
export function checkedSettings(value: unknown, initial: Settings): Settings {
  const given = (typeof value === "object" && value !== null ? value : {}) as Record<keyof Settings, unknown>;
  const { name, look, language, downloadFolder, relay, ticketKind } = given;
  const { sendBytesPerSecond, receiveBytesPerSecond } = given;
  return {
    name: typeof name === "string" && name.length <= NAME_MAXIMUM ? name : initial.name,
    look: LOOKS.includes(look) ? look as Look : initial.look,
    language: language === null || (typeof language === "string" && language.length <= 35)
      ? language
      : initial.language,
    downloadFolder: typeof downloadFolder === "string" && isAbsolute(downloadFolder)
      ? downloadFolder
      : initial.downloadFolder,
    relay: typeof relay === "string" && relayChoice(relay) !== null ? relay : initial.relay,
    ticketKind: TICKET_KINDS.includes(ticketKind) ? ticketKind as Settings["ticketKind"] : initial.ticketKind,
    sendBytesPerSecond: isLimit(sendBytesPerSecond) ? sendBytesPerSecond : initial.sendBytesPerSecond,
    receiveBytesPerSecond: isLimit(receiveBytesPerSecond)
      ? receiveBytesPerSecond
      : initial.receiveBytesPerSecond,
  };
}

/** Whether a value can be a limit on speed, or none (null). */
export function isLimit(value: unknown): value is number | null {
  return value === null || (Number.isSafeInteger(value) && (value as number) >= LEAST_BYTES_PER_SECOND);
}

/** Which relay a word or a URL means; null for none that there is. */
export function relayChoice(text: string): RelayChoice | null {
  if (text === "default" || text === "disabled") return text;
  const url = normalizeRelayUrl(text);
  return url === null ? null : { url };
}

/** Where browsers put downloads too; the home folder itself when that is unknown. */
function downloadFolder(environment: Environment): string {
  const home = environment("HOME") || environment("USERPROFILE");
  return environment("XDG_DOWNLOAD_DIR") || (home ? join(home, "Downloads") : Deno.cwd());
}
