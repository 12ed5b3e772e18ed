// A pli whose engine serves a share that nobody fetches, and receives from somebody who sends nothing: what
// interruption_test.ts interrupts. With STUCK in the environment, cleaning up takes for ever too.

import { run } from "../../src/cli/run.ts";
import { systemTerminal } from "../../src/cli/terminal.ts";
import { PliError } from "../../src/engine/mod.ts";
import { fakeShare } from "./fake_share.ts";

const isStuck = Deno.env.has("STUCK");
// A promise alone does not keep a process alive.
const alive = setInterval(() => {}, 1_000);

const exit = await run(Deno.args, {
  engine: () =>
    Promise.resolve({
      share: (options) => {
        const share = fakeShare(options);
        return Promise.resolve(isStuck ? { ...share, close: () => new Promise<void>(() => {}) } : share);
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
  about: { version: "0.1.0", binding: () => "none" },
  terminal: systemTerminal,
  systemLocale: null,
  environment: (name) => Deno.env.get(name),
});
clearInterval(alive);
Deno.exit(exit);
