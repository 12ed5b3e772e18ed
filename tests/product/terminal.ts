// pli at a pseudoterminal of `script`, whose output is kept byte for byte.

import { setTimeout as delay } from "node:timers/promises";
import type { Bench, Running } from "./processes.ts";
import { without } from "../left_out.ts";
import { pliCommand } from "./program.ts";

const POLL_MS = 50;

/** The reason for ignoring tests at a terminal; null if they can run. */
export const NO_TERMINAL = Deno.build.os === "linux"
  ? without("script", "stty")
  : "script is another one here";

/** The input at a terminal. */
export interface Typed {
  /** Typed at once, before any question. */
  early?: string;
  /** Typed when a question for consent was drawn. */
  answer?: string;
  /** The kind of the terminal. */
  term?: string;
}

/** Starts pli at a terminal; `home` is a folder's name. Without an answer the input ends. */
export function atTerminal(
  bench: Bench,
  home: string,
  args: readonly string[],
  { early = "", answer, term = "xterm-256color" }: Typed = {},
): Running {
  const words = [...pliCommand, ...args].map(quoted).join(" ");
  // The terminal is wide, so that no name is shortened. An empty NO_COLOR counts as not set.
  const command = `stty cols 4000; exec ${words}`;
  const env = { PLI_HOME: bench.path(home), NO_COLOR: "", TERM: term, SHELL: "/bin/sh" };
  const script = ["-qefc", command, bench.path(`${home}.typescript`)];
  const stdin = new TextEncoder().encode(early);
  if (answer === undefined) return bench.run("script", script, { env, stdin });
  const terminal = bench.run("script", script, { env, takesInput: true });
  // A program that has ended reads no answer.
  type(bench, home, terminal, early, answer).catch(() => {});
  return terminal;
}

async function type(bench: Bench, home: string, terminal: Running, early: string, answer: string) {
  const writer = terminal.process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(early));
  while (!/\[y\/N\] $/.test(await drawn(bench, home).catch(() => ""))) await delay(POLL_MS);
  await writer.write(new TextEncoder().encode(answer));
  await writer.close();
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
