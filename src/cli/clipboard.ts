// The clipboard, through the tool that the system has for it, else through the terminal (OSC 52), which also
// works over SSH where the terminal allows it.

import type { Output } from "./output.ts";
import { runTool, type Tool } from "./run_tool.ts";
import type { World } from "./world.ts";

/** A tool that takes longer is not waited for: some stay, to serve what was copied. */
const TOOL_MS = 1_000;

/** The tools that may work here, the best first. */
export function clipboardTools(os: typeof Deno.build.os, environment: World["environment"]): Tool[] {
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

/** How a text came to the clipboard. A terminal that is asked may ignore it, and does not tell. */
export type Copied = "by_tool" | "by_terminal";

/** Puts text on the clipboard; null when there is no way to. */
export async function copyToClipboard(
  text: string,
  { terminal, environment }: World,
  output: Output,
): Promise<Copied | null> {
  for (const tool of clipboardTools(Deno.build.os, environment)) {
    if (await runTool(tool, TOOL_MS, text)) return "by_tool";
  }
  if (!terminal.error.isTerminal) return null;
  output.raw(`\x1b]52;c;${new TextEncoder().encode(text).toBase64()}\x07`);
  return "by_terminal";
}
