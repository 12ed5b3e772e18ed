// The user's desktop, through tools of the system: the clipboard, the browser, and folders. Without a tool for the
// clipboard the terminal is asked by OSC 52, which also works over SSH if the terminal permits it.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { folderOf, isThere } from "./folders.ts";
import type { Environment } from "./home.ts";

/** Maximum that is read of a tool's output. */
const MAXIMUM_TEXT_BYTES = 4_096;

export type Tool = readonly [command: string, ...args: string[]];

/**
 * Runs a tool, with a text on its standard input if there is one. Resolves to whether it exists and did not fail; one
 * that still runs after `limitMs` counts as successful.
 */
export async function runTool([command, ...args]: Tool, limitMs: number, text?: string): Promise<boolean> {
  try {
    const stdin = text === undefined ? "null" : "piped";
    const process = new Deno.Command(command, { args, stdin, stdout: "null", stderr: "null" }).spawn();
    if (text !== undefined) {
      const writer = process.stdin.getWriter();
      await writer.write(new TextEncoder().encode(text));
      await writer.close();
    }
    const { promise: late, resolve } = Promise.withResolvers<{ success: boolean }>();
    const timer = setTimeout(() => resolve({ success: true }), limitMs);
    const { success } = await Promise.race([process.status, late]);
    clearTimeout(timer);
    process.unref();
    return success;
  } catch {
    // Not installed, not permitted, or ended before it read: the next tool is tried.
    return false;
  }
}

/** The trimmed output of a tool; null if it does not exist, fails, or takes longer. */
export async function textFrom([command, ...args]: Tool, limitMs: number): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(limitMs);
    const tool = new Deno.Command(command, { args, stdin: "null", stdout: "piped", stderr: "null", signal });
    const { success, stdout } = await tool.output();
    return success ? new TextDecoder().decode(stdout.subarray(0, MAXIMUM_TEXT_BYTES)).trim() : null;
  } catch {
    // Not installed, or not permitted.
    return null;
  }
}

/** Timeout of a clipboard tool: some keep running, to serve what was copied. */
const CLIPBOARD_TOOL_MS = 1_000;

/** The tools that may work here, in order of preference. */
export function clipboardTools(os: typeof Deno.build.os, environment: Environment): Tool[] {
  if (os === "darwin") return [["pbcopy"]];
  if (os === "windows") return [["clip.exe"]];
  const tools: Tool[] = [];
  if (environment("WAYLAND_DISPLAY")) tools.push(["wl-copy"]);
  if (environment("DISPLAY")) {
    tools.push(["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]);
  }
  if (environment("WSL_DISTRO_NAME")) tools.push(["clip.exe"]);
  return tools;
}

/** How a text was copied. A terminal may ignore the sequence, and does not answer. */
export type Copied = "by_tool" | "by_terminal";

/**
 * Copies text to the clipboard; null if there is no way. `writeToTerminal` writes a control sequence to the terminal,
 * and is null where none understands them.
 */
export async function copyToClipboard(
  text: string,
  environment: Environment,
  writeToTerminal: ((sequence: string) => void) | null,
): Promise<Copied | null> {
  for (const tool of clipboardTools(Deno.build.os, environment)) {
    if (await runTool(tool, CLIPBOARD_TOOL_MS, text)) return "by_tool";
  }
  if (writeToTerminal === null) return null;
  writeToTerminal(`\x1b]52;c;${new TextEncoder().encode(text).toBase64()}\x07`);
  return "by_terminal";
}

/** A tool that runs longer has opened the page, or is the browser itself. */
const OPENING_TOOL_MS = 3_000;
/** Timeout of the query for the default browser. */
const ASK_MS = 1_000;

/** Whether there is a desktop on which a browser would be visible. */
export function hasDesktop(os: typeof Deno.build.os, environment: Environment): boolean {
  if (environment("SSH_CONNECTION")) return false;
  if (os === "darwin" || os === "windows") return true;
  return ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].some((name) => environment(name));
}

/** The tools that may open a URL here, in order of preference. */
export function browserTools(
  os: typeof Deno.build.os,
  environment: Environment,
  url: string,
): Tool[] {
  if (os === "darwin") return [["open", url]];
  // `start` takes its first quoted argument as a title.
  const start: Tool = ["cmd.exe", "/c", "start", "", url];
  if (os === "windows") return [start];
  return environment("WSL_DISTRO_NAME") ? [start, ["xdg-open", url]] : [["xdg-open", url]];
}

/** The URL of a file, with every character escaped that is special to a command processor. */
export function fileUrl(path: string): string {
  return pathToFileURL(path).href.replace(/[^\w/:.%~-]/g, (one) => {
    return `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  });
}

/** The desktop entry of a snap has the names of the snap and the application: `firefox_firefox.desktop`. */
const SNAP_ENTRY = /^[^_/]+_[^_/]+\.desktop$/;
const FLATPAK_ENTRIES = "flatpak/exports/share/applications";

/**
 * Whether the user's browser is known to be unable to read hidden and private folders: that of Windows, from WSL, and
 * one that is a snap or from Flatpak.
 */
export async function isBrowserConfined(environment: Environment): Promise<boolean> {
  if (environment("WSL_DISTRO_NAME")) return true;
  if (Deno.build.os !== "linux") return false;
  const chosen = environment("BROWSER");
  if (chosen) return /\/snap\/|flatpak/.test(chosen);
  const entry = await textFrom(["xdg-settings", "get", "default-web-browser"], ASK_MS);
  return entry !== null && /^[\w.-]+$/.test(entry) && await isEntryConfined(entry, environment);
}

/** Whether a desktop entry is that of a snap or of a Flatpak. */
export async function isEntryConfined(entry: string, environment: Environment): Promise<boolean> {
  const data = environment("XDG_DATA_HOME") || join(environment("HOME") || "/", ".local/share");
  const places = [join("/var/lib", FLATPAK_ENTRIES, entry), join(data, FLATPAK_ENTRIES, entry)];
  return SNAP_ENTRY.test(entry) || (await Promise.all(places.map(isThere))).includes(true);
}

/**
 * Opens a URL of pli without a secret, because every user can read a command line. Resolves to whether a tool exists
 * and did not fail.
 */
export async function openBrowser(url: string, environment: Environment): Promise<boolean> {
  for (const tool of browserTools(Deno.build.os, environment, url)) {
    if (await runTool(tool, OPENING_TOOL_MS)) return true;
  }
  return false;
}

/**
 * Shows a folder, or the folder of a file: never the file itself, which comes from another person. Does nothing
 * without a desktop.
 */
export async function openFolder(path: string): Promise<void> {
  const folder = await folderOf(path);
  if (folder === null) return;
  const tool = Deno.build.os === "darwin"
    ? "open"
    : Deno.build.os === "windows"
    ? "explorer.exe"
    : "xdg-open";
  await runTool([tool, folder], OPENING_TOOL_MS);
}
