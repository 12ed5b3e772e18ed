// pli at a terminal of its own, by `script`: what it draws is kept byte for byte.

import type { Bench, Running } from "./processes.ts";
import { pliCommand } from "./program.ts";

/** Starts pli at a terminal. `typed` is what its user types; `home` is a folder's name. */
export function atTerminal(bench: Bench, home: string, args: readonly string[], typed = ""): Running {
  const words = [...pliCommand, ...args].map(quoted).join(" ");
  // The terminal is wide, so that no name is shortened by it; NO_COLOR empty is as good as not given.
  const command = `stty cols 4000; exec ${words}`;
  const env = { PLI_HOME: bench.path(home), NO_COLOR: "", TERM: "xterm-256color", SHELL: "/bin/sh" };
  const stdin = new TextEncoder().encode(typed);
  return bench.run("script", ["-qefc", command, bench.path(`${home}.typescript`)], { env, stdin });
}

/** What was drawn at the terminal of `home`. */
export async function drawn(bench: Bench, home: string): Promise<string> {
  const text = await Deno.readTextFile(bench.path(`${home}.typescript`));
  // The first and the last line are script's own.
  return text.replace(/^Script started.*\n/, "").replace(/\nScript done.*\n$/, "");
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
