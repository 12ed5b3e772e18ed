// `pli receive`: brings what a ticket names into a folder, or one file's bytes to standard output.

import { join, resolve } from "node:path";
import { Home } from "../app/home.ts";
import { givenSecretKey } from "../app/secret_key.ts";
import type { Fetched } from "../engine/mod.ts";
import type { ReceiveArguments } from "./arguments.ts";
import { download } from "./download.ts";
import { limitOption } from "./limit.ts";
import { networkOptions } from "./network.ts";
import type { Output } from "./output.ts";
import type { Session } from "./run.ts";
import { givenTicket } from "./ticket_source.ts";

/** Runs the command. Resolves when everything is there, verified. */
export async function receive(given: ReceiveArguments, session: Session): Promise<void> {
  const { world, output } = session;
  // What is wrong with these is told before a ticket is asked for.
  networkOptions(given);
  limitOption(given);
  givenSecretKey(world.environment);
  const { text: ticket } = await givenTicket(given.ticketText, session);
  const home = await Home.open(world.environment);
  const { only, existing } = given;
  const folder = given.folder === null ? null : resolve(given.folder);
  const target = { ticket, folder, only, existing };
  const fetched = await download(target, given, session, { home, mustBeRemembered: false });
  if (!given.quiet && given.folder !== null) printNames(fetched, given.folder, output);
}

/** Prints what stands in the folder now, each name at its top, as the result. */
export function printNames({ names }: Fetched, folder: string, output: Output): void {
  const top = new Set(names.map((name) => name.split("/")[0]));
  for (const name of top) output.result(join(folder, name));
}
