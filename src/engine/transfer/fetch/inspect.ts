// An inspection of a ticket: the offer of its download, without requesting data.

import { PliError } from "../../errors.ts";
import type { InspectOptions, Offer, Ports } from "../../options.ts";
import { Turns } from "../../turns.ts";
import { fetchManifestOf } from "./manifest.ts";
import { offerOf } from "./offer.ts";
import { requireReachable, withProvider } from "./with_provider.ts";

/** Maximum duration of an inspection. A manifest of a million files arrives in that time. */
const INSPECTION_MS = 5 * 60_000;

/** See Engine.inspect. */
export async function inspectCollection(ports: Ports, options: InspectOptions): Promise<Offer> {
  const { ticket } = options;
  requireReachable(ticket, options.relay);
  const late = new AbortController();
  const cancel = ports.clock.timer(INSPECTION_MS, () => late.abort());
  const signal = options.signal === undefined ? late.signal : AbortSignal.any([options.signal, late.signal]);
  const waitLimits = { laterMs: 0, ...options.waitLimits };
  try {
    return await withProvider(ports, { ...options, waitLimits, signal }, ticket, async (link) => {
      const { files } = await link.run((connection) =>
        fetchManifestOf(ticket, { connection, clock: ports.clock }, ports.hasher, signal)
      );
      return await offerOf(files, new Turns(signal));
    });
  } catch (cause) {
    if (!late.signal.aborted || options.signal?.aborted) throw cause;
    throw new PliError("connection_lost", {}, { cause });
  } finally {
    cancel();
  }
}
