// A wrapped ticket, pasted at a real terminal, from which another program reads after pli.

import { match, ok, strictEqual } from "node:assert";
import { needing } from "../left_out.ts";
import { Bench } from "./processes.ts";
import { pliCommand } from "./program.ts";
import { NO_TERMINAL } from "./terminal.ts";

const LOCAL = ["--relay", "disabled"];
/** The end of its own input as `script` types it: ^D, or NUL by the settings of a terminal that is not canonical. */
const ENDS_OF_INPUT = ["\x04", "\0"];

Deno.test(
  needing(
    "E.7 a wrapped ticket is received at a terminal, and the paste is consumed completely",
    NO_TERMINAL,
  ),
  async () => {
    await using bench = await Bench.make();
    await Deno.writeTextFile(bench.path("note"), "hello");
    const sender = bench.pli(["send", "--keep", "--ticket", "addresses", ...LOCAL, "note"]);
    const ticket = await sender.ticket();
    const wrapped = `Hi,\n> ${ticket.slice(0, 70)}\n> ${ticket.slice(70)}.\nrm -rf precious\n`;
    for (const [how, typed] of [["bracketed", `\x1b[200~${wrapped}\x1b[201~\r`], ["plain", wrapped]]) {
      const pli = [...pliCommand, "receive", "-o", `${how}/`, ...LOCAL].map((word) => `'${word}'`).join(" ");
      // A read from the terminal ends after a second without input.
      const command = `${pli} && stty -icanon min 0 time 10 && cat > ${how}.left`;
      const env = { PLI_HOME: bench.path(`${how}-home`), TERM: "xterm-256color", SHELL: "/bin/sh" };
      const stdin = new TextEncoder().encode(typed);
      const terminal = bench.run("script", ["-qefc", command, "/dev/null"], { env, stdin });
      strictEqual(await terminal.ended(), 0, terminal.output);
      match(terminal.output, /Received 1 file/);
      strictEqual(await Deno.readTextFile(bench.path(how, "note")), "hello");
      // The end may come after pli has ended, and is no part of the paste.
      const left = await Deno.readTextFile(bench.path(`${how}.left`));
      ok(left === "" || ENDS_OF_INPUT.includes(left), JSON.stringify(left));
    }
  },
);
