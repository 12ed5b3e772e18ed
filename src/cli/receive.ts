// `pli receive`: brings what a ticket names into a folder, or one file's bytes to standard output.

import { join, resolve } from "node:path";
import { beginDownload } from "../app/downloads.ts";
import { Home } from "../app/home.ts";
import { givenSecretKey } from "../app/secret_key.ts";
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
  const home = await Home.open(world.environment);
  const folder = given.folder === null ? null : resolve(given.folder);
  using download = await beginDownload(home, { ticket, folder }, givenKey);
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
        await download.accepted();
      }
      return isAccepted;
    },
    secretKey: download.secretKey,
    ...network,
    onEvent: story.onEvent,
    signal,
  });
  await download.finished();
  story.ended(fetched);
  if (given.quiet || given.folder === null) return;
  const top = new Set(fetched.names.map((name) => name.split("/")[0]));
  for (const name of top) output.result(join(given.folder, name));
}

function destinationOf({ folder, existing }: ReceiveArguments, { output }: Session): Destination {
  if (folder === null) return { kind: "bytes", write: (bytes) => output.data(bytes) };
  return { kind: "folder", folder: resolve(folder), existing };
}
