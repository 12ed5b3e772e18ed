// deno-lint-ignore-file no-control-regex
import { deepStrictEqual, doesNotMatch, match, notDeepStrictEqual, ok, strictEqual } from "node:assert";
import { join } from "node:path";
import { PliError, type ShareOptions, type SkipReason } from "../../src/engine/mod.ts";
import { needing } from "../left_out.ts";
import { type FakeShare, fakeShare } from "./fake_share.ts";
import { type CliFixture, type FakeOptions, TICKET, withFixture } from "./cli_fixture.ts";

const ID = "ab".repeat(32);
const NO_FOLDERS = Deno.build.os === "windows" ? "it needs a system that opens folders as files" : null;

/** Sends a file `a.txt` with a fake engine, in which `serve` runs after the ticket. */
async function sending(
  line: string[],
  { serve = (share) => share.end("delivered"), relayReached, ...options }: FakeOptions & {
    serve?: (share: FakeShare) => void;
    relayReached?: boolean;
  },
  check: (exit: number, fixture: CliFixture, share: FakeShare) => Promise<void> | void,
) {
  let share: FakeShare | undefined;
  const engine = {
    share: (given: ShareOptions) => {
      share = fakeShare(given, relayReached);
      queueMicrotask(() => serve(share!));
      return Promise.resolve(share);
    },
  };
  const argv = (folder: string) => {
    Deno.writeTextFileSync(join(folder, "a.txt"), "a");
    return ["send", ...line.map((word) => word === "PATH" ? join(folder, "a.txt") : word)];
  };
  await withFixture(
    argv,
    { ...options, engine },
    async (exit, fixture) => await check(exit, fixture, share!),
  );
}

Deno.test("send: the result is two lines like those of sendme, messages go elsewhere", async () => {
  await sending(["PATH"], {}, (exit, fixture, share) => {
    strictEqual(exit, 0);
    strictEqual(fixture.output.text, `to get this data, use\npli receive ${TICKET}\n`);
    match(
      fixture.error.text,
      /^Hashing…\n2 files, 3\.0 kB\nKeep this open until one receiver has everything/,
    );
    match(fixture.error.text, /Delivered: the receiver has verified everything\. This may be closed\.\n$/);
    strictEqual(share.isClosed, true);
  });
});

Deno.test("send: a delivery without a receipt is reported as sent", async () => {
  await sending(["PATH"], { serve: (share) => share.end("sent") }, (exit, fixture) => {
    strictEqual(exit, 0);
    match(fixture.error.text, /Sent completely/);
    doesNotMatch(fixture.error.text, /Delivered/);
  });
});

Deno.test("send: for a receiver that had a part the sent bytes are reported", async () => {
  // One chunk is requested also by a receiver that has everything.
  const cases = [
    [2_000, /2\.0 kB of it were sent; it had the rest already/],
    [1_024, /It had all of it already, or all but 1\.0 kB\./],
  ] as const;
  for (const [bytes, sentence] of cases) {
    const serve = (share: FakeShare) => {
      share.options.onEvent({ type: "delivered", id: ID, bytes, files: 2 });
      share.end("delivered");
    };
    await sending(["PATH"], { serve }, (exit, fixture) => {
      strictEqual(exit, 0);
      match(fixture.error.text, sentence);
    });
  }
});

Deno.test("send: quiet prints the ticket alone", async () => {
  await sending(["PATH", "-q"], {}, (_exit, fixture) => {
    strictEqual(fixture.output.text, `${TICKET}\n`);
    strictEqual(fixture.error.text, "");
  });
});

Deno.test("send: JSON lines are the events", async () => {
  await sending(["PATH", "--json"], {}, (exit, fixture) => {
    strictEqual(exit, 0);
    strictEqual(fixture.error.text, "");
    const lines = fixture.json();
    deepStrictEqual(lines.map(({ v, type }) => [v, type]), [[1, "hashing"], [1, "ticket"], [1, "ended"]]);
    strictEqual(lines[2].state, "delivered");
    strictEqual(lines[1].ticket, TICKET);
  });
});

Deno.test("send: options reach the engine", async () => {
  const line = [
    "PATH",
    "--keep",
    "--ticket",
    "all",
    "--exclude",
    "*.tmp",
    "--relay",
    "disabled",
    "--bind",
    "127.0.0.1:9",
    "--preview-names",
  ];
  await sending(line, {}, (_exit, _fixture, { options }) => {
    strictEqual(options.keep, true);
    strictEqual(options.previewNames, true);
    strictEqual(options.ticketKind, "all");
    strictEqual(options.relay, "disabled");
    strictEqual(options.bindAddress, "127.0.0.1:9");
    deepStrictEqual(["a/b.tmp", "a/b.txt"].map(options.exclude!), [true, false]);
    strictEqual(options.paths.length, 1);
    ok(options.paths[0].endsWith("a.txt"));
  });
});

Deno.test("send: the engine gets the hash cache, unless it is disabled or has no use", async () => {
  const hasCache = async (line: string[]) => {
    let has = false;
    await sending(line, { input: "text" }, (exit, fixture) => {
      strictEqual(exit, 0);
      has = fixture.hashes !== undefined;
    });
    return has;
  };
  strictEqual(await hasCache(["PATH"]), true);
  strictEqual(await hasCache(["PATH", "--no-cache"]), false);
  strictEqual(await hasCache(["-"]), false);
});

Deno.test("send: warns when no relay was reached, if the ticket needs one", async () => {
  const warned = async (line: string[]) => {
    let text = "";
    await sending(
      ["PATH", ...line],
      { relayReached: false },
      (_exit, fixture) => void (text = fixture.error.text),
    );
    return text;
  };
  match(
    await warned([]),
    /No relay was reached\. The ticket names the address 192\.168\.7\.4 of this computer/,
  );
  match(await warned(["--ticket", "id"]), /No relay was reached: receivers in other networks may not/);
  doesNotMatch(await warned(["--relay", "disabled"]), /No relay/);
  doesNotMatch(await warned(["--ticket", "addresses"]), /No relay/);
});

Deno.test("send: reports receivers that connect, their path, and those that disconnect", async () => {
  const serve = (share: FakeShare) => {
    const { onEvent } = share.options;
    onEvent({ type: "receiver", id: ID, state: "receiving" });
    onEvent({ type: "path", id: ID, kind: "relay", address: "https://eu.example.org./", rttMs: 40.2 });
    onEvent({ type: "path", id: ID, kind: "direct", address: "[2001:db8::1]:4433", rttMs: 10.4 });
    onEvent({ type: "path", id: ID, kind: "direct", address: "[2001:db8::1]:4433", rttMs: 11 });
    onEvent({ type: "receiver", id: ID, state: "gone" });
    share.end("sent");
  };
  await sending(["PATH", "-v"], { serve }, (_exit, fixture) => {
    match(fixture.error.text, /Receiver ababababab is receiving\./);
    match(fixture.error.text, /is connected: relay eu\.example\.org\.?, 40 ms\./);
    strictEqual(fixture.error.text.match(/direct 2001:db8::1, 10 ms/g)?.length, 1);
    match(fixture.error.text, /has disconnected\. It can connect again/);
  });
});

Deno.test("send: a partial delivery is reported as such", async () => {
  const serve = (share: FakeShare) => {
    share.options.onEvent({ type: "delivered", id: ID, bytes: 1, files: 1 });
    share.end("delivered");
  };
  await sending(
    ["PATH"],
    { serve },
    (_exit, fixture) => match(fixture.error.text, /everything that it selected, 1 of 2 files\./),
  );
});

/** Sends with an engine that leaves files out. */
async function leavingOut(
  line: string[],
  skipped: readonly { name: string; reason: SkipReason }[],
  check: (exit: number, fixture: CliFixture) => void,
) {
  const engine = {
    share: (options: ShareOptions) => {
      for (const each of skipped) options.onEvent({ type: "skipped", ...each });
      const share = fakeShare(options);
      share.end("delivered");
      return Promise.resolve(share);
    },
  };
  await withFixture((folder) => ["send", folder, ...line], { engine }, check);
}

const LINKS = Array.from({ length: 7 }, (_, at) => ({ name: `x/${at}\x1b[2J`, reason: "symlink" } as const));
const CLOSED = { name: "x/closed", reason: "unreadable" } as const;

Deno.test("E.2 send: skipped files are reported in one line, with count and first names, also with -q", async () => {
  for (const line of [[], ["-q"]]) {
    await leavingOut(line, [...LINKS, CLOSED], (exit, fixture) => {
      strictEqual(exit, 7);
      const said = fixture.error.text.split("\n").filter((line) => line.startsWith("Not sent"));
      deepStrictEqual(said, [
        "Not sent: 8 names (symbolic link out of the folder: 7, cannot be read: 1): " +
        // Files that were named come first.
        "x/closed, " + [0, 1, 2, 3].map((at) => `x/${at}\\u{1b}[2J`).join(", ") + " and 3 more",
      ]);
    });
    await leavingOut(line, [CLOSED], (exit, fixture) => {
      strictEqual(exit, 7);
      match(fixture.error.text, /^Not sent: x\/closed \(cannot be read\)$/m);
    });
  }
});

Deno.test("E.2 send: -v lists all skipped files, --json each name", async () => {
  await leavingOut(["-v"], [...LINKS, CLOSED], (exit, fixture) => {
    strictEqual(exit, 7);
    match(fixture.error.text, /^Not sent: 8 names \(.*\)$/m);
    for (let at = 0; at < 7; at++) {
      ok(fixture.error.text.includes(`\n  x/${at}\\u{1b}[2J (symbolic link`), String(at));
    }
    match(fixture.error.text, /^ {2}x\/closed \(cannot be read\)$/m);
  });
  await leavingOut(["--json"], [...LINKS, CLOSED], (exit, fixture) => {
    strictEqual(exit, 7);
    const skipped = fixture.json().filter(({ type }) => type === "skipped");
    deepStrictEqual(skipped.map(({ name, reason }) => ({ name, reason })), [...LINKS, CLOSED]);
  });
});

Deno.test("send: a path of thousands of characters is cut in the error, and whole in JSON", async () => {
  const path = `/begins/${"a/".repeat(2_000)}ends`;
  const engine = {
    share: () =>
      Promise.reject(new PliError("path_missing", { path, others: [{ path, reason: "unreadable" }] })),
  };
  await withFixture(["send", "a"], { engine }, (exit, fixture) => {
    strictEqual(exit, 1);
    match(fixture.error.text, /There is no file or folder \/begins\/[a/]{200,250}…[a/]{200,250}ends\./);
    match(fixture.error.text, /Not sent either: \/begins\/[a/]{200,250}…[a/]{200,250}ends \(/);
  });
  await withFixture(["send", "a", "--json"], { engine }, (_exit, fixture) => {
    strictEqual(
      (fixture.json().find(({ type }) => type === "error")!.parameters as { path: string }).path,
      path,
    );
  });
});

Deno.test("E.2 send: the exit code is 7 for skipped files that were selected, and for no others", async () => {
  const cases: [name: string, reason: SkipReason, exit: number][] = [
    ["x/a", "unreadable", 7],
    ["x/a", "size_unknown", 7],
    ["x/a", "name_not_portable", 7],
    ["x/a", "name_not_unicode", 7],
    ["x/a", "name_too_long", 7],
    ["x/a", "too_deep", 7],
    // Named by the user, and not sent.
    ["fifo", "special_file", 7],
    ["empty", "empty_folder", 7],
    ["x/fifo", "special_file", 0],
    ["x/link", "symlink", 0],
    ["x/link", "symlink_broken", 0],
    ["x/link", "symlink_to_folder", 0],
    ["x/empty", "empty_folder", 0],
    ["x/.pli-0123456789abcdef", "unfinished_download", 0],
    ["x/a", "excluded", 0],
    ["a", "excluded", 0],
  ];
  for (const [name, reason, expected] of cases) {
    await leavingOut(["-q"], [{ name, reason }], (exit, fixture) => {
      strictEqual(exit, expected, `${name} ${reason}`);
      // With -q the effect of --exclude is not reported.
      strictEqual(fixture.error.text.includes("Not sent"), reason !== "excluded", `${name} ${reason}`);
    });
  }
});

Deno.test("E.2 send: skipped files are reported also when no file is left to send", async () => {
  const engine = {
    share: ({ onEvent }: ShareOptions) => {
      onEvent({ type: "skipped", ...CLOSED });
      return Promise.reject(new PliError("source_denied", { path: "/x/closed" }));
    },
  };
  await withFixture((folder) => ["send", "-q", folder], { engine }, (exit, fixture) => {
    strictEqual(exit, 5);
    match(
      fixture.error.text,
      /^Not sent: x\/closed \(cannot be read\)\nerror: The system does not let pli read/,
    );
  });
});

Deno.test("E.5 send: an --exclude that matches nothing is reported, also with -q and in JSON, with a glob that matches", async () => {
  const engine = {
    share: (options: ShareOptions) => {
      // Like a walk.
      for (const name of ["trip", "trip/.git", "trip/.git/config", "trip/a.txt"]) options.exclude!(name);
      const share = fakeShare(options);
      share.end("delivered");
      return Promise.resolve(share);
    },
  };
  const argv = (folder: string) => ["send", "-q", folder, "--exclude", ".git/**", "--exclude", "*.txt"];
  await withFixture(argv, { engine }, (_exit, fixture) => {
    strictEqual(fixture.error.text, "--exclude .git/** matches nothing. **/.git/** does.\n");
  });
  await withFixture((folder) => [...argv(folder), "--json"], { engine }, (_exit, fixture) => {
    const said = fixture.json().filter(({ type }) => type === "glob_unmatched");
    deepStrictEqual(said, [
      { v: 1, type: "glob_unmatched", option: "--exclude", glob: ".git/**", nearest: "**/.git/**" },
    ]);
  });
});

Deno.test("E.6 send: a share that lost a file is delivered in part, with exit code 7", async () => {
  const serve = ({ options: { onEvent }, end }: FakeShare) => {
    onEvent({ type: "source_changed", name: "a.txt" });
    onEvent({ type: "delivered", id: ID, bytes: 2_000, files: 1, lost: ["a.txt"] });
    end("partial");
  };
  await sending(["PATH"], { serve }, (exit, fixture, share) => {
    strictEqual(exit, 7);
    match(fixture.error.text, /a\.txt was changed or removed after its ticket was made, and cannot be sent/);
    match(fixture.error.text, /Delivered in part: the receiver has verified 1 file\. Not delivered: a\.txt/);
    strictEqual(share.isClosed, true);
  });
  await sending(
    ["PATH", "-q"],
    { serve },
    (_exit, fixture) => match(fixture.error.text, /Not delivered: a\.txt/),
  );
  await sending(["PATH", "--json"], { serve }, (_exit, fixture) => {
    match(fixture.output.text, /"type":"delivered",.*"lost":\["a\.txt"\]/);
  });
});

Deno.test("E.6 send: a kept share names the files that a receiver did not get, and continues", async () => {
  const serve = ({ options: { onEvent }, end }: FakeShare) => {
    onEvent({ type: "source_changed", name: "a.txt" });
    onEvent({ type: "delivered", id: ID, bytes: 2_000, files: 1, lost: ["a.txt"] });
    end("delivered");
  };
  await sending(["PATH", "--keep"], { serve }, (exit, fixture) => {
    strictEqual(exit, 0);
    match(fixture.error.text, /Not delivered to receiver \w+, because it was changed or removed: a\.txt/);
  });
});

Deno.test("send: a share whose only file has changed ends with exit code 4", async () => {
  const serve = (share: FakeShare) => {
    share.options.onEvent({ type: "source_changed", name: "a.txt" });
    share.end("spoiled");
  };
  await sending(["PATH"], { serve }, (exit, fixture, share) => {
    strictEqual(exit, 4);
    match(fixture.error.text, /error: a\.txt was changed or removed after its ticket was made/);
    strictEqual(share.isClosed, true);
  });
});

Deno.test("send: shows progress on a terminal, within its width", async () => {
  const serve = (share: FakeShare) => {
    share.options.onEvent({ type: "receiver", id: ID, state: "connected" });
    share.options.onEvent({ type: "receiver", id: ID, state: "receiving" });
    share.options.onEvent({ type: "progress", bytes: 3_000, total: 3_000, files: 2, id: ID });
    share.end("delivered");
  };
  await sending(["PATH"], { serve, isTerminal: true, columns: 30 }, (_exit, fixture) => {
    const lines = fixture.error.text.split(/\r\x1b\[K|\n/);
    ok(lines.some((line) => line.startsWith("100%  3.0 kB of 3.0 kB")));
    for (const line of lines.filter((line) => line.includes("%"))) ok(line.length < 30, line);
  });
});

Deno.test("send: no progress is drawn after the last message", async () => {
  const serve = (share: FakeShare) => {
    share.options.onEvent({ type: "receiver", id: ID, state: "connected" });
    share.options.onEvent({ type: "receiver", id: ID, state: "receiving" });
    share.close = () => {
      share.options.onEvent({ type: "progress", bytes: 3_000, total: 3_000, files: 2, id: ID });
      return Promise.resolve();
    };
    share.end("delivered");
  };
  await sending(["PATH"], { serve, isTerminal: true }, (_exit, fixture) => {
    match(fixture.error.text, /Delivered/);
    doesNotMatch(fixture.error.text.split("Delivered")[1], /%/);
  });
});

Deno.test("send: shows a QR code, or the reason for none", async () => {
  await sending(["PATH", "--qr"], {}, (_exit, fixture) => match(fixture.error.text, /[▀▄█]{5}/));
  await sending(
    ["PATH", "--qr"],
    { columns: 20 },
    (_exit, fixture) => match(fixture.error.text, /too narrow/),
  );
});

Deno.test("send: standard input is spooled under its name, and removed afterwards", async () => {
  let spooled = "";
  let path = "";
  const serve = (share: FakeShare) => {
    path = share.options.paths[0];
    spooled = Deno.readTextFileSync(path);
    share.end("delivered");
  };
  await sending(["-", "--name", "note.txt"], { serve, input: "some text" }, (exit, fixture) => {
    strictEqual(exit, 0);
    strictEqual(spooled, "some text");
    ok(path.startsWith(fixture.home) && path.endsWith("note.txt"));
    deepStrictEqual([...Deno.readDirSync(join(fixture.home, "spool"))], []);
  });
});

Deno.test("E.14 send: without a home one sentence reports that nothing is stored, and why, in both languages", async () => {
  const taken = await Deno.makeTempFile();
  for (
    const [LC_ALL, sentence] of [
      ["C", "pli cannot keep its own data at PATH. So pli stores nothing of this run"],
      [
        "fr_FR.UTF-8",
        "pli ne peut garder ses données dans PATH. pli ne retiendra donc rien de cette exécution",
      ],
    ]
  ) {
    const environment = { PLI_HOME: taken, LC_ALL };
    await sending(["PATH", "-q"], { environment }, (exit, fixture) => {
      strictEqual(exit, 0);
      strictEqual(fixture.error.text.split(sentence.replace("PATH", taken)).length, 2, fixture.error.text);
      strictEqual(fixture.hashes, undefined);
    });
  }
  await Deno.remove(taken);
});

Deno.test("send: an unfinished share keeps its key, its ports and its holder, a finished one loses them", async () => {
  const keys: Uint8Array[] = [];
  const sockets: ShareOptions["earlierSockets"][] = [];
  const holders: ShareOptions["earlierHolder"][] = [];
  const file = await Deno.makeTempFile();
  const home = await Deno.makeTempDir();
  const send = async (serve: (share: FakeShare) => void) => {
    const engine = {
      share: (options: ShareOptions) => {
        keys.push(options.secretKey);
        sockets.push(options.earlierSockets);
        holders.push(options.earlierHolder);
        const share = fakeShare(options);
        serve(share);
        return Promise.resolve(share);
      },
    };
    await withFixture(["send", file], { engine, environment: { PLI_HOME: home } }, () => {});
  };
  await send(({ options, end }) => {
    options.onEvent({ type: "claimed", id: ID, isPli: true });
    options.onEvent({ type: "source_changed", name: "a" });
    end("spoiled");
  });
  await send((share) => share.end("delivered"));
  await send((share) => share.end("delivered"));
  deepStrictEqual(keys[1], keys[0]);
  deepStrictEqual(holders, [undefined, { hash: "09".repeat(32), id: ID, isPli: true }, undefined]);
  notDeepStrictEqual(keys[2], keys[0]);
  deepStrictEqual(sockets, [[], ["0.0.0.0:4433", "[::]:4434"], []]);
  await Deno.remove(file);
  await Deno.remove(home, { recursive: true });
});

/** The error line of a share that ends with an error, and its advice. */
async function failing(error: PliError): Promise<string[]> {
  let lines: string[] = [];
  const engine = { share: () => Promise.reject(error) };
  await withFixture(["send", "a"], { engine }, (_exit, fixture) => {
    lines = fixture.error.text.trimEnd().split("\n").slice(1);
  });
  return lines;
}

Deno.test("E.2 send: all given paths that cannot be sent are reported, of many the first and their number", async () => {
  const others = [{ path: "/b", reason: "missing" as const }, { path: "/c", reason: "unreadable" as const }];
  deepStrictEqual(await failing(new PliError("path_missing", { path: "/a", others })), [
    "error: There is no file or folder /a. Not sent either: /b (no such file or folder), /c (cannot be read).",
    "Check the spelling, and in which folder you are.",
  ]);
  const many = { path: "/a", reason: "special_file" as const, others, moreOthers: 1_200 };
  match(
    (await failing(new PliError("source_unsendable", many)))[0],
    /^error: \/a cannot be sent: not a regular file\. Not sent either: .* and 1,200 more\.$/,
  );
});

Deno.test("E.2 send: --skip-unreadable is advised only where it leaves something to send", async () => {
  const path = "/a";
  const reasons = ["unreadable", "symlink_broken", "empty_folder", "name_not_portable"] as const;
  const cases: [PliError, boolean][] = [
    [new PliError("source_denied", { path }), true],
    [new PliError("source_denied", { path, isNothingLeft: true }), false],
    [new PliError("source_denied", { path, others: [{ path: "/b", reason: "missing" }] }), false],
    [new PliError("source_denied", { path, others: [{ path: "/b", reason: "unreadable" }] }), true],
    ...reasons.flatMap((reason): [PliError, boolean][] => [
      [new PliError("source_unsendable", { path, reason }), true],
      [new PliError("source_unsendable", { path, reason, isNothingLeft: true }), false],
    ]),
  ];
  for (const [error, isAdvised] of cases) {
    const [, advice] = await failing(error);
    strictEqual(advice.includes("--skip-unreadable"), isAdvised, error.message);
    ok(advice.length > 5);
  }
});

Deno.test({
  ...needing("send, receive: a folder as standard input is reported as one, with what to type", NO_FOLDERS),
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      for (const line of [["send", "-"], ["receive"], ["inspect"]]) {
        const inputStream = Deno.openSync(folder).readable;
        await withFixture([...line, "--json"], { inputStream }, (exit, fixture) => {
          strictEqual(exit, 2);
          const { code, parameters, message, advice } = fixture.json()[0];
          deepStrictEqual([code, parameters], ["input_is_folder", {
            purpose: line[0] === "send" ? "data" : "ticket",
          }]);
          strictEqual(message, "Standard input is a folder.");
          match(
            String(advice),
            line[0] === "send"
              ? /: pli send FOLDER$/
              : /^Give the ticket as an argument, or in a file: pli receive < FILE$/,
          );
        });
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("send, receive: standard input that cannot be read is not an error of pli's own folder", async () => {
  for (const line of [["send", "-"], ["receive"]]) {
    const inputStream = new ReadableStream<Uint8Array>({
      pull: () => Promise.reject(new Error("Input/output error (os error 5)")),
    });
    await withFixture(line, { inputStream }, (exit, fixture) => {
      strictEqual(exit, 5);
      match(fixture.error.text, /^error: Standard input could not be read\.$/m);
      doesNotMatch(fixture.error.text, /PLI_HOME/);
    });
  }
});

Deno.test("E.12 send: a refusal is reported, with the reason and the way to another ticket", async () => {
  const other = "cd".repeat(32);
  const serve = ({ options: { onEvent }, end }: FakeShare) => {
    onEvent({ type: "receiver", id: other, state: "connected" });
    onEvent({ type: "refused", id: other, reason: "held", holder: ID });
    onEvent({ type: "receiver", id: other, state: "gone" });
    end("delivered");
  };
  await sending(["PATH"], { serve }, (_exit, fixture) => {
    match(
      fixture.error.text,
      /Receiver cdcdcdcdcd was refused: this ticket is for one receiver, and ababababab has it\.\n.*pli send --new/,
    );
    doesNotMatch(fixture.error.text, /has left/);
  });
  await sending(["PATH", "--json"], { serve }, (_exit, fixture) => {
    const { message, advice, ...line } = fixture.json().find(({ type }) => type === "refused")!;
    deepStrictEqual(line, { v: 1, type: "refused", id: other, reason: "held", holder: ID });
    match(String(message), /was refused/);
    match(String(advice), /pli send --new/);
  });
});
