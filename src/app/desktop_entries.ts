// What `pli integrate` registers, as data: desktop entries and a script of file managers on Linux, keys of the registry
// on Windows. Pure. A link and a file name are arguments of a program of their own, and never part of a shell's text.

import { join } from "node:path";

/** The names that the user sees. */
export interface EntryWords {
  /** In menus. */
  sendWith: string;
  /** In a terminal, before it closes after an error. */
  pressEnter: string;
}

/** A file to write. */
export interface EntryFile {
  path: string;
  text: string;
  mode: number;
}

/** A key of the registry with its values, `""` being its default value, and with its inner keys. */
export interface RegistryKey {
  key: string;
  values: readonly (readonly [key: string, name: string, text: string])[];
}

/** Written into the first line of each file, for people. */
const ORIGIN = "# Written by pli integrate; pli integrate --undo removes it.";
/** Runs a command, and keeps its terminal open after an error. The first argument is the text that is then shown. */
const RUN = `end=$1; shift; DENO_NO_UPDATE_CHECK=1 "$@" || { printf '\\n%s ' "$end"; read -r end; }`;

/** Makes the arguments absolute. gio would take "a:b" for an address and "-x" for an option. */
const ABSOLUTE = `for f do
  case $f in /*) ;; *) f=$PWD/$f ;; esac
  set -- "$@" "$f"
  shift
done`;

/**
 * The files for a desktop of freedesktop.org in a data folder. `command` starts pli; `scripts` is the folder of
 * Nautilus for scripts, if there is one.
 */
export function entryFiles(
  data: string,
  command: readonly string[],
  words: EntryWords,
  scripts: string | null,
): EntryFile[] {
  const applications = join(data, "applications");
  const run = (...more: string[]) =>
    execLine(["/bin/sh", "-c", RUN, "sh", words.pressEnter, ...command, ...more]);
  const send = join(applications, "pli-send.desktop");
  const files = [
    {
      path: join(applications, "pli.desktop"),
      text: entry("pli", `${run("ui", "--")} %u`, ["MimeType=x-scheme-handler/pli;"]),
      mode: 0o644,
    },
    // Without types: it is in the list of all programs, and opens no file by itself.
    { path: send, text: entry(words.sendWith, `${run("send", "--")} %F`, []), mode: 0o644 },
  ];
  if (scripts === null) return files;
  const script = `#!/bin/sh\n${ORIGIN}\n${ABSOLUTE}\nexec gio launch ${shellQuoted(send)} "$@"\n`;
  return [...files, { path: join(scripts, words.sendWith), text: script, mode: 0o755 }];
}

function entry(name: string, exec: string, more: readonly string[]): string {
  const lines = [
    ORIGIN,
    "[Desktop Entry]",
    "Type=Application",
    `Name=${escaped(name)}`,
    `Exec=${exec}`,
    "Terminal=true",
    "Icon=document-send",
    "Categories=Network;FileTransfer;",
    ...more,
  ];
  return `${lines.join("\n")}\n`;
}

/** The value of Exec for a command line without field codes. */
export function execLine(command: readonly string[]): string {
  return command.map((word) => {
    // A quoted argument, in which these characters have a backslash; then the escapes of every value.
    const quoted = `"${word.replaceAll(/["`$\\]/g, "\\$&")}"`;
    return escaped(quoted).replaceAll("%", "%%");
  }).join(" ");
}

/** The escapes of a value in a desktop entry. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll(
    "\t",
    "\\t",
  );
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

const CLASSES = "HKCU\\Software\\Classes";

/** The keys of the registry for links and for the context menus of files and folders. */
export function registryKeys(command: readonly string[], words: EntryWords): RegistryKey[] {
  const run = (...more: string[]) =>
    [...[...command, ...more].map(windowsQuoted), windowsQuoted("%1")].join(" ");
  const menu = (key: string): RegistryKey => ({
    key,
    values: [[key, "", words.sendWith], [`${key}\\command`, "", run("send", "--")]],
  });
  const link = `${CLASSES}\\pli`;
  return [
    {
      key: link,
      values: [
        [link, "", "URL:pli"],
        [link, "URL Protocol", ""],
        [`${link}\\shell\\open\\command`, "", run("ui", "--")],
      ],
    },
    menu(`${CLASSES}\\*\\shell\\pli`),
    menu(`${CLASSES}\\Directory\\shell\\pli`),
  ];
}

/** A path of Windows has no quote, and a quoted word that ends in a backslash would quote the quote. */
function windowsQuoted(word: string): string {
  return `"${word.replace(/\\+$/, "$&$&")}"`;
}
