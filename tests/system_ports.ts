// The ports of the program on this computer, over the binding that `PLI_BINDING` names.

import { hasherOf } from "../src/engine/blake3/hasher_of.ts";
import type { NativeDisk } from "../src/engine/disk/native_disk.ts";
import { systemDisk } from "../src/engine/disk/system_disk.ts";
import { nativeAddon } from "../src/engine/native/addon.ts";
import { availableBinding, bindingNamed } from "../src/engine/native/choice.ts";
import { bindIroh as bindOverNamed } from "../src/engine/net/iroh_endpoint.ts";
import type { BindEndpoint, Hasher } from "../src/engine/ports.ts";

const BINDING = availableBinding(bindingNamed(Deno.env.get("PLI_BINDING") ?? ""));

/** Whether this run is over the native addon. */
export const IS_NATIVE = BINDING === "native";
/** The reason for ignoring tests of what the native binding alone has; null over it. */
export const NOT_NATIVE = IS_NATIVE ? null : "they need the native binding";

/** The addon's part of the disk; nothing over the stock binding. */
export const nativeDisk: NativeDisk = IS_NATIVE ? nativeAddon() as NativeDisk : {};

/** The disk, with the addon where there is one, and without it. */
export const realDisk = systemDisk(nativeDisk);
export const portableDisk = systemDisk();

/** The network. */
export const bindIroh: BindEndpoint = (options) => bindOverNamed(BINDING, options);

/** The hasher of the binding. */
export function bestHasher(): Promise<Hasher> {
  return hasherOf(BINDING);
}
