// A share that another receiver claims while the user of this one is asked.

import assert from "node:assert/strict";
import { isPliError, type TransferEvent } from "../../../src/engine/mod.ts";
import { inTime } from "./in_time.ts";
import { newKey, TransferFixture } from "./transfer_fixture.ts";

Deno.test("F.3 a receiver whose share is claimed by another during its question ends soon, and leaves no folder", async () => {
  const sources: Record<string, string | Uint8Array>[] = [
    { file: "content" },
    { "folder/one": "1", "folder/two": new Uint8Array(3_000_000) },
  ];
  for (const files of sources) {
    const fixture = new TransferFixture(files);
    const share = await fixture.share();
    const answer = Promise.withResolvers<boolean>();
    const asked = Promise.withResolvers<void>();
    const events: TransferEvent[] = [];
    const first = fixture.fetch(share.ticket, {
      // Like the terminal: no time limit of retries after the first contact.
      waitLimits: {},
      onEvent: (event) => events.push(event),
      decide: () => {
        asked.resolve();
        return answer.promise;
      },
    });
    const ended = first.then(() => null, (error) => error);
    await inTime(fixture, asked.promise);
    const folder = "/dst/second";
    await inTime(
      fixture,
      fixture.fetch(share.ticket, {
        secretKey: newKey(),
        destination: { kind: "folder", folder, existing: "merge" },
      }),
    );
    assert.equal(await share.ended, "delivered");
    await inTime(fixture, share.close());
    const startMs = fixture.clock.nowMs();
    answer.resolve(true);
    const error = await inTime(fixture, ended);
    assert.ok(isPliError(error), `${error}`);
    assert.ok(["peer_unreachable", "connection_lost", "peer_refused"].includes(error.code), error.code);
    assert.ok(fixture.clock.nowMs() - startMs <= 45_000);
    const left = fixture.receiverDisk.tree("/dst").filter((path) => !path.startsWith("second"));
    assert.deepEqual(left, []);
  }
});
