// Checks JSON lines that pli prints against the published schema.

import { Ajv2020 } from "ajv/dist/2020.js";

const SCHEMA = new URL("../../docs/json-lines.schema.json", import.meta.url);

const isLine = new Ajv2020().compile(JSON.parse(await Deno.readTextFile(SCHEMA)));

/** The lines that do not match the schema. */
export function unknownLines(lines: readonly string[]): string[] {
  return lines.filter((line) => !isLine(JSON.parse(line)));
}
