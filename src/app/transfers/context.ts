// The environment of a process's transfers: pli's folder, an engine, and the settings.

import type { Engine, HashCache, RelayChoice, SpeedLimit } from "../../engine/mod.ts";
import type { Home } from "../home.ts";
import type { Settings } from "../views.ts";

/** The methods of an engine that transfers use. */
export type TransferEngine = Pick<Engine, "share" | "fetch" | "inspect" | "discard">;

/** For all transfers of a page's process. */
export interface TransferContext {
  home: Home;
  engine: (hashes?: HashCache) => Promise<TransferEngine>;
  settings: () => Settings;
  /** The relay of the settings, or of the command line. */
  relay: () => RelayChoice;
  /** Rate limits of all shares together and of all downloads together. */
  limits: { sending: SpeedLimit; receiving: SpeedLimit };
}
