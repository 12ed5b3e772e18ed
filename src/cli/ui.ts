// `pli ui`, and `pli` alone: serves the page and opens it in the browser, or opens the one that another pli of
// this user serves already.

import { resolve } from "node:path";
import { listDownloads } from "../app/downloads.ts";
import { Home } from "../app/home.ts";
import { PassingHome } from "../app/passing_home.ts";
import { initialSettings, readSettings } from "../app/settings.ts";
import type { FolderListing } from "../app/views.ts";
import { PliError } from "../engine/mod.ts";
import type { CommonArguments } from "./arguments.ts";
import { networkOptions } from "./network.ts";
import { hasDesktop, openBrowser, openFolder } from "./open_browser.ts";
import { jsonOf, titleInWords } from "./resume_list.ts";
import type { Session } from "./run.ts";
import { UsageError } from "./usage_error.ts";
import type { World } from "./world.ts";

export interface UiOptions {
  /** Null is the usual port, or any other when that is taken. */
  port: number | null;
  /** Whether a browser is opened, where there is one. */
  open: boolean;
  /** Where the page puts what it receives, unless its user chooses otherwise; null is as in the settings. */
  folder: string | null;
  allowedOrigins: readonly string[];
  /** Whether this run has a home of its own, gone with it. */
  separate: boolean;
}

/** Runs the command. Resolves when a running page was opened; else it serves until it is stopped. */
export async function ui(given: UiOptions & CommonArguments, session: Session): Promise<void> {
  if (!given.separate) return await openOrServe(await Home.open(session.world.environment), given, session);
  await using passing = await PassingHome.create();
  try {
    await openOrServe(passing.home, given, session);
  } finally {
    await tellUnfinished(passing.home, session);
  }
}

async function openOrServe(home: Home, given: UiOptions & CommonArguments, session: Session): Promise<void> {
  const { world, output, signal } = session;
  const { askRunning, Instance } = await import("../web/instance.ts");
  await using instance = await Instance.tryTake(home);
  if (instance === null) {
    const url = await askRunning(home, signal);
    if (signal.aborted) throw new PliError("cancelled", {}, { cause: signal.reason });
    if (url === null) throw new UsageError("page_silent", { home: home.path });
    return await show(url, given, session);
  }
  const { ServedDesk } = await import("../web/served_desk.ts");
  const { ServedPage } = await import("../web/page.ts");
  const initial = initialSettings(world.environment, Deno.hostname());
  const kept = await readSettings(home, initial);
  const settings = given.folder === null ? kept : { ...kept, downloadFolder: resolve(given.folder) };
  await using desk = await ServedDesk.open({
    home,
    engine: (cache) => world.engine(cache),
    settings,
    relay: given.relay === "default" ? null : networkOptions(given).relay,
    version: world.about.version,
    openFolder,
    places: placesOf(world.environment),
  });
  await using page = await ServedPage.serve(instance, {
    port: given.port,
    allowedOrigins: given.allowedOrigins,
    state: desk.state,
    feed: desk.feed,
    routes: desk.routes,
  }).catch((error) => {
    throw portFault(error, given.port);
  });
  await show(page.newUrl(), given, session);
  output.say(output.words.say("pageEnds"), "faint");
  await stopped(signal);
}

/** Where choosing files of this computer begins. */
function placesOf(environment: World["environment"]): FolderListing["places"] {
  const home = environment("HOME") || environment("USERPROFILE");
  const places: FolderListing["places"] = home ? [{ kind: "home", path: home }] : [];
  return Deno.build.os === "windows" ? places : [...places, { kind: "computer", path: "/" }];
}

/** Opens a page, or tells where it is; a program that reads JSON lines opens it itself. */
async function show(
  url: string,
  { open, json }: UiOptions & CommonArguments,
  { world, output }: Session,
): Promise<void> {
  output.json({ type: "listening", url });
  const isSeen = open && !json && world.terminal.output.isTerminal &&
    hasDesktop(Deno.build.os, world.environment);
  if (isSeen && await openBrowser(url, world)) {
    output.result(output.words.say("pageOpen", { url: `${new URL(url).origin}/` }));
    return;
  }
  output.result(url);
  output.say(output.words.say("openAddress"));
}

/** Says which downloads are left unfinished by a run of which nothing is remembered. */
async function tellUnfinished(home: Home, { output }: Session): Promise<void> {
  for (const [index, entry] of (await listDownloads(home)).entries()) {
    const { words } = output;
    output.json(jsonOf({ ...entry, number: index + 1 }));
    const sentences = [
      words.say("leftUnfinished", { title: titleInWords(entry, words), folder: entry.folder }),
      words.say("leftHow"),
      words.say("leftClaim"),
    ];
    output.insist(sentences.join(" "), "warning");
  }
}

/** What is wrong with the port that was asked for; other faults as they are. */
function portFault(error: unknown, port: number | null): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (port === null || (code !== "EADDRINUSE" && code !== "EACCES")) return error;
  const expected = code === "EACCES" ? "open_port" : "free_port";
  return new UsageError("option_value_invalid", { option: "--port", value: `${port}`, expected });
}

function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(new PliError("cancelled", {}, { cause: signal.reason }));
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
  });
}
