// `pli send`: makes a ticket for paths or for standard input and serves it until it is delivered.

import { resolve } from "node:path";
import { openHashCache } from "../app/hash_cache.ts";
import { SentEntry } from "../app/history_entries.ts";
import { Home } from "../app/home.ts";
import { givenSecretKey } from "../app/secret_key.ts";
import { shareWithoutRecord, takeUpShare } from "../app/shares.ts";
import { Spool } from "../app/spool.ts";
import { titleOfPaths } from "../app/titles.ts";
import { PliError, type Share, type ShareEnd } from "../engine/mod.ts";
import type { SendArguments } from "./arguments.ts";
import { type Copied, copyToClipboard } from "./clipboard.ts";
import { globMatcher } from "./globs.ts";
import { note } from "./history.ts";
import { limitOption } from "./limit.ts";
import { networkOptions } from "./network.ts";
import { qrLines } from "./qr.ts";
import type { Session } from "./run.ts";
import { SendStory } from "./send_story.ts";
import type { Key } from "./words/catalogue.ts";

const COPIED = {
  by_tool: "copiedByTool",
  by_terminal: "copiedByTerminal",
} as const satisfies Record<Copied, Key>;

/** Runs the command. Resolves when the share has ended and everything is closed. */
export async function send(given: SendArguments, session: Session): Promise<void> {
  const { world, signal } = session;
  const network = networkOptions(given);
  const limit = limitOption(given);
  const givenKey = givenSecretKey(world.environment);
  const home = await Home.open(world.environment);
  await using spool = await spoolInput(given, home, session);
  const paths = given.source.kind === "paths"
    ? given.source.paths.map((path) => resolve(path))
    : [spool!.path];
  using identity = spool === null
    ? await takeUpShare(home, { paths, exclude: given.exclude }, givenKey, given.isNew)
    : shareWithoutRecord(givenKey);
  // What was spooled is never seen again.
  using hashes = given.cache && spool === null ? await openHashCache(home) : null;
  const story = new SendStory(session.output, given);
  const sent = new SentEntry({ title: titleOfPaths(paths), paths: spool === null ? paths : [] });
  let noted: Promise<void> | undefined;
  const engine = await world.engine(hashes ?? undefined);
  const share = await engine.share({
    paths,
    ticketKind: given.ticketKind,
    keep: given.keep,
    ...(given.exclude.length > 0 && { exclude: globMatcher(given.exclude) }),
    secretKey: identity.secretKey,
    relay: network.relay,
    bindAddress: network.bindAddress,
    earlierSockets: identity.sockets,
    ...(identity.earlierHolder !== null && { earlierHolder: identity.earlierHolder }),
    onEvent: (event) => {
      if (event.type === "claimed") identity.claimed(event);
      story.onEvent(event);
      const entry = sent.after(event, Date.now());
      if (entry !== null) noted = note(entry, home, session.output, given.verbose);
    },
    ...limit,
    signal,
  });
  try {
    await identity.ticketMade(share);
    await showTicket(share, given, story, session);
    story.ended(await endOf(share, story, signal));
    await identity.finished();
  } finally {
    await share.close();
    await identity.settled();
    await noted;
  }
}

async function spoolInput({ source }: SendArguments, home: Home, session: Session): Promise<Spool | null> {
  if (source.kind === "paths") return null;
  const { world, output, signal } = session;
  output.say(output.words.say(world.terminal.input.isTerminal ? "readingTypedInput" : "readingInput"));
  const spool = await Spool.create(home, source.name);
  try {
    await spool.fill(world.terminal.input.readable, signal);
  } catch (error) {
    await spool[Symbol.asyncDispose]();
    throw error;
  }
  return spool;
}

async function showTicket(
  share: Share,
  given: SendArguments,
  story: SendStory,
  session: Session,
): Promise<void> {
  const { world, output } = session;
  const command = `pli receive ${share.ticket}`;
  story.ticketMade(share, command);
  if (given.copy) {
    const copied = await copyToClipboard(command, world, output);
    output.say(output.words.say(copied === null ? "noClipboard" : COPIED[copied]));
  }
  if (given.qr) {
    const lines = qrLines(share.ticket, output.columns, output.isColored);
    if (lines === null) output.say(output.words.say("qrTooWide"), "warning");
    else output.raw(lines.join("\n") + "\n");
  }
  story.serving();
}

/** How the share ends: by a delivery, by a source that can no longer be delivered, or from outside. */
async function endOf(share: Share, story: SendStory, signal: AbortSignal): Promise<ShareEnd> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = () => reject(new PliError("cancelled", {}, { cause: signal.reason }));
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([share.ended, story.spoiled, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
