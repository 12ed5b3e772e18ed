// The user's settings, in one file of PLI_HOME. A missing or invalid value is the initial one.

import { isAbsolute, join } from "node:path";
import * as v from "valibot";
import { LEAST_BYTES_PER_SECOND, normalizeRelayUrl, type RelayChoice, TICKET_KINDS } from "../engine/mod.ts";
import type { Environment, Home } from "./home.ts";
import { changePrivate, readJson } from "./private_files.ts";
import { ABSOLUTE } from "./stored.ts";
import { type Settings, THEMES } from "./views.ts";

const FILE = "settings.json";
const NAME_MAXIMUM = 100;
const LANGUAGE_MAXIMUM = 35;

const LIMIT = v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(LEAST_BYTES_PER_SECOND)));

/** The schema of each setting. */
export const SETTING = {
  name: v.pipe(v.string(), v.maxLength(NAME_MAXIMUM)),
  theme: v.picklist(THEMES),
  language: v.nullable(v.pipe(v.string(), v.check(isLanguageTag, "a language tag"))),
  downloadFolder: ABSOLUTE,
  relay: v.pipe(v.string(), v.check((text) => relayChoice(text) !== null, "a relay")),
  ticketKind: v.picklist(TICKET_KINDS),
  previewNames: v.boolean(),
  sendBytesPerSecond: LIMIT,
  receiveBytesPerSecond: LIMIT,
} satisfies { [Name in keyof Settings]: v.GenericSchema<Settings[Name]> };
/** Names in files of earlier versions. */
const FORMER_NAMES: Readonly<Partial<Record<keyof Settings, string>>> = { theme: "look" };
const NAMES = Object.keys(SETTING) as (keyof Settings)[];

/** The settings before the user has chosen any. */
export function initialSettings(environment: Environment, hostname: string): Settings {
  return {
    name: hostname,
    theme: "system",
    language: null,
    downloadFolder: downloadFolder(environment),
    relay: "default",
    ticketKind: "auto",
    previewNames: false,
    sendBytesPerSecond: null,
    receiveBytesPerSecond: null,
  };
}

/** The stored settings, over the `initial` ones. Names with invalid values are reported. Throws `home_*`. */
export async function readSettings(home: Home, initial: Settings): Promise<Settings> {
  const path = join(home.path, FILE);
  const value = await readJson(path, home.notify);
  if (value === null) return initial;
  const isObject = typeof value === "object" && !Array.isArray(value);
  const stored: Record<string, unknown> = isObject ? { ...value } : {};
  for (const [name, former] of Object.entries(FORMER_NAMES)) {
    if (Object.hasOwn(stored, former)) stored[name] ??= stored[former];
  }
  const presentNames = NAMES.filter((name) => Object.hasOwn(stored, name));
  const usable = presentNames.filter((name) => v.is(SETTING[name], stored[name]));
  const unusable = isObject ? presentNames.filter((name) => !usable.includes(name)) : NAMES;
  if (unusable.length > 0) {
    home.notify({ code: "settings_invalid", parameters: { path, names: unusable.join(", ") } });
  }
  return { ...initial, ...Object.fromEntries(usable.map((name) => [name, stored[name]])) };
}

/** Stores settings after those that are being stored, and keeps those of a newer pli in the file. Throws `home_*`. */
export async function writeSettings(home: Home, settings: Settings): Promise<void> {
  await changePrivate(join(home.path, FILE), (kept) => {
    const others = typeof kept === "object" && !Array.isArray(kept) ? kept : {};
    return JSON.stringify({ ...others, ...settings }, null, 2) + "\n";
  }, home.notify);
}

/** Whether a text has the form of a language tag (RFC 5646), such as `pt-BR`. */
function isLanguageTag(text: string): boolean {
  return text.length <= LANGUAGE_MAXIMUM && /^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i.test(text);
}

/** The relay for a word or a URL; null if it is invalid. */
export function relayChoice(text: string): RelayChoice | null {
  if (text === "default" || text === "disabled") return text;
  const url = normalizeRelayUrl(text);
  return url === null ? null : { url };
}

/** The folder in which browsers store downloads; the home folder if it is unknown. */
function downloadFolder(environment: Environment): string {
  const [chosen, home, profile] = ["XDG_DOWNLOAD_DIR", "HOME", "USERPROFILE"].map((name) => {
    const folder = environment(name);
    return folder !== undefined && isAbsolute(folder) ? folder : null;
  });
  const above = home ?? profile;
  return chosen ?? (above === null ? Deno.cwd() : join(above, "Downloads"));
}
