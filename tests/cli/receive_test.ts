// deno-lint-ignore-file no-control-regex
import { deepStrictEqual, doesNotMatch, match, notDeepStrictEqual, ok, strictEqual } from "node:assert";
import { join } from "node:path";
import { type Fetched, type FetchOptions, formatTicket, type Offer, PliError } from "../../src/engine/mod.ts";
import { fakeFetch, OFFER } from "./fake_share.ts";
import { type CliFixture, type FakeOptions, TICKET, withFixture } from "./cli_fixture.ts";
import { threadCpuMs } from "../time_limits.ts";

type Fetch = (options: FetchOptions) => Promise<Fetched>;

/** Receives with a fake engine into a temporary folder, unless the line has a destination. */
async function receiving(
  line: string[],
  { offer = OFFER, fetch = (given) => fakeFetch(given, offer), ...options }: FakeOptions & {
    offer?: Offer;
    fetch?: Fetch;
  },
  check: (exit: number, fixture: CliFixture, given: FetchOptions | undefined, folder: string) => void,
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
  await withFixture(
    argv,
    { ...options, engine },
    (exit, fixture, folder) => check(exit, fixture, given, folder),
  );
}

const HIDDEN: Offer = { ...OFFER, consents: [{ name: ".bashrc", reason: "dot_file", places: 1, files: 1 }] };

Deno.test("receive: a download for which no byte came has no speed", async () => {
  const cases = [
    [{ bytes: 0, resumedBytes: 0 }, /Received 2 files, 0 bytes in 2 sec, direct 203\.0\.113\.7\.\n$/],
    [
      { bytes: 3_000, resumedBytes: 3_000 },
      /Received 2 files, 3\.0 kB in 2 sec, direct 203\.0\.113\.7; 3\.0 kB of that had arrived earlier\.\n$/,
    ],
  ] as const;
  for (const [amounts, last] of cases) {
    const fetch: Fetch = async (given) => ({ ...await fakeFetch(given), ...amounts });
    await receiving([TICKET], { fetch }, (exit, fixture) => {
      strictEqual(exit, 0);
      match(fixture.error.text, last);
    });
  }
});

Deno.test("receive: shows the offer, receives it, and prints its path", async () => {
  await receiving([TICKET], {}, (exit, fixture, given, folder) => {
    strictEqual(exit, 0);
    strictEqual(fixture.output.text, `${join(folder, "holiday")}\n`);
    match(
      fixture.error.text,
      /holiday\/a\.jpg {2}1\.0 kB\n {2}holiday\/b\.jpg {2}2\.0 kB\n2 files in 1 folder, 3\.0 kB\n/,
    );
    match(
      fixture.error.text,
      /Received 2 files, 3\.0 kB in 2 sec \(1\.5 kB\/s\), direct 203\.0\.113\.7\.\n$/,
    );
    deepStrictEqual(given!.destination, { kind: "folder", folder, existing: "merge" });
    strictEqual(formatTicket(given!.ticket), TICKET);
  });
});

Deno.test("receive: quiet prints no message", async () => {
  await receiving([TICKET, "-q"], {}, (exit, fixture) => {
    strictEqual(exit, 0);
    strictEqual(fixture.output.text + fixture.error.text, "");
  });
});

Deno.test("receive: JSON lines are the events", async () => {
  await receiving([TICKET, "--json"], {}, (_exit, fixture, _given, folder) => {
    strictEqual(fixture.error.text, "");
    deepStrictEqual(fixture.json().map(({ type }) => type), [
      "waiting",
      "path",
      "manifest",
      "progress",
      "done",
    ]);
    const { folder: into, paths } = fixture.json().at(-1)!;
    deepStrictEqual({ into, paths }, { into: folder, paths: [join(folder, "holiday")] });
  });
  await receiving(
    [TICKET, "--json", "-o", "-"],
    { fetch: (given) => fakeFetch(given, OFFER) },
    (_exit, fixture) => {
      const { folder: into, paths } = JSON.parse(fixture.error.text.trim().split("\n").at(-1)!);
      deepStrictEqual({ into, paths }, { into: null, paths: [] });
    },
  );
});

Deno.test("receive: warns of too little free space, and continues", async () => {
  const fetch: Fetch = async (given) => {
    given.onEvent({ type: "space_short", neededBytes: 3_000_000, freeBytes: 1_000 });
    return await fakeFetch(given);
  };
  await receiving([TICKET], { fetch }, (exit, fixture) => {
    strictEqual(exit, 0);
    match(fixture.error.text, /The disk may become full: 3\.0 MB are needed, and 1\.0 kB are free\./);
  });
});

Deno.test("receive: finds the ticket in each place where it can be given", async () => {
  const places: [string[], FakeOptions][] = [
    [["sendme", "receive", TICKET], {}],
    [[`pli receive ${TICKET}`], {}],
    [[], { environment: { PLI_TICKET: TICKET } }],
    [[], { environment: { PLI_TICKET: " \t" }, input: TICKET }],
    [[], {
      input: ["noise\nblobaa\n".repeat(100), `x\n${TICKET.slice(0, 9)}`, `\n> ${TICKET.slice(9)}\n`, "rest"],
    }],
    [[], { input: `to get this data, use\nsendme receive ${TICKET}\n` }],
    [[], { input: `what?\n\n${TICKET}\n`, isTerminal: true }],
  ];
  for (const [line, options] of places) {
    await receiving(line, options, (exit, fixture, given) => {
      strictEqual(exit, 0, fixture.error.text);
      strictEqual(formatTicket(given!.ticket), TICKET);
    });
  }
});

/** A text in UTF-16 with a byte order mark, as Windows PowerShell 5 writes files. */
function utf16(text: string, isLittleEndian: boolean): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(2 * (text.length + 1)));
  ["\ufeff", ...text.split("")].forEach((unit, at) => {
    bytes.setUint16(2 * at, unit.charCodeAt(0), isLittleEndian);
  });
  return new Uint8Array(bytes.buffer);
}

Deno.test("E.7 receive: a ticket on standard input may be UTF-16, or have a byte order mark", async () => {
  const text = `to get this data, use\r\npli receive ${TICKET}\r\n`;
  const files = [
    new TextEncoder().encode(`\ufeff${text}`),
    new TextEncoder().encode(`\ufeff${TICKET}`),
    ...[true, false].flatMap((isLittleEndian) => [
      utf16(text, isLittleEndian),
      utf16(TICKET, isLittleEndian),
    ]),
  ];
  for (const file of files) {
    for (const size of [1, 3, 50, file.length]) {
      const input = Array.from(
        { length: Math.ceil(file.length / size) },
        (_, at) => file.subarray(at * size, (at + 1) * size),
      );
      await receiving([], { input }, (exit, fixture, given) => {
        strictEqual(exit, 0, fixture.error.text);
        strictEqual(formatTicket(given!.ticket), TICKET);
      });
    }
  }
});

Deno.test("receive: a missing and an invalid ticket are usage errors", async () => {
  await receiving([], {}, (exit, fixture) => {
    strictEqual(exit, 2);
    match(fixture.error.text, /No ticket was given/);
  });
  await receiving([], { environment: { PLI_TICKET: " " } }, (exit, fixture) => {
    strictEqual(exit, 2);
    match(fixture.error.text, /No ticket was given/);
  });
  for (const line of [["hello"], ["blob!"], ["blobaaaa"]]) {
    await receiving(line, {}, (exit, fixture, given) => {
      strictEqual(exit, 2);
      match(fixture.error.text, /This ticket cannot be read: (it|the text contains no ticket)/);
      strictEqual(given, undefined);
    });
  }
});

Deno.test("E.7 receive: a megabyte without a ticket is refused in little time, from every source", async () => {
  const noise = "blobaa\n".repeat(150_000);
  const chunks = noise.match(/[^]{1,65536}/g)!;
  const places: [string[], FakeOptions][] = [
    [[], { input: chunks }],
    [[], { environment: { PLI_TICKET: noise } }],
    [noise.split("\n", 20_000), {}],
  ];
  for (const [line, options] of places) {
    const startMs = threadCpuMs();
    await receiving(line, options, (exit) => strictEqual(exit, 2));
    const ms = threadCpuMs() - startMs;
    ok(ms < 3_000, `${ms} ms`);
  }
});

Deno.test("receive: standard output gets the bytes and nothing else", async () => {
  const fetch: Fetch = async (options) => {
    if (options.destination.kind === "bytes") {
      await options.destination.write(new TextEncoder().encode("bytes"));
    }
    return await fakeFetch(options);
  };
  await receiving([TICKET, "-o", "-", "--json"], { fetch }, (exit, fixture) => {
    strictEqual(exit, 0);
    strictEqual(fixture.output.text, "bytes");
    match(fixture.error.text, /^\{"v":1,"type":"waiting"/);
  });
});

Deno.test("receive: a full standard output is an error, a closed one is not", async () => {
  const fetch: Fetch = async ({ destination }) => {
    if (destination.kind === "bytes") await destination.write(Uint8Array.of(1));
    throw new Error("the fault of the destination was not passed on");
  };
  const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
  await receiving([TICKET, "-o", "-"], { fetch, outputFault: full }, (exit, fixture) => {
    strictEqual(exit, 5);
    match(fixture.error.text, /Standard output could not be written: the disk is full/);
  });
  await receiving(
    [TICKET, "-o", "-"],
    { fetch, outputFault: new Deno.errors.BrokenPipe() },
    (exit, fixture) => {
      strictEqual(exit, 141);
      strictEqual(fixture.error.text, "");
    },
  );
});

Deno.test("receive: names that cannot be printed after a download are an error", async () => {
  const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
  await receiving([TICKET], { outputFault: full }, (exit, fixture) => {
    strictEqual(exit, 5);
    match(fixture.error.text, /Standard output could not be written: the disk is full/);
  });
});

Deno.test("receive: asks for consent on a terminal, and only yes is consent", async () => {
  for (const [answer, exitCode] of [["y\n", 0], ["Yes\n", 0], ["n\n", 1], ["\n", 1], ["", 1]] as const) {
    await receiving([TICKET], { offer: HIDDEN, isTerminal: true, answer }, (exit, fixture) => {
      strictEqual(exit, exitCode, answer);
      match(fixture.error.text, /\.bashrc: hidden\n/);
      match(fixture.error.text, /Receive this\? \[y\/N\] /);
    });
  }
});

Deno.test("E.24 receive: a folder with a repository is one line and one question, which --yes answers", async () => {
  const offer: Offer = {
    ...OFFER,
    hiddenFiles: 312,
    consents: [{ name: "p/.git", reason: "dot_file", places: 1, files: 312 }],
  };
  await receiving([TICKET], { offer, isTerminal: true, answer: "y\n" }, (exit, fixture) => {
    strictEqual(exit, 0);
    match(fixture.error.text, /These need your consent:\n {2}p\/\.git: hidden, 312 files\nReceive this\?/);
  });
  await receiving([TICKET], { offer }, (exit) => strictEqual(exit, 2));
  await receiving([TICKET, "--yes"], { offer }, (exit) => strictEqual(exit, 0));
});

Deno.test("E.16 receive: very long names are shown without their middle", async () => {
  const long = `begins/${"a/".repeat(200)}ends`;
  const files = [{ name: long, bytes: 1 }];
  const consents = [{ name: `.${long}`, reason: "dot_file" as const, places: 1, files: 1 }];
  const offer = { ...OFFER, files, consents, bytes: 1 };
  await receiving([TICKET], { offer, isTerminal: true, answer: "y\n" }, (_exit, fixture) => {
    match(fixture.error.text, /\n {2}begins\/[a/]{90,100}…[a/]{90,100}ends {2}1 byte\n/);
    match(fixture.error.text, /\n {2}\.begins\/.{150,200}ends: hidden\n/);
  });
  const refused = () => Promise.reject(new PliError("name_refused", { name: long, fault: "too_deep" }));
  await receiving([TICKET], { fetch: refused }, (_exit, fixture) => {
    match(
      fixture.error.text,
      /The name begins\/.{150,200}ends is refused: it has too many folders in each other/,
    );
  });
});

Deno.test("receive: without a terminal consent needs --yes", async () => {
  await receiving([TICKET], { offer: HIDDEN }, (exit, fixture) => {
    strictEqual(exit, 2);
    match(
      fixture.error.text,
      /This needs your consent, and there is no terminal.*\nIt concerns \.bashrc: hidden\./,
    );
    match(fixture.error.text, /--yes/);
  });
  await receiving([TICKET, "--yes"], { offer: HIDDEN }, (exit) => strictEqual(exit, 0));
});

Deno.test("D.30 receive: too little room is asked about, and without a terminal needs --yes", async () => {
  const short = {
    reason: "space_short",
    name: "/dst",
    neededBytes: 40_000_000,
    freeBytes: 5_200_000,
  } as const;
  const offer: Offer = { ...OFFER, consents: [short] };
  const asked = /\n {2}\/dst: 5\.2 MB are free there, and 40\.0 MB are to come\nReceive this\? \[y\/N\] /;
  await receiving([TICKET], { offer, isTerminal: true, answer: "n\n" }, (exit, fixture) => {
    strictEqual(exit, 1);
    match(fixture.error.text, asked);
  });
  for (const line of [[], ["--json"]]) {
    await receiving([TICKET, ...line], { offer }, (exit, fixture) => {
      strictEqual(exit, 2);
      match(
        fixture.error.text + fixture.output.text,
        /It concerns \/dst: 5\.2 MB are free there, and 40\.0 MB are to come\. /,
      );
    });
  }
  const fetch: Fetch = async (given) => {
    const fetched = await fakeFetch(given, offer);
    given.onEvent({ type: "space_short", neededBytes: 40_000_000, freeBytes: 5_200_000 });
    return fetched;
  };
  await receiving([TICKET, "--yes"], { fetch }, (exit, fixture) => {
    strictEqual(exit, 0);
    doesNotMatch(fixture.error.text, /The disk may become full/, "it is reported once");
  });
});

Deno.test("E.24 receive: --overwrite consents to what it replaces, and to nothing else", async () => {
  const replaced = { name: "a.txt", reason: "overwrite" as const };
  await receiving([TICKET, "--overwrite"], { offer: { ...OFFER, consents: [replaced] } }, (exit, fixture) => {
    strictEqual(exit, 0, fixture.error.text);
    match(fixture.error.text, /a\.txt: replaces an existing file/);
  });
  const both = { ...OFFER, consents: [...HIDDEN.consents, replaced] };
  await receiving([TICKET, "--overwrite", "--json"], { offer: both }, (exit, fixture) => {
    strictEqual(exit, 2);
    const { code, parameters, advice } = fixture.json().at(-1)!;
    deepStrictEqual({ code, parameters }, {
      code: "consent_needed",
      parameters: { names: [".bashrc"], consents: HIDDEN.consents },
    });
    match(String(advice), /^It concerns \.bashrc: hidden\. Nothing was written\./);
  });
});

Deno.test("receive: --preview asks also where no consent is needed", async () => {
  await receiving([TICKET, "--preview"], {}, (exit) => strictEqual(exit, 2));
  await receiving([TICKET, "--preview", "--yes"], {}, (exit) => strictEqual(exit, 0));
  await receiving([TICKET, "--preview"], { isTerminal: true, answer: "n\n" }, (exit, fixture) => {
    strictEqual(exit, 1);
    match(fixture.error.text, /Not received, as you chose/);
  });
});

Deno.test("receive: names of a peer are shown escaped, a few of them", async () => {
  const files = Array.from(
    { length: 20 },
    (_, index) => ({ name: `\x1b]0;owned\x07${index}\u202e`, bytes: 1 }),
  );
  const offer = {
    ...OFFER,
    files,
    bytes: 20,
    consents: [{ name: ".\x1b[2J", reason: "overwrite" as const }],
  };
  await receiving([TICKET], { offer, isTerminal: true, answer: "y\n" }, (_exit, fixture) => {
    const written = (fixture.error.text + fixture.output.text).replaceAll(/\x1b\[\d*m|\r\x1b\[K/g, "");
    doesNotMatch(written, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    match(written, /and 12 more/);
  });
});

Deno.test("receive: options reach the engine", async () => {
  const line = [TICKET, "--only", "*.jpg", "--overwrite", "--relay", "disabled", "--bind", "127.0.0.1:9"];
  await receiving(line, {}, (_exit, _fixture, given, folder) => {
    deepStrictEqual(given!.destination, { kind: "folder", folder, existing: "overwrite" });
    deepStrictEqual(["a/b.jpg", "a/b.png"].map(given!.only!), [true, false]);
    strictEqual(given!.relay, "disabled");
    strictEqual(given!.bindAddress, "127.0.0.1:9");
  });
});

Deno.test("receive: --only that matches nothing is reported", async () => {
  await receiving(
    [TICKET, "--only", "*.gif"],
    { offer: { ...OFFER, files: [], bytes: 0, folders: 0, tops: 0 } },
    (exit, fixture) => {
      strictEqual(exit, 1);
      match(fixture.error.text, /Nothing in this ticket matches --only \*\.gif/);
    },
  );
});

Deno.test("E.5 receive: an --only that matches nothing is reported beside one that does, also with -q", async () => {
  const fetch: Fetch = async (options) => {
    // Like the engine.
    for (const name of ["trip/a.jpg", "trip/.git/config"]) options.only!(name);
    return await fakeFetch(options);
  };
  for (const line of [[], ["-q"]]) {
    await receiving(
      [TICKET, "--only", "*.jpg", "--only", ".git/**", "--only", "*.gif", ...line],
      { fetch },
      (exit, fixture) => {
        strictEqual(exit, 0);
        match(fixture.error.text, /^--only \.git\/\*\* matches nothing\. \*\*\/\.git\/\*\* does\.$/m);
        match(fixture.error.text, /^--only \*\.gif matches nothing\.$/m);
        doesNotMatch(fixture.error.text, /--only \*\.jpg/);
      },
    );
  }
});

Deno.test("receive: renamed and existing files are reported", async () => {
  const fetch: Fetch = async (options) => {
    for (let index = 0; index < 7; index++) {
      const reason = index === 4 ? "unsupported" : "exists";
      options.onEvent({ type: "renamed", from: `a${index}`, to: `b${index}`, reason });
    }
    options.onEvent({ type: "skipped", name: "c", reason: "already_there" });
    return await fakeFetch(options);
  };
  await receiving([TICKET], { fetch }, (_exit, fixture) => {
    match(fixture.error.text, /^a3 is saved as b3, because a file or folder of that name exists\.$/m);
    match(fixture.error.text, /^a4 is saved as b4, because that name is not possible on this disk\.$/m);
    doesNotMatch(fixture.error.text, /a5 is saved/);
    match(fixture.error.text, /^2 more files or folders were renamed\.$/m);
    match(fixture.error.text, /1 file: already there/);
  });
});

Deno.test("receive: a file that does not have the name given by -o is reported, also with -q", async () => {
  const received = (files: number): Fetch => async (options) => {
    const { destination, onEvent } = options;
    if (destination.kind !== "folder") throw new Error("it is a folder");
    const { folder, name = null } = destination;
    const place = files === 1 ? { folder, name } : { folder: join(folder, name ?? ""), name: null };
    return await fakeFetch({
      ...options,
      decide: async (offer) => {
        const isAccepted = await options.decide({ ...offer, place });
        onEvent({ type: "renamed", from: "sent", to: `${name ?? "sent"} (2)`, reason: "exists" });
        return isAccepted;
      },
    }, { ...OFFER, files: Array.from(OFFER.files).slice(0, files) });
  };
  const folder = await Deno.makeTempDir();
  try {
    const said = "given is saved as given (2), because a file or folder of that name exists.\n";
    const cases: [string, number, string][] = [
      [join(folder, "given"), 1, said],
      // Names inside a folder were not given.
      [join(folder, "given"), 2, ""],
      [`${folder}/`, 1, ""],
    ];
    for (const [out, files, expected] of cases) {
      await receiving([TICKET, "-q", "-o", out], { fetch: received(files) }, (exit, fixture) => {
        strictEqual(exit, 0);
        strictEqual(fixture.error.text, expected, `${out}, ${files}`);
        strictEqual(fixture.output.text, "");
      });
      await receiving([TICKET, "-o", out], { fetch: received(files) }, (_exit, fixture) => {
        strictEqual(fixture.error.text.match(/is saved as/g)?.length, 1, "it is reported once");
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("receive: a failed download keeps its key for the next attempt, a declined one leaves no record", async () => {
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
  await receiving([TICKET, "-v"], { fetch }, (exit, fixture) => {
    strictEqual(exit, 3);
    match(fixture.error.text, /error: The sender could not be reached\.\nCheck that/);
    match(
      fixture.error.text,
      /\n {2}peer_unreachable \{"id":"abab.*\}\n {2}caused by Error: time\n {2}\| out\n$/,
    );
  });
  await receiving([TICKET, "--json"], { fetch }, (exit, fixture) => {
    strictEqual(exit, 3);
    const { message, advice, ...rest } = fixture.json()[0];
    const parameters = { id: "ab".repeat(32) };
    deepStrictEqual(rest, { v: 1, type: "error", code: "peer_unreachable", parameters });
    ok(message !== "" && advice !== "");
  });
});

/** Delivers one of two files, and `keptBytes` of the other. */
function losing(keptBytes: number): Fetch {
  return async (options) => {
    const { bytes, folders, hiddenFiles, files } = OFFER;
    options.onEvent({ type: "manifest", files, bytes, folders, hiddenFiles });
    options.onEvent({ type: "source_lost", name: "holiday/b.jpg" });
    const fetched = await fakeFetch(options);
    const lost = [{ name: "holiday/b.jpg", bytes: 2_000 }];
    return { ...fetched, files: 1, bytes: 1_000, lost, lostFiles: 1, keptBytes };
  };
}

Deno.test("E.6 receive: lost files are named, with exit code 7 and the kept bytes", async () => {
  await receiving([TICKET, "-q"], { fetch: losing(0) }, (exit, fixture) => {
    strictEqual(exit, 7);
    match(
      fixture.error.text,
      /^Not received, because the sender has changed or removed it .*: holiday\/b\.jpg\n/,
    );
    match(fixture.error.text, /Nothing of that is kept\. Ask the sender to send it again\.\n$/);
  });
  await receiving([TICKET], { fetch: losing(1_500) }, (exit, fixture, _given, folder) => {
    strictEqual(exit, 7);
    match(fixture.error.text, /holiday\/b\.jpg cannot be sent any more: .*The other files continue\./);
    match(fixture.error.text, /Received 1 file, 1\.0 kB/);
    ok(fixture.error.text.includes(`1.5 kB of that are kept in ${folder}. pli resume continues`));
  });
});

Deno.test("E.6 receive: a share whose only file is lost has exit code 4, with the kept bytes", async () => {
  const failing = (arrivedBytes: number): Fetch => async (options) => {
    await options.decide(OFFER);
    options.onBegun?.(() => 0, () => arrivedBytes);
    options.onEvent({ type: "source_lost", name: "holiday/a.jpg" });
    throw new PliError("source_lost", { name: "holiday/a.jpg" });
  };
  await receiving([TICKET], { fetch: failing(0) }, (exit, fixture) => {
    strictEqual(exit, 4);
    match(fixture.error.text, /Nothing of it was kept\. Ask the sender to send it again\.\n$/);
  });
  await receiving([TICKET], { fetch: failing(1_500) }, (exit, fixture) => {
    strictEqual(exit, 4);
    match(fixture.error.text, /1\.5 kB that are right are kept: pli resume lists them/);
  });
});

Deno.test("E.6 receive: bytes that went to standard output before the file was lost are reported", async () => {
  const fetch: Fetch = async (options) => {
    await options.decide(OFFER);
    if (options.destination.kind === "bytes") await options.destination.write(new Uint8Array(1_500));
    throw new PliError("source_lost", { name: "holiday/a.jpg" });
  };
  await receiving([TICKET, "-o", "-"], { fetch }, (exit, fixture) => {
    strictEqual(exit, 4);
    match(
      fixture.error.text,
      /The 1\.5 kB that were written to standard output are right, but not all of it\. Ask/,
    );
  });
});

Deno.test("E.6 receive: no continuation is announced for the only file when it is lost", async () => {
  const fetch: Fetch = async (options) => {
    await options.decide({ ...OFFER, files: [...OFFER.files].slice(0, 1) });
    options.onEvent({ type: "source_lost", name: "holiday/a.jpg" });
    throw new PliError("source_lost", { name: "holiday/a.jpg" });
  };
  await receiving([TICKET], { fetch }, (exit, fixture) => {
    strictEqual(exit, 4);
    match(fixture.error.text, /holiday\/a\.jpg cannot be sent any more: [^.]*\.\n/);
    ok(!fixture.error.text.includes("The other files continue"));
  });
});
