// The bodies of the API's requests: small JSON that matches a schema, and octet streams of an announced length.

import type { Context } from "hono";
import * as v from "valibot";
import { WebError } from "./errors.ts";

const MAXIMUM_JSON_BYTES = 64 * 1024;
/** Timeout of a JSON body; for streams see body_watch.ts. */
const JSON_MS = 10_000;
const JSON_TYPE = /^application\/json(; ?charset=utf-8)?$/i;
const OCTETS = "application/octet-stream";

/** The body of a request, parsed and validated. Throws WebError `body_*`. */
export async function readJson<S extends v.GenericSchema>(
  context: Context,
  schema: S,
  { limitMs = JSON_MS, maximumBytes = MAXIMUM_JSON_BYTES }: { limitMs?: number; maximumBytes?: number } = {},
): Promise<v.InferOutput<S>> {
  if (!JSON_TYPE.test(context.req.header("content-type") ?? "")) {
    throw new WebError("body_type_wrong", { expected: "application/json" });
  }
  return validJson(await readText(context.req.raw, limitMs, maximumBytes), schema);
}

/** A text as JSON that matches a schema. Throws WebError `body_not_json`, `body_invalid`. */
export function validJson<S extends v.GenericSchema>(text: string, schema: S): v.InferOutput<S> {
  const result = v.safeParse(schema, parse(text));
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new WebError("body_invalid", {
    path: v.getDotPath(issue) ?? "",
    expected: issue.expected ?? issue.message,
  });
}

/** An upload: its announced length, and its bytes, which end with an error if they are fewer. */
export interface Upload {
  sizeBytes: number;
  readable: ReadableStream<Uint8Array>;
}

/** The octet stream of a request. Throws WebError `body_*`. */
export function readUpload(context: Context, maximumBytes = Number.MAX_SAFE_INTEGER): Upload {
  if (context.req.header("content-type") !== OCTETS) {
    throw new WebError("body_type_wrong", { expected: OCTETS });
  }
  const length = context.req.header("content-length") ?? "";
  if (!/^\d{1,16}$/.test(length)) throw new WebError("body_length_missing", {});
  const sizeBytes = Number(length);
  if (sizeBytes > maximumBytes) throw new WebError("body_too_large", { maximum: maximumBytes });
  const source = context.req.raw.body ?? new ReadableStream({ start: (controller) => controller.close() });
  return { sizeBytes, readable: source.pipeThrough(ofLength(sizeBytes)) };
}

function ofLength(sizeBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let seenBytes = 0;
  return new TransformStream({
    transform(bytes, controller) {
      seenBytes += bytes.length;
      controller.enqueue(bytes);
    },
    flush(controller) {
      if (seenBytes !== sizeBytes) controller.error(new WebError("body_cut", {}));
    },
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WebError("body_not_json", {});
  }
}

async function readText(request: Request, limitMs: number, maximumBytes: number): Promise<string> {
  const tooLarge = () => new WebError("body_too_large", { maximum: maximumBytes });
  if (Number(request.headers.get("content-length") ?? 0) > maximumBytes) throw tooLarge();
  if (request.body === null) return "";
  const reader = request.body.getReader();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new WebError("body_too_slow", {})), limitMs);
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late]);
      if (done) break;
      sizeBytes += value.length;
      if (sizeBytes > maximumBytes) throw tooLarge();
      parts.push(value);
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(await new Blob(parts as BlobPart[]).bytes());
  } catch (error) {
    if (error instanceof WebError) throw error;
    if (error instanceof TypeError) throw new WebError("body_not_json", {}, { cause: error });
    throw new WebError("body_cut", {}, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
