// What a catalogue of the terminal holds: what is said everywhere (src/words), and the terminal's own. English gives
// the keys, the tables of the command line theirs: one that is missing in any language does not compile.

import type { ConsentReason } from "../../engine/mod.ts";
import type { ArgumentsOf, Message, Translated } from "../../words/sentence.ts";
import type { CommandName, EnvironmentName, OptionName, Placeholder } from "../options_table.ts";
import type { Expectation, UsageCode } from "../usage_error.ts";
import type { en } from "./en.ts";

/** What English has to have. */
export interface Shape {
  /** What is said while a command runs. */
  readonly says: Readonly<Record<string, Message>>;
  readonly consents: Readonly<Record<ConsentReason, string>>;
  readonly errors: Readonly<Record<UsageCode, string>>;
  readonly advice: Readonly<Record<string, string>>;
  /** What an option takes, to complete "It takes …". */
  readonly expected: Readonly<Record<Expectation, string>>;
  readonly commands: Readonly<Record<CommandName, string>>;
  readonly options: Readonly<Record<OptionName, string>>;
  readonly placeholders: Readonly<Record<Placeholder, string>>;
  readonly environment: Readonly<Record<EnvironmentName, string>>;
}

export type Catalogue = Translated<typeof en>;
/** What the help says, in files of its own. */
export type Help = Pick<Catalogue, "commands" | "options" | "placeholders" | "environment">;
export type Key = keyof typeof en.says;
export type Advice = keyof typeof en.advice;
export type ArgumentsFor<K extends Key> = ArgumentsOf<typeof en.says[K]>;
