// Loads the network binding, a Node-API addon, on first use. It is required by path from where this module
// stands, which also works in a bundle, where the package's own optional requires would not.

import { createRequire } from "node:module";
import { PliError } from "../errors.ts";
import type * as Stock from "@number0/iroh";

/** The part of the `@number0/iroh` surface that pli uses. */
export type Binding = Pick<
  typeof Stock,
  | "Endpoint"
  | "EndpointAddr"
  | "EndpointId"
  | "RelayMode"
  | "SecretKey"
  | "presetMinimal"
  | "presetN0"
>;

let loaded: Binding | undefined;

/** Throws `binding_missing`. */
export function loadBinding(): Binding {
  try {
    // By its file, because the package's own entry point names one that is not there.
    loaded ??= createRequire(import.meta.url)("@number0/iroh/index.js") as Binding;
  } catch (cause) {
    throw new PliError("binding_missing", { system: `${Deno.build.os} ${Deno.build.arch}` }, { cause });
  }
  return loaded;
}
