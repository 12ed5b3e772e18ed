// Loads a network binding, on first use.

import { nativeAddon } from "../native/addon.ts";
import type { BindingName } from "../native/choice.ts";
import type { Binding } from "./binding.ts";
import { stockBinding } from "./stock_binding.ts";

/** The binding of a name. Throws `binding_missing`, `addon_outdated`. */
export async function loadBinding(name: BindingName): Promise<Binding> {
  return name === "native" ? nativeAddon() as Binding : await stockBinding();
}
