// A pli whose engine serves a share without receivers, and receives from a sender that sends nothing, for
// interruption_test.ts. With STUCK in the environment its clean-up never ends, and CLEANUP_MS is the time limit of the
// clean-up. It writes a line at SIGUSR1, after it has handled the signals before.

import { run } from "../../src/cli/run.ts";
import { systemTerminal } from "../../src/cli/system.ts";
import { PliError } from "../../src/engine/mod.ts";
import { settle } from "../fakes/virtual_clock.ts";
import { fakeShare } from "./fake_share.ts";

const isStuck = Deno.env.has("STUCK");
// A promise alone does not keep a process alive.
const alive = setInterval(() => {}, 1_000);

/** With its first listener Deno handles all signals, so pli has to determine the ignored ones before. */
function answerSignal(): void {
  if (Deno.build.os === "windows") return;
  Deno.addSignalListener("SIGUSR1", async () => {
    // Listeners of signals that are there at the same time are called in any order.
    await settle();
    Deno.stderr.writeSync(new TextEncoder().encode("handled\n"));
  });
}

/** Reports that the clean-up has started, which never ends. */
function stuck(): Promise<void> {
  Deno.stderr.writeSync(new TextEncoder().encode("closing\n"));
  return new Promise(() => {});
}

const exit = await run(Deno.args, {
  engine: () =>
    Promise.resolve({
      share: (options) => {
        answerSignal();
        const share = fakeShare(options);
        return Promise.resolve(isStuck ? { ...share, close: stuck } : share);
      },
      fetch: ({ signal, onEvent }) => {
        const { promise, reject } = Promise.withResolvers<never>();
        signal!.addEventListener("abort", () => reject(new PliError("cancelled", {})));
        const tell = () => onEvent({ type: "waiting", reason: "connecting" });
        tell();
        const timer = setInterval(tell, 20);
        return promise.finally(() => clearInterval(timer));
      },
      inspect: () => Promise.reject(new PliError("cancelled", {})),
      discard: () => Promise.reject(new PliError("cancelled", {})),
    }),
  pageFiles: () => Promise.resolve({}),
  about: { version: "0.1.0", binding: () => "none", command: () => [], isBindingSlow: () => false },
  terminal: systemTerminal,
  systemLocale: null,
  cleanupMs: Deno.env.has("CLEANUP_MS") ? Number(Deno.env.get("CLEANUP_MS")) : undefined,
  environment: (name) => Deno.env.get(name),
});
clearInterval(alive);
Deno.exit(exit);
