import assert from "node:assert/strict";
import fc from "fast-check";
import { CommandQueue } from "../../../src/app/transfers/command_queue.ts";

/** The behaviour of a command: how often it yields, and whether it rejects or throws. */
const COMMAND = fc.record({
  yields: fc.nat(3),
  end: fc.constantFrom("resolves", "rejects", "throws"),
});

Deno.test("commands of a queue run one at a time, in their order, and each has its own result", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(COMMAND, { maxLength: 8 }), async (scheduler, commands) => {
      const queue = new CommandQueue();
      const log: string[] = [];
      const results = commands.map(({ yields, end }, index) =>
        queue.run(() => {
          log.push(`begin ${index}`);
          if (end === "throws") {
            log.push(`end ${index}`);
            throw index;
          }
          return (async () => {
            for (let i = 0; i < yields; i++) await scheduler.schedule(Promise.resolve());
            log.push(`end ${index}`);
            if (end === "rejects") throw index;
            return index;
          })();
        })
      );
      const settled = Promise.allSettled(results);
      const idle = queue.idle();
      await scheduler.waitFor(idle);
      assert.deepEqual(log, commands.flatMap((_, index) => [`begin ${index}`, `end ${index}`]));
      assert.deepEqual(
        await settled,
        commands.map(({ end }, index) =>
          end === "resolves" ? { status: "fulfilled", value: index } : { status: "rejected", reason: index }
        ),
      );
    }),
  );
});

Deno.test("a queue is idle after the commands that its commands have added", async () => {
  const queue = new CommandQueue();
  const log: number[] = [];
  queue.run(() => {
    log.push(1);
    queue.run(() => log.push(2));
  });
  await queue.idle();
  assert.deepEqual(log, [1, 2]);
});
