// A raw client and a real `pli send`: refusals, after which it continues to serve.

import assert from "node:assert/strict";
import { isPliError } from "../../src/engine/errors.ts";
import { EVERYTHING, NOTHING } from "../../src/engine/wire/range_spec.ts";
import { parseTicket } from "../../src/engine/wire/ticket.ts";
import { Bench } from "../product/processes.ts";
import { noise } from "../product/trees.ts";
import { randomFrom } from "./damaged.ts";
import { hashOf } from "./false_provider.ts";
import { bindRaw, connectRaw, fetchAnswer, get, mebibytes, residentBytes } from "./raw.ts";
import { report } from "../report.ts";

const LOCAL = ["--relay", "disabled"];

/** The code that a request is reset with; null when it is answered. */
async function resetCode(answer: Promise<Uint8Array>): Promise<number | null> {
  try {
    await answer;
    return null;
  } catch (error) {
    if (!isPliError(error, "stream_reset")) throw error;
    return error.parameters.streamCode;
  }
}

Deno.test("B.13, B.14 random bytes, unknown hashes, Push and Observe are reset, and the share continues", async () => {
  await using bench = await Bench.make();
  const [shared, known] = [noise(5_000, 1), noise(5_000, 2)];
  await Deno.writeFile(bench.path("shared"), shared);
  await Deno.writeFile(bench.path("known"), known);
  const home = bench.path("home");
  // The same home has hashed this file before, and has it in its cache.
  const earlier = bench.pli(["send", ...LOCAL, bench.path("known")], { home });
  const earlierHash = parseTicket(await earlier.ticket()).hash;
  await earlier.stop("SIGTERM");
  const sender = bench.pli(["send", ...LOCAL, "--keep", bench.path("shared")], { home });
  const ticket = await sender.ticket();
  const { hash } = parseTicket(ticket);
  const endpoint = await bindRaw();
  let connection = await connectRaw(endpoint, ticket);
  const beforeBytes = residentBytes(sender.process.pid);
  const everything = [0, EVERYTHING] as [number, typeof EVERYTHING];
  for (const foreign of [earlierHash, hashOf(known), new Uint8Array(32), noise(32, 9)]) {
    assert.equal(await resetCode(fetchAnswer(connection, get(foreign, everything))), 3);
    assert.equal(await resetCode(fetchAnswer(connection, get(foreign, everything, [1, NOTHING]))), 3);
  }
  for (const kind of [1, 8]) {
    for (const about of [hash, new Uint8Array(32)]) {
      assert.equal(await resetCode(fetchAnswer(connection, Uint8Array.of(kind, ...about))), 1);
    }
  }
  const good = get(hash, [0, EVERYTHING], [1, NOTHING]);
  const random = randomFrom(77);
  const runs = Deno.env.get("PLI_LONG") ? 20_000 : 500;
  let answered = 0;
  const damage = (): Uint8Array => {
    const bytes = random(2) === 0 ? noise(random(200), random(1e9) + 1).slice() : good.slice();
    if (bytes.length > 0) bytes[random(bytes.length)] ^= 1 << random(8);
    // Those are reset with 1, as tested above.
    if (bytes[0] === 1 || bytes[0] === 8) bytes[0] = 0;
    return bytes;
  };
  for (let i = 0; i < runs; i += 8) {
    const codes = await Promise.all(
      Array.from({ length: 8 }, async () => await resetCode(fetchAnswer(connection, damage()))),
    );
    for (const code of codes) {
      if (code === null) answered++;
      else assert.equal(code, 3);
    }
  }
  // More than the maximum of a request, and endless varints.
  connection.close(0);
  connection = await connectRaw(endpoint, ticket);
  for (const bytes of [new Uint8Array(1024 * 1024 + 2), new Uint8Array(300).fill(0xff, 1)]) {
    assert.equal(await resetCode(fetchAnswer(connection, bytes)), 3);
  }
  assert.ok((await fetchAnswer(connection, good)).length > 0, "it continues to serve");
  assert.ok(!sender.events.some(({ type }) => type === "answer_failed"), sender.output);
  const growthBytes = residentBytes(sender.process.pid) - beforeBytes;
  report(
    `B.13: ${runs} damaged requests, ${answered} of them still requests, memory +${mebibytes(growthBytes)}`,
  );
  await endpoint.close();
});
