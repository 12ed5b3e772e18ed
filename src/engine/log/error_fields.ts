// An error as fields of a log line: its code, its parameters and its causes.

import { type ErrorCode, type ErrorParameters, isPliError } from "../errors.ts";
import { type LogFields, type LogValue, Sensitive } from "../logger.ts";

/** Errors whose cause is an error of the network library, whose text has addresses and reasons, and no names. */
const OF_NETWORK: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "bind_failed",
  "connection_lost",
  "peer_unreachable",
  "stream_reset",
]);
/** Parameters that are pli's own words, or addresses, by code. Every other text is sensitive. */
const PLAIN: { readonly [C in ErrorCode]?: readonly (keyof ErrorParameters[C])[] } = {
  ticket_malformed: ["fault"],
  binding_missing: ["system"],
  binding_unknown: ["binding"],
  bind_failed: ["address"],
  source_unsendable: ["reason"],
  message_malformed: ["what"],
  limit_exceeded: ["what"],
  name_refused: ["fault"],
  internal: ["what"],
};
const MAXIMUM_CAUSES = 5;

/** Fields of an error and its causes: a text that may have names in it is sensitive. */
export function errorFields(error: unknown): LogFields {
  const fields: Record<string, LogValue> = {};
  let isOfNetwork = false;
  for (let depth = 0; error !== undefined && depth < MAXIMUM_CAUSES; depth++) {
    const prefix = depth === 0 ? "" : `cause${depth}.`;
    if (isPliError(error)) {
      fields[`${prefix}error`] = error.code;
      const plain: readonly string[] = PLAIN[error.code] ?? [];
      for (const [key, value] of Object.entries(error.parameters)) {
        fields[prefix + key] = parameter(key, value, plain.includes(key));
      }
      isOfNetwork = OF_NETWORK.has(error.code);
    } else {
      // The stock binding's texts have a stack of the machine code below.
      const [text] = (error instanceof Error ? error.message : String(error)).split("\n", 1);
      fields[`${prefix}error`] = error instanceof Error ? error.name : typeof error;
      fields[`${prefix}text`] = isOfNetwork || isAbortText(text) ? text : new Sensitive("name", text);
    }
    error = error instanceof Error ? error.cause : undefined;
  }
  return fields;
}

/** Whether a text is that of the platform's AbortError, which is the same for every signal. */
function isAbortText(text: string): boolean {
  return text === AbortSignal.abort().reason.message;
}

function parameter(key: string, value: unknown, isPlain: boolean): LogValue {
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  if (key === "id" || key === "hash") return new Sensitive(key, String(value));
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return isPlain ? text : new Sensitive("name", text);
}
