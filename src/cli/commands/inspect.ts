// `pli inspect`: shows the content of a ticket and, with --remote, the offer of its sender.

import { givenSecretKey, newSecretKey } from "../../app/secret_key.ts";
import { ADDRESSES_MAXIMUM, formatTicket, type Ticket } from "../../engine/mod.ts";
import {
  type Arguments,
  BIND,
  LOG,
  NETWORK,
  type OptionTable,
  OUTPUT,
  ticketText,
  WAIT,
} from "../options.ts";
import { consentLines, offerLines } from "../report/download_report.ts";
import { jsonEvents } from "../report/output.ts";
import { ProgressDisplay } from "../report/progress.ts";
import { type CliContext, networkOptions, waitLimitsOf } from "../session.ts";
import { readTicket } from "../ticket_source.ts";
import type { Words } from "../words.ts";

/** The options of the command. */
export const OPTIONS = {
  ...WAIT,
  remote: {},
  ...NETWORK,
  ...BIND,
  ...LOG,
  ...OUTPUT,
} as const satisfies OptionTable;

type InspectArguments = ReturnType<typeof read>;

/** Reads the ticket. Throws UsageError. */
export function read(args: Arguments<typeof OPTIONS>, words: readonly string[]) {
  return { ...args, ticketText: ticketText(words) };
}

/** An inspection takes one answer, so a lost connection is not retried for ever. */
const LATER_MS = 30_000;

/** Runs the command. */
export async function run(args: InspectArguments, context: CliContext): Promise<void> {
  const { ports, output, signal } = context;
  const network = networkOptions(args);
  const ticket = await readTicket(args.ticketText, context);
  const { endpointId, hash, ...rest } = ticket;
  output.json({
    type: "inspection",
    ticket: formatTicket(ticket),
    id: endpointId.toHex(),
    hash: hash.toHex(),
    ...rest,
  });
  ticketLines(ticket, output.words).forEach((line) => output.result(line));
  if (!args.remote) return;
  const json = jsonEvents(output);
  using view = new ProgressDisplay(output);
  const engine = await ports.engine();
  const offer = await engine.inspect({
    ticket,
    secretKey: givenSecretKey(ports.environment) ?? newSecretKey(),
    ...network,
    waitLimits: { laterMs: LATER_MS, ...waitLimitsOf(args) },
    onEvent: (event) => {
      json(event);
      if (event.type === "waiting") view.waitFor(event.reason);
    },
    signal,
  });
  const { files, folders, bytes, hiddenFiles } = offer;
  output.json({ type: "manifest", files, bytes, folders, hiddenFiles });
  const lines = [...offerLines(offer, output.words, Infinity), ...consentLines(offer, output.words)];
  lines.forEach((line) => output.result(line));
}

function ticketLines({ endpointId, relayUrl, addresses, format, hash }: Ticket, words: Words): string[] {
  const isLookedUp = relayUrl === null && addresses.length === 0;
  const rows = [
    [words.say("ticketKind"), words.say(format === "raw" ? "bareData" : "namedFiles")],
    [words.say("ticketEndpoint"), endpointId.toHex()],
    [words.say("ticketRelay"), relayUrl ?? words.say(isLookedUp ? "lookedUp" : "noRelayNamed")],
    [words.say("ticketAddresses"), addressesInWords(addresses, words)],
    [words.say("ticketHash"), hash.toHex()],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`);
}

/** The addresses; of very many only those that could be tried, and their number. */
function addressesInWords(addresses: readonly string[], words: Words): string {
  if (addresses.length === 0) return words.say("noAddresses");
  if (addresses.length <= ADDRESSES_MAXIMUM) return addresses.join(", ");
  return words.say("manyAddresses", { count: addresses.length, tried: ADDRESSES_MAXIMUM });
}
