// `pli send`: creates a ticket for paths or standard input and serves it until it is delivered.

import { type Copied, copyToClipboard } from "../../app/desktop.ts";
import type { Home } from "../../app/home.ts";
import { homeIfUsable, reportedOnce } from "../../app/home_if_usable.ts";
import { TransientHome } from "../../app/transient_home.ts";
import { givenSecretKey } from "../../app/secret_key.ts";
import { InputFailed, Spool } from "../../app/spool.ts";
import { ShareTransfer } from "../../app/transfers/share_transfer.ts";
import { namesOfFiles, typedPath } from "../../app/typed_names.ts";
import { type EventOf, PliError, TICKET_KINDS } from "../../engine/mod.ts";
import { exclusive, EXIT, type ExitCode, invalid, UsageError } from "../errors.ts";
import { type Arguments, BIND, LIMIT, LOG, NETWORK, type OptionTable, OUTPUT } from "../options.ts";
import { inputFailure } from "../report/failure.ts";
import type { Output } from "../report/output.ts";
import { qrLines, receiveCommand, ShareReport } from "../report/share_report.ts";
import {
  absolutePath,
  addToHistory,
  type CliContext,
  globsOf,
  limitOption,
  networkOptions,
  noticeSlowBinding,
  sayBinding,
  warnUnmatched,
} from "../session.ts";
import type { Key } from "../words/en.ts";

/** The options of the command. */
export const OPTIONS = {
  keep: {},
  ticket: {
    value: "KIND",
    values: TICKET_KINDS,
    expected: "ticket_kind",
  },
  exclude: { value: "GLOB", isRepeatable: true },
  "skip-unreadable": {},
  copy: { short: "c" },
  qr: {},
  new: {},
  "no-cache": {},
  "preview-names": {},
  name: { value: "NAME" },
  ...LIMIT,
  ...NETWORK,
  ...BIND,
  ...LOG,
  ...OUTPUT,
} as const satisfies OptionTable;

/** What is sent: paths, or standard input under a name. */
export type SendSource = { kind: "paths"; paths: readonly string[] } | { kind: "input"; name: string };
type SendArguments = ReturnType<typeof read>;

/** Maximum of the usual file systems. */
const NAME_MAXIMUM_BYTES = 255;

const COPIED = {
  by_tool: "copiedByTool",
  by_terminal: "copiedByTerminal",
} as const satisfies Record<Copied, Key>;

/**
 * Reads what is to be sent. `optionWords` are the arguments that were parsed as options, because a shell may expand
 * file names to such. Throws UsageError.
 */
export function read(
  args: Arguments<typeof OPTIONS>,
  paths: readonly string[],
  optionWords: readonly string[],
) {
  const ticket = args.ticket ?? "auto";
  // Such a ticket cannot be reached: without relays it names none, and nothing is published.
  if ((ticket === "id" || ticket === "relay") && args.relay === "disabled") {
    throw exclusive([`--ticket ${ticket}`, "--relay disabled"]);
  }
  return { ...args, ticket, source: sourceOf(args.name, paths), optionWords };
}

function sourceOf(name: string | null, paths: readonly string[]): SendSource {
  if (paths.length === 0) throw new UsageError("paths_missing", {});
  if (!paths.includes("-")) {
    if (name !== null) throw new UsageError("name_without_input", {});
    return { kind: "paths", paths };
  }
  if (paths.length > 1) throw new UsageError("input_not_alone", {});
  if (name !== null) checkFileName(name);
  return { kind: "input", name: name ?? "stdin" };
}

/** Throws UsageError for a name that a file cannot have on every system. */
function checkFileName(name: string): void {
  const isPlain = !/[/\\\0]/.test(name) && name !== "." && name !== ".." && name.isWellFormed();
  if (!isPlain) throw invalid("--name", name, "file_name");
  const sizeBytes = new TextEncoder().encode(name).length;
  if (sizeBytes <= NAME_MAXIMUM_BYTES) return;
  throw new UsageError("name_too_long", { sizeBytes, maximumBytes: NAME_MAXIMUM_BYTES });
}

/**
 * Runs the command. Resolves when the share has ended and is closed: to `partial` if something that should have been
 * sent was missing or did not arrive.
 */
export async function run(args: SendArguments, context: CliContext): Promise<ExitCode> {
  const { ports, signal } = context;
  sayBinding(args, context);
  const network = networkOptions(args);
  const limit = limitOption(args);
  const excluded = globsOf("--exclude", args.exclude);
  const givenKey = givenSecretKey(ports.environment);
  await warnTakenAsOptions(args.optionWords, context.output);
  const notify = reportedOnce((notice) => context.output.notice(notice));
  noticeSlowBinding(ports, notify);
  const isSpooled = args.source.kind === "input";
  const home = await homeIfUsable(ports.environment, notify, isSpooled ? ["spool"] : []);
  await using transient = home === null && isSpooled ? await TransientHome.create(notify) : null;
  const spool = await spoolInput(args, home ?? transient?.home ?? null, context);
  const paths = args.source.kind === "paths"
    ? await Promise.all(args.source.paths.map(absolutePath).map(typedPath))
    : [spool!.path];
  const report = new ShareReport(context.output, args);
  let shown: Promise<void> | undefined;
  const share = new ShareTransfer(
    {
      id: crypto.randomUUID(),
      paths,
      keep: args.keep,
      staged: spool && { skipped: [], remove: () => spool[Symbol.asyncDispose]() },
      excluded: { globs: args.exclude, matches: excluded.matches },
      secretKey: givenKey,
      isNew: args.new,
      usesHashCache: !args.noCache,
      options: {
        ticketKind: args.ticket,
        previewNames: args.previewNames,
        skipUnreadable: args.skipUnreadable,
        ...network,
        ...limit,
      },
    },
    {
      home,
      engine: ports.engine,
      record: (entry) => addToHistory(entry, home, context.output, args.verbose),
    },
    (change) => {
      const { input } = change;
      if (input.type === "ticket") warnUnmatched("--exclude", excluded.unmatched(), context.output);
      report.show(change);
      if (input.type === "ticket") shown = ticketMade(input, share, args, report, context);
    },
  );
  await untilClosed(share, signal);
  await shown;
  const { view: { state, missing }, error } = share;
  if (!share.isTicketKept) context.kept.ticket = "lost";
  else if (args.new) context.kept.ticket = "kept_without_new";
  if (state === "stopped") throw new PliError("cancelled", {}, { cause: signal.reason });
  if (error !== undefined) throw error;
  return state === "partial" || missing > 0 ? EXIT.partial : EXIT.done;
}

/**
 * Warns about arguments that were parsed as options and name a file in the current folder: with `pli send *` a shell
 * expands file names to options, and the files would be missing without a message.
 */
async function warnTakenAsOptions(optionWords: readonly string[], output: Output): Promise<void> {
  for (const option of await namesOfFiles(optionWords)) {
    output.json({ type: "option_is_file", option });
    output.sayDespiteQuiet(output.words.say("optionIsFile", { option }), "warning");
  }
}

/** Null for paths, for which alone `home` may be null. */
async function spoolInput(
  { source }: SendArguments,
  home: Home | null,
  context: CliContext,
): Promise<Spool | null> {
  if (source.kind === "paths" || home === null) return null;
  const { ports, output, signal } = context;
  output.say(output.words.say(ports.terminal.input.isTerminal ? "readingTypedInput" : "readingInput"));
  const spool = await Spool.create(home, source.name);
  try {
    await spool.fill(ports.terminal.input.readable, signal);
  } catch (error) {
    await spool[Symbol.asyncDispose]();
    throw error instanceof InputFailed ? inputFailure(error.cause, "data") : error;
  }
  return spool;
}

/** Copies and prints the ticket, and prints how long pli must stay open; at once if nothing is copied. */
async function ticketMade(
  ticket: EventOf<"ticket">,
  share: ShareTransfer,
  args: SendArguments,
  report: ShareReport,
  { ports, output }: CliContext,
): Promise<void> {
  if (args.copy) {
    const isControllable = ports.terminal.error.isTerminal && !output.isPlain;
    const write = isControllable ? (sequence: string) => output.raw(sequence) : null;
    const copied = await copyToClipboard(receiveCommand(ticket.ticket), ports.environment, write);
    output.say(output.words.say(copied === null ? "noClipboard" : COPIED[copied]));
  }
  if (args.qr) {
    const lines = qrLines(ticket.ticket, output.columns, output.isColored);
    if (lines === null) output.say(output.words.say("qrTooWide"), "warning");
    else output.raw(lines.join("\n") + "\n");
  }
  report.serving(share.view, ticket);
}

/** Resolves when the share has ended and is closed; stops it when the signal is aborted. */
async function untilClosed(share: ShareTransfer, signal: AbortSignal): Promise<void> {
  const stop = () => void share.stop();
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  await share.closed;
  signal.removeEventListener("abort", stop);
}
