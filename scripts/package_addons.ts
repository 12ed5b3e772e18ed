// The prebuilt addons of a package for npm. In the package itself they need no other one; in packages of their own,
// which is how a release publishes them, npm installs only the one that fits the computer.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PATCH_LEVEL } from "../src/engine/native/choice.ts";
import { addonName, addonOf, manifestOf, prebuiltAddons } from "./prebuilt.mjs";

/** `inside`: as files of the package; `beside`: in optional dependencies, the tarballs of native/prebuilt. */
export type AddonPlace = "inside" | "beside";

/** Writes the addons of all platforms into a package, or returns the dependencies that have them. */
export async function packageAddons(folder: string, place: AddonPlace): Promise<Record<string, string>> {
  const addons = prebuiltAddons().filter(({ patchLevel }) => patchLevel === PATCH_LEVEL);
  if (place === "beside") {
    return Object.fromEntries(
      addons.map((entry) => manifestOf(entry)).map(({ name, version }) => [name, version]),
    );
  }
  for (const entry of addons) await writeFile(join(folder, addonName(entry.platform)), addonOf(entry));
  return {};
}
