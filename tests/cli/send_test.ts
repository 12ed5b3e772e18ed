// deno-lint-ignore-file no-control-regex
import { deepStrictEqual, doesNotMatch, match, notDeepStrictEqual, ok, strictEqual } from "node:assert";
import { join } from "node:path";
import type { ShareOptions } from "../../src/engine/mod.ts";
import { type FakeShare, fakeShare } from "./fake_share.ts";
import { type FakeOptions, type FakeWorld, inWorld, TICKET } from "./fake_world.ts";

const ID = "ab".repeat(32);

/** Sends a file `a.txt` with a fake engine, in which `serve` happens after the ticket. */
async function sending(
  line: string[],
  { serve = (share) => share.end("delivered"), relayReached, ...options }: FakeOptions & {
    serve?: (share: FakeShare) => void;
    relayReached?: boolean;
  },
  check: (exit: number, world: FakeWorld, share: FakeShare) => Promise<void> | void,
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
  await inWorld(argv, { ...options, engine }, async (exit, world) => await check(exit, world, share!));
}

Deno.test("send: the result is two lines as sendme prints them, the words go elsewhere", async () => {
  await sending(["PATH"], {}, (exit, world, share) => {
    strictEqual(exit, 0);
    strictEqual(world.output.text, `to get this data, use\npli receive ${TICKET}\n`);
    match(world.error.text, /^Hashing…\n2 files, 3\.0 kB\nKeep this open until one receiver has everything/);
    match(world.error.text, /Delivered: the receiver has verified everything\. This may be closed\.\n$/);
    strictEqual(share.isClosed, true);
  });
});

Deno.test("send: a peer that gives no receipt has been sent everything, no more is said", async () => {
  await sending(["PATH"], { serve: (share) => share.end("sent") }, (exit, world) => {
    strictEqual(exit, 0);
    match(world.error.text, /Sent completely/);
    doesNotMatch(world.error.text, /Delivered/);
  });
});

Deno.test("send: quiet prints the ticket alone", async () => {
  await sending(["PATH", "-q"], {}, (_exit, world) => {
    strictEqual(world.output.text, `${TICKET}\n`);
    strictEqual(world.error.text, "");
  });
});

Deno.test("send: JSON lines are the events", async () => {
  await sending(["PATH", "--json"], {}, (exit, world) => {
    strictEqual(exit, 0);
    strictEqual(world.error.text, "");
    const lines = world.json();
    deepStrictEqual(lines.map(({ v, type }) => [v, type]), [[1, "hashing"], [1, "ticket"]]);
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
  ];
  await sending(line, {}, (_exit, _world, { options }) => {
    strictEqual(options.keep, true);
    strictEqual(options.ticketKind, "all");
    strictEqual(options.relay, "disabled");
    strictEqual(options.bindAddress, "127.0.0.1:9");
    deepStrictEqual(["a/b.tmp", "a/b.txt"].map(options.exclude!), [true, false]);
    strictEqual(options.paths.length, 1);
    ok(options.paths[0].endsWith("a.txt"));
  });
});

Deno.test("send: the engine gets a memory of hashes, unless it is unwanted or of no use", async () => {
  const hasMemory = async (line: string[]) => {
    let has = false;
    await sending(line, { input: "text" }, (exit, world) => {
      strictEqual(exit, 0);
      has = world.hashes !== undefined;
    });
    return has;
  };
  strictEqual(await hasMemory(["PATH"]), true);
  strictEqual(await hasMemory(["PATH", "--no-cache"]), false);
  strictEqual(await hasMemory(["-"]), false);
});

Deno.test("send: warns when no relay was reached, if one was wanted", async () => {
  const warned = async (line: string[]) => {
    let text = "";
    await sending(
      ["PATH", ...line],
      { relayReached: false },
      (_exit, world) => void (text = world.error.text),
    );
    return text;
  };
  match(await warned([]), /No relay was reached: this ticket works only in this network\./);
  match(await warned(["--ticket", "all"]), /No relay was reached: receivers in other networks may not/);
  doesNotMatch(await warned(["--relay", "disabled"]), /No relay/);
  doesNotMatch(await warned(["--ticket", "addresses"]), /No relay/);
});

Deno.test("send: tells who comes, over which path, and who leaves", async () => {
  const serve = (share: FakeShare) => {
    const { onEvent } = share.options;
    onEvent({ type: "receiver", id: ID, state: "receiving" });
    onEvent({ type: "path", id: ID, kind: "relay", address: "https://eu.example.org./", rttMs: 40.2 });
    onEvent({ type: "path", id: ID, kind: "direct", address: "[2001:db8::1]:4433", rttMs: 10.4 });
    onEvent({ type: "path", id: ID, kind: "direct", address: "[2001:db8::1]:4433", rttMs: 11 });
    onEvent({ type: "receiver", id: ID, state: "gone" });
    share.end("sent");
  };
  await sending(["PATH", "-v"], { serve }, (_exit, world) => {
    match(world.error.text, /Receiver ababababab is receiving\./);
    match(world.error.text, /is connected: relay eu\.example\.org\.?, 40 ms\./);
    strictEqual(world.error.text.match(/direct 2001:db8::1, 10 ms/g)?.length, 1);
    match(world.error.text, /has left\. It can come back/);
  });
});

Deno.test("send: a delivery of a part says so", async () => {
  const serve = (share: FakeShare) => {
    share.options.onEvent({ type: "delivered", id: ID, bytes: 1, files: 1 });
    share.end("delivered");
  };
  await sending(
    ["PATH"],
    { serve },
    (_exit, world) => match(world.error.text, /everything that it wanted, 1 of 2 files\./),
  );
});

Deno.test("send: what is left out is named, a few of it, escaped, and counted", async () => {
  const folder = await Deno.makeTempDir();
  const engine = {
    share: (options: ShareOptions) => {
      for (let index = 0; index < 7; index++) {
        options.onEvent({ type: "skipped", name: `x/${index}\x1b[2J`, reason: "symlink" });
      }
      options.onEvent({ type: "skipped", name: "y", reason: "unreadable" });
      const share = fakeShare(options);
      share.end("delivered");
      return Promise.resolve(share);
    },
  };
  await inWorld(["send", folder], { engine }, (_exit, world) => {
    match(world.error.text, /Not sent: 8 names \(symbolic link: 7, cannot be read: 1\)/);
    ok(world.error.text.includes("  x/4\\u{1b}[2J (symbolic link)\n  and 3 more\n"));
  });
  await Deno.remove(folder);
});

Deno.test("send: a changed source ends a share for one receiver, with exit code 4", async () => {
  const serve = (share: FakeShare) => share.options.onEvent({ type: "source_changed", name: "a.txt" });
  await sending(["PATH"], { serve }, (exit, world, share) => {
    strictEqual(exit, 4);
    match(world.error.text, /error: a\.txt was changed after its ticket was made/);
    strictEqual(share.isClosed, true);
  });
});

Deno.test("send: shows progress on a terminal, within its width", async () => {
  const serve = (share: FakeShare) => {
    share.options.onEvent({ type: "progress", bytes: 3_000, total: 3_000, files: 2, id: ID });
    share.end("delivered");
  };
  await sending(["PATH"], { serve, isTerminal: true, columns: 30 }, (_exit, world) => {
    const lines = world.error.text.split(/\r\x1b\[K|\n/);
    ok(lines.some((line) => line.startsWith("100%  3.0 kB of 3.0 kB")));
    for (const line of lines.filter((line) => line.includes("%"))) ok(line.length < 30, line);
  });
});

Deno.test("send: shows a QR code, or says why not", async () => {
  await sending(["PATH", "--qr"], {}, (_exit, world) => match(world.error.text, /[▀▄█]{5}/));
  await sending(["PATH", "--qr"], { columns: 20 }, (_exit, world) => match(world.error.text, /too narrow/));
});

Deno.test("send: standard input is spooled under its name, and gone afterwards", async () => {
  let spooled = "";
  let path = "";
  const serve = (share: FakeShare) => {
    path = share.options.paths[0];
    spooled = Deno.readTextFileSync(path);
    share.end("delivered");
  };
  await sending(["-", "--name", "note.txt"], { serve, input: "some text" }, (exit, world) => {
    strictEqual(exit, 0);
    strictEqual(spooled, "some text");
    ok(path.startsWith(world.home) && path.endsWith("note.txt"));
    deepStrictEqual([...Deno.readDirSync(join(world.home, "spool"))], []);
  });
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
    await inWorld(["send", file], { engine, environment: { PLI_HOME: home } }, () => {});
  };
  await send(({ options }) => {
    options.onEvent({ type: "claimed", id: ID, isPli: true });
    options.onEvent({ type: "source_changed", name: "a" });
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

Deno.test("send: a missing path is named, before anything is hashed", async () => {
  await inWorld(["send", "no/such/file"], {}, (exit, world) => {
    strictEqual(exit, 1);
    match(world.error.text, /There is no file or folder .*no\/such\/file/);
  });
});
