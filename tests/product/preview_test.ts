// AltSendMe requests a preview before a download: a raw client does the same with a running pli.

import assert from "node:assert/strict";
import { parseTicket } from "../../src/engine/mod.ts";
import { Bench } from "./processes.ts";
import { noise, writeTree } from "./trees.ts";
import { readSome } from "../fakes/streams.ts";
import { bindIroh } from "../system_ports.ts";

for (const isChosen of [false, true]) {
  Deno.test(`E.18 a raw client gets the preview that AltSendMe reads, ${isChosen ? "with" : "without"} names`, async () => {
    await using bench = await Bench.make();
    await writeTree(bench.path("photos"), { "a.jpg": noise(3000), "sub/b.jpg": noise(70_000) });
    const sender = bench.pli([
      "send",
      ...(isChosen ? ["--preview-names"] : []),
      "--relay",
      "disabled",
      "photos",
    ]);
    const { endpointId: id, relayUrl, addresses } = parseTicket(await sender.ticket());
    const secretKey = crypto.getRandomValues(new Uint8Array(32));
    const endpoint = await bindIroh({ secretKey, relay: "disabled", lookup: "none", accept: new Map() });
    try {
      const provider = { id, relayUrl, directAddresses: addresses };
      const connection = await endpoint.connect(provider, "sendme/metadata/1");
      const { send, receive } = await connection.openBi();
      await send.write([Uint8Array.of(1)]);
      const pieces: Uint8Array[] = [];
      for (let bytes = await readSome(receive, 1 << 16); bytes; bytes = await readSome(receive, 1 << 16)) {
        pieces.push(bytes);
      }
      const answer = Buffer.concat(pieces);
      assert.equal(answer.readUInt32BE(0), answer.length - 4);
      assert.deepEqual(JSON.parse(answer.subarray(4).toString()), {
        file_name: isChosen ? "photos" : "pli",
        item_count: 2,
        size: 73_000,
        ...(isChosen && {
          items: [{ file_name: "photos/a.jpg", size: 3000 }, { file_name: "photos/sub/b.jpg", size: 70_000 }],
        }),
      });
      connection.close(0);
    } finally {
      await endpoint.close();
    }
    await sender.stop("SIGTERM");
    assert.ok(!sender.events.some((event) => event.type === "progress"), "a preview requests no data");
  });
}
