// `pli ui`, and `pli` alone: serves the page and opens it in the browser, or opens the page that another pli of this
// user serves.

import { fileUrl, hasDesktop, isBrowserConfined, openBrowser, openFolder } from "../../app/desktop.ts";
import { isThere, roots } from "../../app/folders.ts";
import type { Home } from "../../app/home.ts";
import { homeIfUsable, nothingRemembered, reportedOnce } from "../../app/home_if_usable.ts";
import { canBeFolder } from "../../app/output_place.ts";
import { Notices } from "../../app/notices.ts";
import { TransientHome } from "../../app/transient_home.ts";
import { peerUsers } from "../../app/peer_user.ts";
import { initialSettings, readSettings } from "../../app/settings.ts";
import { listDownloads } from "../../app/transfers/unfinished_downloads.ts";
import type { FolderListing } from "../../app/views.ts";
import { formatTicket, PliError, readPastedTicket, type Ticket } from "../../engine/mod.ts";
import { findTicket } from "../../tickets/find_ticket.ts";
import type { Opening } from "../../web/opening.ts";
import { invalid, UsageError } from "../errors.ts";
import { type Arguments, LOG, NETWORK, type OptionTable, OUTPUT } from "../options.ts";
import { downloadLine } from "../report/lists.ts";
import type { Output } from "../report/output.ts";
import {
  absolutePath,
  type CliContext,
  type CliPorts,
  networkOptions,
  noticeSlowBinding,
} from "../session.ts";

/** The options of the command. */
export const OPTIONS = {
  port: { value: "N", read: portNumber, expected: "port" },
  "no-open": {},
  dir: { value: "DIR" },
  "allow-origin": { value: "URL", isRepeatable: true, read: webOrigin, expected: "origin" },
  separate: {},
  ...NETWORK,
  ...LOG,
  ...OUTPUT,
} as const satisfies OptionTable;

type UiArguments = ReturnType<typeof read>;

/** A link, or what begins like a ticket: if it has none, that is the error. */
const LIKE_TICKET = /^\s*(pli:|blob)/i;

/**
 * Reads the ticket that the page shows in its field, and refuses other words. They may be a link of another program, so
 * nothing but a ticket is taken from them. Throws UsageError.
 */
export function read(args: Arguments<typeof OPTIONS>, words: readonly string[]) {
  const text = words.join(" ");
  if (words.length > 0 && findTicket(text).kind !== "ticket" && !LIKE_TICKET.test(text)) {
    throw new UsageError("argument_unwanted", { command: "ui", argument: words[0] });
  }
  return { ...args, ticketText: words.length === 0 ? null : text };
}

/** A valid port of the page; null for any other text. */
function portNumber(text: string): number | null {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port < 1 || port > 65_535 ? null : port;
}

/** The origin of a URL without a path; null for any other text. */
function webOrigin(text: string): string | null {
  const url = URL.parse(text);
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  return isOrigin ? url.origin : null;
}

/** Time for a browser to open the page before the user gets instructions, and the interval of the checks. */
const BROWSER_MS = 6_000;
const POLL_MS = 100;

/** The folders of PLI_HOME that the page writes to. */
const HOME_FOLDERS = ["shares", "downloads", "uploads"];

/** Runs the command. Throws `ticket_malformed`. Resolves when a running page was opened; else it serves until it is stopped. */
export async function run(args: UiArguments, context: CliContext): Promise<void> {
  const ticket = args.ticketText === null ? undefined : readPastedTicket(args.ticketText);
  // A wrong value is an error even if the page runs already.
  networkOptions({ ...args, bind: null });
  if (args.dir !== null && !await canBeFolder(absolutePath(args.dir))) {
    throw invalid("--dir", args.dir, "folder_or_new");
  }
  const notices = new Notices();
  notices.subscribe((notice) => context.output.notice(notice));
  const kept = args.separate
    ? null
    : await homeIfUsable(context.ports.environment, reportedOnce(notices.add), HOME_FOLDERS);
  if (kept !== null && await isServedFrom(kept, ticket, notices, args, context)) return;
  await using transient = await TransientHome.create(notices.add);
  try {
    await openOrServe(transient.home, ticket, notices, args, context);
  } finally {
    await reportUnfinished(transient.home, context);
  }
}

/** Opens or serves the page of a home; false, with a notice, if the home turns out to be unusable. */
async function isServedFrom(
  home: Home,
  ticket: Ticket | undefined,
  notices: Notices,
  args: UiArguments,
  context: CliContext,
): Promise<boolean> {
  try {
    await openOrServe(home, ticket, notices, args, context);
    return true;
  } catch (error) {
    if (context.signal.aborted) throw error;
    notices.add(nothingRemembered(error));
    return false;
  }
}

async function openOrServe(
  home: Home,
  ticket: Ticket | undefined,
  notices: Notices,
  args: UiArguments,
  context: CliContext,
): Promise<void> {
  const { ports, output, signal } = context;
  const { openRunningPage, Instance } = await import("../../web/instance.ts");
  await using instance = await Instance.tryTake(home);
  if (instance === null) {
    const opening = await openRunningPage(home, signal, ticket);
    if (signal.aborted) throw new PliError("cancelled", {}, { cause: signal.reason });
    if (opening === null) throw new UsageError("page_silent", { home: home.path });
    reportUnused(args, opening, context);
    output.say(output.words.say("pageElsewhere"));
    return await show(opening, ticket, args, context);
  }
  const { PageBackend } = await import("../../web/page_backend.ts");
  const { ServedPage } = await import("../../web/page.ts");
  const initial = initialSettings(ports.environment, Deno.hostname());
  const kept = await readSettings(home, initial);
  const settings = args.dir === null ? kept : { ...kept, downloadFolder: absolutePath(args.dir) };
  noticeSlowBinding(ports, notices.add);
  await using backend = await PageBackend.open({
    home,
    engine: (cache) => ports.engine(cache),
    settings,
    relay: (args.relay ?? "default") === "default" ? null : networkOptions({ ...args, bind: null }).relay,
    version: ports.about.version,
    openFolder,
    places: await placesOf(ports.environment),
    notices,
  });
  await using page = await ServedPage.serve(instance, {
    port: args.port,
    allowedOrigins: args.allowOrigin,
    files: await ports.pageFiles(),
    state: backend.state,
    feed: backend.feed,
    routes: backend.routes,
    userOf: peerUsers(ports.environment),
    onNotice: notices.add,
  }).catch((error) => {
    throw portFault(error, args.port);
  });
  const shown = show(await page.newOpening(ticket), ticket, args, context);
  output.say(output.words.say("pageEnds"), "faint");
  await Promise.all([shown, stopped(signal)]);
}

/** Reports the options that have no effect on a running page, which keeps its own. */
function reportUnused(args: UiArguments, { url }: Opening, { output }: CliContext): void {
  const { port, dir, allowOrigin, relay, relayCa, log, logFile } = args;
  const isUnused = {
    "--port": port !== null && port !== Number(new URL(url).port),
    "--dir": dir !== null,
    "--allow-origin": allowOrigin.length > 0,
    "--relay": (relay ?? "default") !== "default",
    "--relay-ca": relayCa !== null,
    "--log": log !== null,
    "--log-file": logFile !== null,
  };
  const options = Object.entries(isUnused).filter(([, is]) => is).map(([name]) => name);
  if (options.length === 0) return;
  const { words } = output;
  output.json({ type: "options_unused", options });
  output.sayDespiteQuiet(words.say("optionsUnused", { options: words.amounts.list(options) }), "warning");
}

/** Start points of choosing files of this computer. */
async function placesOf(environment: CliPorts["environment"]): Promise<FolderListing["places"]> {
  const home = environment("HOME") || environment("USERPROFILE");
  return [...(home ? [{ kind: "home" as const, path: home }] : []), ...await roots()];
}

/**
 * Opens a page, or prints its address; a program that reads JSON lines opens it itself. Resolves when the browser has
 * used the opening, or the user has instructions.
 */
async function show(
  { url, file, code }: Opening,
  ticket: Ticket | undefined,
  { noOpen, json }: UiArguments,
  { ports, output, signal }: CliContext,
): Promise<void> {
  output.json({ type: "listening", url, file, code });
  const { words } = output;
  const address = `${new URL(url).origin}/`;
  const isSeen = !noOpen && !json && ports.terminal.output.isTerminal &&
    hasDesktop(Deno.build.os, ports.environment);
  if (isSeen) {
    const isConfined = await isBrowserConfined(ports.environment);
    if (await openBrowser(isConfined ? address : fileUrl(file), ports.environment)) {
      output.result(words.say("pageOpen", { url: address }));
      if (isConfined) {
        output.sayDespiteQuiet(words.say("pageAsks", { code }));
        return sayTicket(ticket, output);
      }
      if (!await isUsed(file, signal)) {
        output.sayDespiteQuiet(words.say("pageUnseen", { url: address, code }));
      }
      return;
    }
  }
  // A clicked address is put on a command line, so the secret is typed instead.
  if (output.isResultSeen) {
    output.result(address);
    output.sayDespiteQuiet(words.say("openAndType", { code }));
    return sayTicket(ticket, output);
  }
  output.result(url);
  output.say(words.say("openAddress"));
}

/** A page that is opened without its long code does not have the ticket. */
function sayTicket(ticket: Ticket | undefined, output: Output): void {
  if (ticket === undefined) return;
  output.sayDespiteQuiet(output.words.say("pasteTicket", { ticket: formatTicket(ticket) }));
}

/** Whether the file of an opening is used in time, after which it is removed. */
async function isUsed(file: string, signal: AbortSignal): Promise<boolean> {
  const untilMs = performance.now() + BROWSER_MS;
  while (performance.now() < untilMs && !signal.aborted) {
    if (!await isThere(file)) return true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return signal.aborted;
}

/** Reports the unfinished downloads of a run without persistent state. */
async function reportUnfinished(home: Home, { output }: CliContext): Promise<void> {
  for (const [index, entry] of (await listDownloads(home)).entries()) {
    const { words } = output;
    output.json(downloadLine({ ...entry, number: index + 1 }));
    const sentences = [
      words.say("leftUnfinished", { title: words.title(entry), folder: entry.folder }),
      words.say("leftHow"),
      words.say("leftClaim"),
    ];
    output.sayDespiteQuiet(sentences.join(" "), "warning");
  }
}

/** The error for the requested port; other errors unchanged. */
function portFault(error: unknown, port: number | null): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (port === null || (code !== "EADDRINUSE" && code !== "EACCES")) return error;
  const expected = code === "EACCES" ? "open_port" : "free_port";
  return invalid("--port", `${port}`, expected);
}

function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(new PliError("cancelled", {}, { cause: signal.reason }));
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
  });
}
