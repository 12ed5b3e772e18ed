// Where a ticket comes from: the command line, PLI_TICKET, standard input, or the prompt. The last three
// exist because other users of a computer can read its command lines.

import { findTicket, formatTicket, parseTicket, type Ticket } from "../engine/mod.ts";
import { LineReader } from "./line_reader.ts";
import type { Session } from "./run.ts";
import { UsageError } from "./usage_error.ts";

export interface GivenTicket {
  /** As pli prints it, however it was written. */
  text: string;
  ticket: Ticket;
}

/** The ticket that a command is about. Throws `ticket_missing`, `ticket_malformed`. */
export async function givenTicket(argument: string | null, session: Session): Promise<GivenTicket> {
  const given = argument ?? (session.world.environment("PLI_TICKET") || null) ?? await typedTicket(session);
  const ticket = parseTicket(findTicket(given));
  return { text: formatTicket(ticket), ticket };
}

/**
 * The first line with a ticket in it: what another pli or sendme prints can be piped in whole. At a terminal
 * a line without one is asked for again.
 */
async function typedTicket({ world, output, signal }: Session): Promise<string> {
  using lines = new LineReader(world.terminal.input.readable);
  let other: string | undefined;
  for (;;) {
    if (output.canAsk) {
      output.ask(output.words.say(other === undefined ? "askTicket" : "askTicketAgain"));
    }
    const line = await lines.line(signal);
    if (line === null) break;
    if (findTicket(line).startsWith("blob")) return line;
    if (line !== "") other = line;
  }
  if (other === undefined) throw new UsageError("ticket_missing", {});
  return other;
}
