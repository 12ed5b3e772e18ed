// `pli receive`: brings what a ticket names into a folder, or one file's bytes to standard output.

import { join, resolve } from "node:path";
import { beginDownload, type OpenDownload } from "../app/downloads.ts";
import { Home } from "../app/home.ts";
import { givenSecretKey, newSecretKey } from "../app/secret_key.ts";
import type { Destination } from "../engine/mod.ts";
import type { ReceiveArguments } from "./arguments.ts";
import { decideOn } from "./decision.ts";
import { globMatcher } from "./globs.ts";
import { networkOptions } from "./network.ts";
import { ReceiveStory } from "./receive_story.ts";
import type { Session } from "./run.ts";
import { givenTicket } from "./ticket_source.ts";

/** Runs the command. Resolves when everything is there, verified. */
export async function receive(given: ReceiveArguments, session: Session): Promise<void> {
  const { world, output, signal } = session;
  const network = networkOptions(given);
  const givenKey = givenSecretKey(world.environment);
  const { text: ticket } = await givenTicket(given.ticketText, session);
  using download = await openDownload(given, ticket, givenKey, session);
  const story = new ReceiveStory(output, given);
  const engine = await world.engine();
  const fetched = await engine.fetch({
    ticket,
    destination: destinationOf(given, session),
    ...(given.only.length > 0 && { only: globMatcher(given.only) }),
    decide: async (offer) => {
      const isAccepted = await decideOn(offer, given, session);
      if (isAccepted) {
        story.accepted(offer);
        await download?.accepted();
      }
      return isAccepted;
    },
    secretKey: download?.secretKey ?? givenKey ?? newSecretKey(),
    ...network,
    onEvent: story.onEvent,
    signal,
  });
  await download?.finished();
  story.ended(fetched);
  if (given.quiet || given.folder === null) return;
  const top = new Set(fetched.names.map((name) => name.split("/")[0]));
  for (const name of top) output.result(join(given.folder, name));
}

/** What is received to standard output cannot go on later: nothing is remembered of it. */
async function openDownload(
  { folder }: ReceiveArguments,
  ticket: string,
  givenKey: Uint8Array | null,
  { world }: Session,
): Promise<OpenDownload | null> {
  if (folder === null) return null;
  const home = await Home.open(world.environment);
  return await beginDownload(home, { ticket, folder: resolve(folder) }, givenKey);
}

function destinationOf({ folder, existing }: ReceiveArguments, { output }: Session): Destination {
  if (folder === null) return { kind: "bytes", write: (bytes) => output.data(bytes) };
  return { kind: "folder", folder: resolve(folder), existing };
}
