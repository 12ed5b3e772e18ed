// The calls of the file system in which Deno and Node.js differ, as one interface. The Disk port uses it and what both
// have of `node:fs`. Deno's own calls are not replaced by its `node:fs`, which takes 1.3 times as long for a small
// file and twice as long for a status, writes large pieces on the calling thread, and has no code for some errors.

import { IS_DENO } from "../system.ts";
import { denoPlatform } from "./deno_platform.ts";
import { nodePlatform } from "./node_platform.ts";
import type { Platform } from "./platform_calls.ts";

/** The calls of the runtime that this program runs on. */
export const platform: Platform = IS_DENO ? denoPlatform : nodePlatform;
