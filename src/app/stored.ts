// Schemas for values of PLI_HOME: a file may be of another version, or edited by hand.

import { isAbsolute } from "node:path";
import * as v from "valibot";

/** An absolute path of this system. */
export const ABSOLUTE = v.pipe(v.string(), v.check(isAbsolute, "an absolute path"));
/** 32 bytes, in hex: a hash, or an endpoint's id. */
export const HEX_32 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
/** A number of files or bytes. */
export const COUNT = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Milliseconds since 1970, at most the last ones that a Date has. */
export const TIME = v.pipe(COUNT, v.maxValue(8.64e15));

/** A value by its schema, without other fields; null if it does not match. */
export function storedAs<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): v.InferOutput<Schema> | null {
  const result = v.safeParse(schema, value);
  return result.success ? result.output : null;
}

/** The items of a list that fit a schema. */
export function storedItems<Schema extends v.GenericSchema>(
  schema: Schema,
  items: readonly unknown[],
): v.InferOutput<Schema>[] {
  return items.map((item) => v.safeParse(schema, item)).filter((result) => result.success)
    .map((result) => result.output);
}
