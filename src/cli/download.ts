// One download for `receive` and `resume`: what is remembered of it, the question whether it may come, the
// fetching, and what is told of that.

import { beginDownload, type DownloadTarget } from "../app/downloads.ts";
import { receivedEntry } from "../app/history_entries.ts";
import type { Home } from "../app/home.ts";
import { givenSecretKey } from "../app/secret_key.ts";
import { titleOf } from "../app/titles.ts";
import { type Destination, type Fetched, PliError } from "../engine/mod.ts";
import type { CommonArguments, LimitArguments, PatienceArguments, ReceiveArguments } from "./arguments.ts";
import { decideOn } from "./decision.ts";
import { globMatcher } from "./globs.ts";
import { note } from "./history.ts";
import { limitOption } from "./limit.ts";
import { networkOptions, patienceOf } from "./network.ts";
import type { Output } from "./output.ts";
import { ReceiveStory } from "./receive_story.ts";
import type { Session } from "./run.ts";

/** How a download is to run: none of it changes what is brought. */
export type DownloadManner =
  & CommonArguments
  & PatienceArguments
  & LimitArguments
  & Pick<ReceiveArguments, "preview" | "yes">;

/**
 * Brings what a ticket names, and goes on with what an earlier run has left. With `mustBeRemembered`,
 * `destination_busy` is thrown when another process works with the ticket; else this is a receiver of its own.
 */
export async function download(
  target: DownloadTarget,
  manner: DownloadManner,
  session: Session,
  { home, mustBeRemembered }: { home: Home; mustBeRemembered: boolean },
): Promise<Fetched> {
  const { world, output, signal, kept } = session;
  using open = await beginDownload(home, target, givenSecretKey(world.environment));
  if (mustBeRemembered && !open.isRemembered) {
    throw new PliError("destination_busy", { path: target.folder ?? "" });
  }
  using story = new ReceiveStory(output, manner);
  const engine = await world.engine();
  let title: string | null = null;
  try {
    const fetched = await engine.fetch({
      ticket: target.ticket,
      destination: destinationOf(target, output),
      ...(target.only.length > 0 && { only: globMatcher(target.only) }),
      decide: async (offer) => {
        const yes = manner.yes || (!manner.preview && await open.hasConsent(offer));
        const isAccepted = await decideOn(offer, { ...manner, only: target.only, yes }, session);
        if (isAccepted) {
          story.accepted(offer);
          title = titleOf(offer.files.map(({ name }) => name));
          await open.accepted(offer);
        }
        return isAccepted;
      },
      secretKey: open.secretKey,
      ...networkOptions(manner),
      patience: patienceOf(manner),
      ...limitOption(manner),
      onEvent: (event) => {
        if (event.type === "progress") open.arrived(event.bytes);
        story.onEvent(event);
      },
      signal,
    });
    await open.finished();
    kept.bytes = 0;
    story.ended(fetched);
    const entry = receivedEntry({ title, folder: target.folder }, fetched, Date.now());
    await note(entry, home, output, manner.verbose);
    return fetched;
  } catch (error) {
    kept.bytes = open.receivedBytes;
    // That it cannot be noted how far it came is nothing beside what has ended it.
    await open.interrupted().catch(() => {});
    throw error;
  }
}

function destinationOf({ folder, existing }: DownloadTarget, output: Output): Destination {
  if (folder === null) return { kind: "bytes", write: (bytes) => output.data(bytes) };
  return { kind: "folder", folder, existing };
}
