// pli at a pseudoterminal of `script`, whose output is kept byte for byte.

import type { Bench, Running } from "./processes.ts";
import { without } from "../left_out.ts";
import { pliCommand } from "./program.ts";

/** The reason for ignoring tests at a terminal; null if they can run. */
export const NO_TERMINAL = Deno.build.os === "linux"
  ? without("script", "stty")
  : "script is another one here";

/** Starts pli at a terminal. `typed` is the user's input; `home` is a folder's name. */
export function atTerminal(bench: Bench, home: string, args: readonly string[], typed = ""): Running {
  const words = [...pliCommand, ...args].map(quoted).join(" ");
  // The terminal is wide, so that no name is shortened. An empty NO_COLOR counts as not set.
  const command = `stty cols 4000; exec ${words}`;
  const env = { PLI_HOME: bench.path(home), NO_COLOR: "", TERM: "xterm-256color", SHELL: "/bin/sh" };
  const stdin = new TextEncoder().encode(typed);
  return bench.run("script", ["-qefc", command, bench.path(`${home}.typescript`)], { env, stdin });
}

/** The output at the terminal of `home`. */
export async function drawn(bench: Bench, home: string): Promise<string> {
  const text = await Deno.readTextFile(bench.path(`${home}.typescript`));
  // The first and the last line are script's own.
  return text.replace(/^Script started.*\n/, "").replace(/\nScript done.*\n$/, "");
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
