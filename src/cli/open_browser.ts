// The user's browser and folders, opened by the system's own tools for them.

import { folderOf } from "../app/folders.ts";
import { runTool, type Tool } from "./run_tool.ts";
import type { World } from "./world.ts";

/** A tool that has not failed by then has handed the page over, or is the browser itself. */
const TOOL_MS = 3_000;

/** Whether there is a desktop here, on which a browser would be seen. */
export function hasDesktop(os: typeof Deno.build.os, environment: World["environment"]): boolean {
  if (environment("SSH_CONNECTION")) return false;
  if (os === "darwin" || os === "windows") return true;
  return ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].some((name) => environment(name));
}

/** The tools that may open a URL here, the best first. */
export function browserTools(
  os: typeof Deno.build.os,
  environment: World["environment"],
  url: string,
): Tool[] {
  if (os === "darwin") return [["open", url]];
  // `start` takes what is quoted first for a title.
  const start: Tool = ["cmd.exe", "/c", "start", "", url];
  if (os === "windows") return [start];
  return environment("WSL_DISTRO_NAME") ? [start, ["xdg-open", url]] : [["xdg-open", url]];
}

/** Opens a URL of ours. Resolves to whether a tool was there and did not say that it failed. */
export async function openBrowser(
  url: string,
  { environment }: Pick<World, "environment">,
): Promise<boolean> {
  for (const tool of browserTools(Deno.build.os, environment, url)) {
    if (await runTool(tool, TOOL_MS)) return true;
  }
  return false;
}

/**
 * Shows a folder, or the folder that a file is in: never the file itself, which came from somebody else. Does nothing
 * where there is no desktop.
 */
export async function openFolder(path: string): Promise<void> {
  const folder = await folderOf(path);
  if (folder === null) return;
  const tool = Deno.build.os === "darwin"
    ? "open"
    : Deno.build.os === "windows"
    ? "explorer.exe"
    : "xdg-open";
  await runTool([tool, folder], TOOL_MS);
}
