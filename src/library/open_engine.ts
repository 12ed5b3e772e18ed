// Opens an engine with the ports of this computer: disk, network, clock, and the fastest available hasher.

import { hasherOf } from "../engine/blake3/hasher_of.ts";
import { systemClock } from "../engine/clock.ts";
import type { NativeDisk } from "../engine/disk/native_disk.ts";
import { systemDisk } from "../engine/disk/system_disk.ts";
import { type BindEndpoint, Engine, type HashCache, type Logger, type Ports } from "../engine/mod.ts";
import { nativeAddon } from "../engine/native/addon.ts";
import { AddonLog, type LogAddon } from "../engine/native/addon_log.ts";
import { availableBinding, type BindingName } from "../engine/native/choice.ts";
import { bindIroh } from "../engine/net/iroh_endpoint.ts";

export type { BindingName };

/** Options of an engine. Everything has a default. */
export interface EngineOptions {
  /** The network binding: by default the native addon if its file exists, else the package `@number0/iroh`. */
  binding?: BindingName;
  /**
   * Certificate authorities of relays besides the public ones, in DER. With them, sharing and fetching over the stock
   * binding throw `trust_unsupported`.
   */
  trustedCertificates?: readonly Uint8Array[];
  /** The hash cache; none if undefined. */
  hashes?: HashCache;
  /** Called with exceptions of listeners and of the logger; they are dropped if undefined. */
  onListenerError?: (error: unknown) => void;
  /**
   * The log of the transfers; none if undefined. A logger with a filter also gets the events of the native addon's
   * libraries.
   */
  logger?: Logger;
  /**
   * The folder for a qlog file of each connection. With it, sharing and fetching over the stock binding throw
   * `qlog_unsupported`.
   */
  qlogFolder?: string;
  /** Ports that replace this computer's. */
  ports?: Partial<Ports>;
}

/**
 * Opens an engine on Deno or Node.js. It keeps nothing open itself; each share and each download has an endpoint of
 * its own. No environment variable is read.
 *
 * @throws {PliError} `binding_missing` if the binding does not exist for this system, and `addon_outdated`
 */
export async function openEngine(options: EngineOptions = {}): Promise<Engine> {
  const { trustedCertificates, qlogFolder, hashes, onListenerError } = options;
  const binding = availableBinding(options.binding);
  const bind: BindEndpoint = (endpoint) =>
    bindIroh(binding, { ...endpoint, trustedCertificates, qlogFolder });
  return new Engine({
    ...networkPorts(binding, bind, options.logger),
    hasher: await hasherOf(binding),
    disk: systemDisk(binding === "native" ? nativeAddon() as NativeDisk : {}),
    clock: systemClock,
    hashes,
    onListenerError,
    ...options.ports,
  });
}

let addonLog: AddonLog | undefined;

/** The network and the logger of an engine. */
function networkPorts(binding: BindingName, bind: BindEndpoint, logger: Logger | undefined) {
  if (binding !== "native" || logger === undefined) return { bind, logger };
  addonLog ??= new AddonLog(nativeAddon() as LogAddon);
  return addonLog.ports(logger, bind);
}
