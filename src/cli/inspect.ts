// `pli inspect`: what a ticket says by itself and, with --remote, what its sender says that it would bring.

import { givenSecretKey, newSecretKey } from "../app/secret_key.ts";
import type { Ticket } from "../engine/mod.ts";
import type { InspectArguments } from "./arguments.ts";
import { offerLines } from "./decision.ts";
import { jsonEvents } from "./json_events.ts";
import { networkOptions, patienceOf } from "./network.ts";
import { ProgressView } from "./progress_view.ts";
import type { Session } from "./run.ts";
import { givenTicket } from "./ticket_source.ts";
import type { Words } from "./words.ts";

/** What is asked for takes one answer: a connection that is lost meanwhile is not tried for ever. */
const LATER_MS = 30_000;

/** Runs the command. */
export async function inspect(given: InspectArguments, session: Session): Promise<void> {
  const { world, output, signal } = session;
  const network = networkOptions(given);
  const { text, ticket } = await givenTicket(given.ticketText, session);
  const { endpointId, hash, ...rest } = ticket;
  output.json({ type: "inspection", ticket: text, id: endpointId.toHex(), hash: hash.toHex(), ...rest });
  ticketLines(ticket, output.words).forEach((line) => output.result(line));
  if (!given.remote) return;
  const json = jsonEvents(output);
  using view = new ProgressView(output);
  const engine = await world.engine();
  const offer = await engine.inspect({
    ticket: text,
    secretKey: givenSecretKey(world.environment) ?? newSecretKey(),
    ...network,
    patience: { laterMs: LATER_MS, ...patienceOf(given) },
    onEvent: (event) => {
      json(event);
      if (event.type === "waiting") view.waitFor(event.reason);
    },
    signal,
  });
  output.json({ type: "manifest", files: [...offer.files], bytes: offer.bytes });
  offerLines(offer, output.words, Infinity).forEach((line) => output.result(line));
}

function ticketLines({ endpointId, relayUrl, addresses, format, hash }: Ticket, words: Words): string[] {
  const isLookedUp = relayUrl === null && addresses.length === 0;
  const rows = [
    [words.say("ticketKind"), words.say(format === "raw" ? "bareData" : "namedFiles")],
    [words.say("ticketEndpoint"), endpointId.toHex()],
    [words.say("ticketRelay"), relayUrl ?? words.say(isLookedUp ? "lookedUp" : "noRelayNamed")],
    [words.say("ticketAddresses"), addresses.join(", ") || words.say("noAddresses")],
    [words.say("ticketHash"), hash.toHex()],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`);
}
