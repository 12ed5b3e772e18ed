// The command line of a script: its arguments, its usage, and errors as sentences instead of stack traces.

import process from "node:process";
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

export interface CommandArguments {
  values: Readonly<Record<string, string | boolean | undefined>>;
  positionals: readonly string[];
}

export interface CommandLine {
  /** Without a newline. */
  usage: string;
  options?: ParseArgsOptionsConfig;
  /** How many there are, at least and at most. */
  operands: readonly [number, number];
}

/** Runs a script, prints what it resolves to, and ends the process with 1 if it throws. */
export async function runCommand(
  line: CommandLine,
  work: (args: CommandArguments) => Promise<string | void>,
): Promise<void> {
  const args = argumentsOf(line);
  try {
    const printed = await work(args);
    if (printed !== undefined) process.stdout.write(printed);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}

/** Ends the process for --help, and for arguments that the usage does not have. */
function argumentsOf({ usage, options, operands: [least, most] }: CommandLine): CommandArguments {
  const help = { type: "boolean", short: "h" } as const;
  try {
    const { values, positionals } = parseArgs({
      args: Deno.args,
      options: { ...options, help },
      allowPositionals: true,
    });
    if (values.help !== true) {
      if (positionals.length < least) throw new Error("An argument is missing.");
      if (positionals.length > most) throw new Error(`Unexpected argument ${positionals[most]}`);
      return { values: values as CommandArguments["values"], positionals };
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`);
    process.exit(2);
  }
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
