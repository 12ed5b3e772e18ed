// The command line of a script: its arguments, its usage, and errors as sentences instead of stack traces.

import process from "node:process";
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

export interface CommandArguments {
  values: Readonly<Record<string, string | boolean | undefined>>;
  positionals: readonly string[];
}

/** Runs a script, prints what it resolves to, and ends the process with 1 if it throws. `usage` has no newline. */
export async function runCommand(
  usage: string,
  options: ParseArgsOptionsConfig,
  work: (args: CommandArguments) => Promise<string | void>,
): Promise<void> {
  const args = argumentsOf(usage, options);
  try {
    const printed = await work(args);
    if (printed !== undefined) process.stdout.write(printed);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}

/** Ends the process for --help, and for arguments that the usage does not have. */
function argumentsOf(usage: string, options: ParseArgsOptionsConfig): CommandArguments {
  const help = { type: "boolean", short: "h" } as const;
  try {
    const { values, positionals } = parseArgs({
      args: Deno.args,
      options: { ...options, help },
      allowPositionals: true,
    });
    if (values.help !== true) {
      return { values: values as CommandArguments["values"], positionals };
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`);
    process.exit(2);
  }
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
