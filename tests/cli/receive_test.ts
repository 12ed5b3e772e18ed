// deno-lint-ignore-file no-control-regex
import { deepStrictEqual, doesNotMatch, match, notDeepStrictEqual, ok, strictEqual } from "node:assert";
import { join } from "node:path";
import { type Fetched, type FetchOptions, type Offer, PliError } from "../../src/engine/mod.ts";
import { fakeFetch, OFFER } from "./fake_share.ts";
import { type FakeOptions, type FakeWorld, inWorld, TICKET } from "./fake_world.ts";

type Fetch = (options: FetchOptions) => Promise<Fetched>;

/** Receives with a fake engine into a temporary folder, unless the line says where. */
async function receiving(
  line: string[],
  { offer = OFFER, fetch = (given) => fakeFetch(given, offer), ...options }: FakeOptions & {
    offer?: Offer;
    fetch?: Fetch;
  },
  check: (exit: number, world: FakeWorld, given: FetchOptions | undefined, folder: string) => void,
) {
  let given: FetchOptions | undefined;
  const engine = {
    fetch: (options: FetchOptions) => {
      given = options;
      return fetch(options);
    },
  };
  const argv = (folder: string) => {
    return ["receive", ...(line.includes("-o") ? [] : ["-o", folder]), ...line];
  };
  await inWorld(argv, { ...options, engine }, (exit, world, folder) => check(exit, world, given, folder));
}

const HIDDEN: Offer = { ...OFFER, consents: [{ name: ".bashrc", reason: "dot_file" }] };

Deno.test("receive: shows what comes, brings it, and prints where it is", async () => {
  await receiving([TICKET], {}, (exit, world, given, folder) => {
    strictEqual(exit, 0);
    strictEqual(world.output.text, `${join(folder, "holiday")}\n`);
    match(world.error.text, /holiday\/a\.jpg {2}1\.0 kB\n {2}holiday\/b\.jpg {2}2\.0 kB\n2 files, 3\.0 kB\n/);
    match(world.error.text, /Received 2 files, 3\.0 kB in 2 sec \(1\.5 kB\/s\), direct 203\.0\.113\.7\.\n$/);
    deepStrictEqual(given!.destination, { kind: "folder", folder, existing: "merge" });
    strictEqual(given!.ticket, TICKET);
  });
});

Deno.test("receive: quiet says nothing", async () => {
  await receiving([TICKET, "-q"], {}, (exit, world) => {
    strictEqual(exit, 0);
    strictEqual(world.output.text + world.error.text, "");
  });
});

Deno.test("receive: JSON lines are the events", async () => {
  await receiving([TICKET, "--json"], {}, (_exit, world) => {
    strictEqual(world.error.text, "");
    deepStrictEqual(world.json().map(({ type }) => type), [
      "waiting",
      "path",
      "manifest",
      "progress",
      "done",
    ]);
  });
});

Deno.test("receive: warns when there may not be room for it, and goes on", async () => {
  const fetch: Fetch = async (given) => {
    given.onEvent({ type: "space_short", neededBytes: 3_000_000, freeBytes: 1_000 });
    return await fakeFetch(given);
  };
  await receiving([TICKET], { fetch }, (exit, world) => {
    strictEqual(exit, 0);
    match(world.error.text, /The disk may become full: 3\.0 MB are to come, and 1\.0 kB are free\./);
  });
});

Deno.test("receive: finds the ticket wherever it is given", async () => {
  const places: [string[], FakeOptions][] = [
    [["sendme", "receive", TICKET], {}],
    [[`pli receive ${TICKET}`], {}],
    [[], { environment: { PLI_TICKET: TICKET } }],
    [[], { input: `to get this data, use\nsendme receive ${TICKET}\n` }],
    [[], { input: `what?\n\n${TICKET}\n`, isTerminal: true }],
  ];
  for (const [line, options] of places) {
    await receiving(line, options, (exit, world, given) => {
      strictEqual(exit, 0, world.error.text);
      strictEqual(given!.ticket, TICKET);
    });
  }
});

Deno.test("receive: no ticket, and a wrong one, are usage errors", async () => {
  await receiving([], {}, (exit, world) => {
    strictEqual(exit, 2);
    match(world.error.text, /No ticket was given/);
  });
  for (const line of [["hello"], ["blob!"], ["blobaaaa"]]) {
    await receiving(line, {}, (exit, world, given) => {
      strictEqual(exit, 2);
      match(world.error.text, /This ticket cannot be read: it /);
      strictEqual(given, undefined);
    });
  }
});

Deno.test("receive: standard output gets the bytes and nothing else", async () => {
  const fetch: Fetch = async (options) => {
    if (options.destination.kind === "bytes") {
      await options.destination.write(new TextEncoder().encode("bytes"));
    }
    return await fakeFetch(options);
  };
  await receiving([TICKET, "-o", "-", "--json"], { fetch }, (exit, world) => {
    strictEqual(exit, 0);
    strictEqual(world.output.text, "bytes");
    match(world.error.text, /^\{"v":1,"type":"waiting"/);
  });
});

Deno.test("receive: standard output that is full is an error, one that nobody reads is not", async () => {
  const fetch: Fetch = async ({ destination }) => {
    if (destination.kind === "bytes") await destination.write(Uint8Array.of(1));
    throw new Error("the fault of the destination was not passed on");
  };
  const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
  await receiving([TICKET, "-o", "-"], { fetch, outputFault: full }, (exit, world) => {
    strictEqual(exit, 5);
    match(world.error.text, /Standard output could not be written: the disk is full/);
  });
  await receiving(
    [TICKET, "-o", "-"],
    { fetch, outputFault: new Deno.errors.BrokenPipe() },
    (exit, world) => {
      strictEqual(exit, 141);
      strictEqual(world.error.text, "");
    },
  );
});

Deno.test("receive: asks on a terminal when consent is due, and takes only yes for yes", async () => {
  for (const [answer, exitCode] of [["y\n", 0], ["Yes\n", 0], ["n\n", 1], ["\n", 1], ["", 1]] as const) {
    await receiving([TICKET], { offer: HIDDEN, isTerminal: true, input: answer }, (exit, world) => {
      strictEqual(exit, exitCode, answer);
      match(world.error.text, /\.bashrc: hidden, at the top of the folder/);
      match(world.error.text, /Receive this\? \[y\/N\] /);
    });
  }
});

Deno.test("receive: without a terminal consent needs --yes", async () => {
  await receiving([TICKET], { offer: HIDDEN }, (exit, world) => {
    strictEqual(exit, 2);
    match(world.error.text, /This needs your consent, and there is no terminal.*\nIt is about \.bashrc\./);
    match(world.error.text, /--yes/);
  });
  await receiving([TICKET, "--yes"], { offer: HIDDEN }, (exit) => strictEqual(exit, 0));
});

Deno.test("receive: --preview asks although nothing is special", async () => {
  await receiving([TICKET, "--preview"], {}, (exit) => strictEqual(exit, 2));
  await receiving([TICKET, "--preview", "--yes"], {}, (exit) => strictEqual(exit, 0));
  await receiving([TICKET, "--preview"], { isTerminal: true, input: "n\n" }, (exit, world) => {
    strictEqual(exit, 1);
    match(world.error.text, /Not received, as you chose/);
  });
});

Deno.test("receive: names of a peer are shown escaped, a few of them", async () => {
  const files = Array.from(
    { length: 20 },
    (_, index) => ({ name: `\x1b]0;owned\x07${index}\u202e`, bytes: 1 }),
  );
  const offer = { files, bytes: 20, consents: [{ name: ".\x1b[2J", reason: "overwrite" as const }] };
  await receiving([TICKET], { offer, isTerminal: true, input: "y\n" }, (_exit, world) => {
    const written = (world.error.text + world.output.text).replaceAll(/\x1b\[\d*m|\r\x1b\[K/g, "");
    doesNotMatch(written, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    match(written, /and 12 more/);
  });
});

Deno.test("receive: options reach the engine", async () => {
  const line = [TICKET, "--only", "*.jpg", "--overwrite", "--relay", "disabled", "--bind", "127.0.0.1:9"];
  await receiving(line, {}, (_exit, _world, given, folder) => {
    deepStrictEqual(given!.destination, { kind: "folder", folder, existing: "overwrite" });
    deepStrictEqual(["a/b.jpg", "a/b.png"].map(given!.only!), [true, false]);
    strictEqual(given!.relay, "disabled");
    strictEqual(given!.bindAddress, "127.0.0.1:9");
  });
});

Deno.test("receive: --only that matches nothing says so", async () => {
  await receiving(
    [TICKET, "--only", "*.gif"],
    { offer: { files: [], bytes: 0, consents: [] } },
    (exit, world) => {
      strictEqual(exit, 1);
      match(world.error.text, /Nothing in this ticket matches --only \*\.gif/);
    },
  );
});

Deno.test("receive: what was renamed and what was there is told", async () => {
  const fetch: Fetch = async (options) => {
    for (let index = 0; index < 7; index++) {
      options.onEvent({ type: "renamed", from: `a${index}`, to: `b${index}` });
    }
    options.onEvent({ type: "skipped", name: "c", reason: "already_there" });
    return await fakeFetch(options);
  };
  await receiving([TICKET], { fetch }, (_exit, world) => {
    match(world.error.text, /a4 becomes b4\n/);
    doesNotMatch(world.error.text, /a5 becomes/);
    match(world.error.text, /and 2 other names changed/);
    match(world.error.text, /1 file: already there/);
  });
});

Deno.test("receive: a failed download keeps its key for the next try, a declined one leaves nothing", async () => {
  const home = await Deno.makeTempDir();
  const folder = await Deno.makeTempDir();
  const keys: Uint8Array[] = [];
  const receive = async (fetch: Fetch) => {
    const remembering: Fetch = (options) => {
      keys.push(options.secretKey);
      return fetch(options);
    };
    await receiving(
      [TICKET, "-o", folder],
      { fetch: remembering, environment: { PLI_HOME: home } },
      () => {},
    );
    return [...Deno.readDirSync(join(home, "downloads"))].length;
  };
  const decline: Fetch = () => Promise.reject(new PliError("declined", {}));
  const breakOff: Fetch = async (options) => {
    await fakeFetch(options);
    throw new PliError("connection_lost", {});
  };
  deepStrictEqual([await receive(decline), await receive(breakOff), await receive(fakeFetch)], [0, 1, 0]);
  notDeepStrictEqual(keys[0], keys[1]);
  deepStrictEqual(keys[1], keys[2]);
  ok(keys.every((key) => key.length === 32));
  await Deno.remove(home, { recursive: true });
  await Deno.remove(folder);
});

Deno.test("receive: an error of the engine has its exit code, advice and, with -v, its causes", async () => {
  const fetch: Fetch = () => {
    return Promise.reject(
      new PliError("peer_unreachable", { id: "ab".repeat(32) }, { cause: new Error("time\nout") }),
    );
  };
  await receiving([TICKET, "-v"], { fetch }, (exit, world) => {
    strictEqual(exit, 3);
    match(world.error.text, /error: The sender could not be reached\.\nCheck that/);
    match(
      world.error.text,
      /\n {2}peer_unreachable \{"id":"abab.*\}\n {2}caused by Error: time\n {2}\| out\n$/,
    );
  });
  await receiving([TICKET, "--json"], { fetch }, (exit, world) => {
    strictEqual(exit, 3);
    const { message, advice, ...rest } = world.json()[0];
    const parameters = { id: "ab".repeat(32) };
    deepStrictEqual(rest, { v: 1, type: "error", code: "peer_unreachable", parameters });
    ok(message !== "" && advice !== "");
  });
});
