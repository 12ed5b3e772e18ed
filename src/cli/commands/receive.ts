// `pli receive`: downloads the content of a ticket into a folder, or one file's bytes to standard output.

import { dirname } from "node:path";
import { homeIfUsable, reportedOnce } from "../../app/home_if_usable.ts";
import { outputFault, outputPlace } from "../../app/output_place.ts";
import { givenSecretKey } from "../../app/secret_key.ts";
import type { ExistingPolicy } from "../../engine/mod.ts";
import { download, exitOf, printNames } from "../download.ts";
import { exclusive, type ExitCode, UsageError } from "../errors.ts";
import {
  type Arguments,
  BIND,
  LIMIT,
  LOG,
  NETWORK,
  type OptionTable,
  OUTPUT,
  ticketText,
  WAIT,
} from "../options.ts";
import {
  absolutePath,
  type CliContext,
  globsOf,
  limitOption,
  networkOptions,
  noticeSlowBinding,
  sayBinding,
} from "../session.ts";
import { readTicket } from "../ticket_source.ts";

const EXISTING = ["overwrite", "rename", "skip"] as const satisfies readonly ExistingPolicy[];

/** The options of the command. */
export const OPTIONS = {
  out: { short: "o", value: "PATH" },
  only: { value: "GLOB", isRepeatable: true },
  preview: {},
  ...LIMIT,
  ...WAIT,
  yes: {},
  overwrite: {},
  rename: {},
  skip: {},
  ...NETWORK,
  ...BIND,
  ...LOG,
  ...OUTPUT,
} as const satisfies OptionTable;

type ReceiveArguments = ReturnType<typeof read>;

/** Reads the ticket and the destination: a null folder is standard output. Throws UsageError. */
export function read(args: Arguments<typeof OPTIONS>, words: readonly string[]) {
  const out = args.out ?? ".";
  const policies = EXISTING.filter((policy) => args[policy]);
  if (policies.length > 1) throw exclusive(policies.map((policy) => `--${policy}`));
  if (out === "-" && policies.length > 0) throw exclusive(["-o -", `--${policies[0]}`]);
  return {
    ...args,
    ticketText: ticketText(words),
    folder: out === "-" ? null : out,
    existing: policies.at(0) ?? "merge" as const,
  };
}

/**
 * Runs the command. Resolves to the exit code when everything that the sender could still send is verified and in
 * place.
 */
export async function run(args: ReceiveArguments, context: CliContext): Promise<ExitCode> {
  const { ports, output } = context;
  sayBinding(args, context);
  // Their errors are reported before the prompt for a ticket.
  networkOptions(args);
  limitOption(args);
  globsOf("--only", args.only);
  givenSecretKey(ports.environment);
  // The current folder may be gone when the download ends.
  const path = args.folder === null ? null : absolutePath(args.folder);
  await checkOutput(args.folder, path);
  const ticket = await readTicket(args.ticketText, context);
  const notify = reportedOnce((notice) => context.output.notice(notice));
  noticeSlowBinding(ports, notify);
  const home = await homeIfUsable(ports.environment, notify);
  const { only, existing } = args;
  const place = path === null ? { folder: null } : await outputPlace(args.folder!, () => path);
  const target = { ticket, ...place, only, existing };
  const fetched = await download(target, args, context, { home, isRecordRequired: false, notify });
  if (!args.quiet && args.folder !== null) {
    const isThere = fetched.folder === path;
    printNames(fetched, isThere ? args.folder : dirname(args.folder), output);
  }
  return exitOf(fetched);
}

/** Throws `output_unusable` if -o names an unusable path, because a numbered name beside it would not be meant. */
async function checkOutput(typed: string | null, path: string | null): Promise<void> {
  const reason = path === null ? null : await outputFault(path);
  if (reason !== null) throw new UsageError("output_unusable", { path: typed!, reason });
}
