// One download from ticket to published files.

import { throwIfAborted } from "../../abort.ts";
import { PliError } from "../../errors.ts";
import type { Fetched, FetchOptions, Ports } from "../../options.ts";
import { offerTo, planWithConsent } from "./consent.ts";
import { downloadFiles } from "./download_files.ts";
import { fetchManifestOf } from "./manifest.ts";
import { sizeOf } from "./remote_files.ts";
import { reportOutcome } from "./report_outcome.ts";
import { movedTo, openTarget, placeOf } from "./target.ts";
import { requireReachable, withProvider } from "./with_provider.ts";

/** See Engine.fetch. */
export async function fetchCollection(ports: Ports, options: FetchOptions): Promise<Fetched> {
  const startMs = ports.clock.nowMs();
  const { ticket } = options;
  requireReachable(ticket, options.relay);
  // Before connecting: a folder that cannot be written to is reported at once.
  let target = await openTarget(ports, options, ticket.hash);
  try {
    return await withProvider(ports, options, ticket, async (link) => {
      const manifest = await link.run((connection) =>
        fetchManifestOf(ticket, { connection, clock: ports.clock }, ports.hasher, options.signal)
      );
      const place = placeOf(options.destination, manifest);
      target = await movedTo(place, target, ports, options, ticket.hash);
      const { files, offer, lostBefore } = await offerTo(options, manifest, place);
      const consented = await planWithConsent(target, options, { files, offer });
      const download = { ports, options, link, manifest, files, ...consented };
      const { arrived, lostNow, names, isPart, resumedBytes, keptBytes } = await downloadFiles(
        target,
        download,
      );
      const lost = [...lostBefore, ...lostNow];
      const isAll = !isPart && lost.length === 0 && files.length === manifest.files.length;
      // A receipt refers to a collection.
      const isCollection = ticket.format === "hash_sequence";
      if (isCollection) {
        await reportOutcome(link, ports.clock, manifest, { verified: isAll ? null : arrived, lost });
      }
      throwIfAborted(options.signal);
      if (arrived.length === 0 && lost.length > 0) throw new PliError("source_lost", { name: lost[0].name });
      const done = {
        files: arrived.length,
        bytes: sizeOf(arrived),
        resumedBytes,
        seconds: (ports.clock.nowMs() - startMs) / 1000,
        lostFiles: lost.length,
        keptBytes,
      };
      options.onEvent({ type: "done", ...done });
      return { ...done, names, lost: lost.map(({ name, sizeBytes }) => ({ name, bytes: sizeBytes })) };
    });
  } catch (error) {
    // A failure of the clean-up must not replace the first error.
    await target.abandon().catch(() => undefined);
    throw await target.withUserPaths(error);
  }
}
