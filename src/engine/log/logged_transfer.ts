// A transfer with a log: its beginning, events, connections and outcome. Each has a number, which its lines contain.
// Without a logger nothing is wrapped.

import type { EventOf, TransferEvent } from "../events.ts";
import { isolatedLogger } from "../isolated.ts";
import {
  type LogFields,
  type LogLevel,
  type LogValue,
  Sensitive,
  type SensitiveKind,
  withFields,
} from "../logger.ts";
import type { NetworkOptions, Ports } from "../options.ts";
import { errorFields } from "./error_fields.ts";
import { loggedBind } from "./logged_endpoint.ts";

const TARGET = "transfer";

/** How a text is written; `plain` only pli's own words and addresses. */
type TextForm = "plain" | SensitiveKind;
/** How a list is written: by its items, or by its length. */
type ListForm = "plain" | "length";
/** The form of each text and list of an event. Numbers and truth values are always written. */
type FormsOf<E extends TransferEvent> = {
  readonly [
    K in Exclude<keyof E, "type"> as NonNullable<E[K]> extends number | boolean ? never : K
  ]-?: NonNullable<E[K]> extends string ? TextForm : ListForm;
};

const LOGGED: { readonly [T in TransferEvent["type"]]: readonly [LogLevel, FormsOf<EventOf<T>>] } = {
  hashing: ["trace", {}],
  ticket: ["info", { ticket: "ticket", hash: "hash", relayUrl: "plain", addresses: "plain" }],
  receiver: ["info", { id: "id", state: "plain" }],
  claimed: ["info", { id: "id" }],
  path: ["info", { id: "id", kind: "plain", address: "plain" }],
  manifest: ["info", { files: "length" }],
  progress: ["trace", { id: "id" }],
  stalled: ["warn", { id: "id" }],
  checking: ["trace", {}],
  space_short: ["warn", {}],
  inodes_short: ["warn", {}],
  volume_crossed: ["info", { path: "name" }],
  staging_refused: ["warn", { path: "name", reason: "plain" }],
  addresses_cut: ["warn", {}],
  waiting: ["info", { reason: "plain" }],
  skipped: ["debug", { name: "name", reason: "plain" }],
  renamed: ["info", { from: "name", to: "name", reason: "plain" }],
  refused: ["warn", { id: "id", reason: "plain", holder: "id" }],
  source_changed: ["warn", { name: "name" }],
  all_lost: ["warn", {}],
  source_lost: ["warn", { name: "name" }],
  // The text of any error, which may contain a name.
  answer_failed: ["error", { id: "id", reason: "name" }],
  sent: ["info", {}],
  delivered: ["info", { id: "id", lost: "length" }],
  done: ["info", {}],
};

type Forms = Readonly<Record<string, TextForm | ListForm>>;

/** Numbers of the transfers of this process. */
let transfers = 0;

/** Runs a transfer, with a log if the ports have a logger. */
export async function logged<O extends Pick<NetworkOptions, "onEvent" | "signal">, R>(
  kind: "share" | "fetch" | "inspect",
  ports: Ports,
  options: O,
  run: (ports: Ports, options: O) => Promise<R>,
): Promise<R> {
  if (ports.logger === undefined) return await run(ports, options);
  const isolated = isolatedLogger(ports.logger, ports.onListenerError);
  const logger = withFields(isolated, { transfer: `${kind}${++transfers}` });
  logger.log("info", TARGET, "begins");
  options.signal?.addEventListener("abort", () => logger.log("info", TARGET, "cancelled"), { once: true });
  const onEvent = (event: TransferEvent) => {
    const [level, forms] = LOGGED[event.type];
    if (logger.isOn(level, TARGET)) logger.log(level, TARGET, event.type, eventFields(event, forms));
    options.onEvent(event);
  };
  try {
    const result = await run({ ...ports, bind: loggedBind(ports.bind, logger) }, { ...options, onEvent });
    logger.log("info", TARGET, kind === "share" ? "serves" : "ended");
    return result;
  } catch (error) {
    logger.log("error", TARGET, "failed", errorFields(error));
    throw error;
  }
}

function eventFields({ type: _, ...event }: TransferEvent, forms: Forms): LogFields {
  const fields = Object.entries(event).flatMap(([key, value]) => {
    const field = fieldOf(value, forms[key]);
    return field === undefined ? [] : [[key, field] as const];
  });
  return Object.fromEntries(fields);
}

/** A text without a form is a private one, a list without one is written as its length. */
function fieldOf(value: unknown, form: Forms[string] = "name"): LogValue | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && form === "plain") return value.join(" ");
  if (typeof value === "object") return "length" in value ? Number(value.length) : undefined;
  if (typeof value !== "string") return value as number | boolean;
  return form === "plain" ? value : new Sensitive(form === "length" ? "name" : form, value);
}
