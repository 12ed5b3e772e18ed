// A program of another user of the computer, which tries everything that the system permits. It has no imports, and
// answers each line of JSON on its standard input by one on its standard output.

interface Order {
  /** Reads all command lines from now on until `stop_watching`, which answers them. */
  do: "watch" | "stop_watching" | "search" | "touch" | "kill" | "request" | "make_folder" | "make_link";
  /** Files and folders. */
  paths?: string[];
  /** Texts that no other user may read. */
  secrets?: string[];
  pid?: number;
  url?: string;
  body?: string;
}

const MAXIMUM_FILE_BYTES = 1 << 20;
const MAXIMUM_DEPTH = 5;
const decoder = new TextDecoder("latin1");
const seenLines = new Set<string>();
let isWatching = false;

async function watch(): Promise<void> {
  isWatching = true;
  while (isWatching) {
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      try {
        seenLines.add(decoder.decode(Deno.readFileSync(`/proc/${name}/cmdline`)).replaceAll("\0", " "));
      } catch {
        // It has ended.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** The readable files below some paths, and the secrets in them. */
function search(paths: readonly string[], secrets: readonly string[]): { read: string[]; found: string[] } {
  const read: string[] = [];
  const found: string[] = [];
  const look = (path: string, depth: number) => {
    try {
      const { isDirectory, isSymlink, isFile } = Deno.lstatSync(path);
      if (isDirectory && depth < MAXIMUM_DEPTH) {
        const names = [...Deno.readDirSync(path)].map(({ name }) => name);
        read.push(path);
        // A name can be a secret too.
        for (const secret of secrets) {
          if (names.join("\n").includes(secret)) found.push(`${secret} in ${path}`);
        }
        for (const name of names) look(`${path}/${name}`, depth + 1);
      } else if (isSymlink) {
        for (const secret of secrets) {
          if (Deno.readLinkSync(path).includes(secret)) found.push(`${secret} in ${path}`);
        }
      } else if (isFile) {
        using file = Deno.openSync(path);
        const bytes = new Uint8Array(MAXIMUM_FILE_BYTES);
        const text = decoder.decode(bytes.subarray(0, file.readSync(bytes) ?? 0));
        read.push(path);
        for (const secret of secrets) if (text.includes(secret)) found.push(`${secret} in ${path}`);
      }
    } catch {
      // No permission.
    }
  };
  for (const path of paths) look(path, 0);
  return { read, found };
}

/** The possible changes at some paths: opening for writing, locking, renaming, removing, creating, changing modes. */
function touch(paths: readonly string[]): string[] {
  const done: string[] = [];
  const attempt = (what: string, work: () => void) => {
    try {
      work();
      done.push(what);
    } catch {
      // The expected result.
    }
  };
  for (const path of paths) {
    attempt(`write ${path}`, () => Deno.openSync(path, { write: true }).close());
    attempt(`lock ${path}`, () => {
      using file = Deno.openSync(path);
      file.lockSync(true);
    });
    attempt(`chmod ${path}`, () => Deno.chmodSync(path, 0o777));
    attempt(`make ${path}/planted`, () => Deno.writeTextFileSync(`${path}/planted`, ""));
    attempt(`make ${path}.planted`, () => Deno.writeTextFileSync(`${path}.planted`, ""));
    attempt(`rename ${path}`, () => Deno.renameSync(path, `${path}.taken`));
    attempt(`remove ${path}`, () => Deno.removeSync(path, { recursive: true }));
  }
  return done;
}

async function request(url: string, body?: string): Promise<{ status: number; text: string }> {
  const response = await fetch(url, {
    method: body === undefined ? "GET" : "POST",
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body,
  });
  return { status: response.status, text: await response.text() };
}

async function execute(order: Order): Promise<unknown> {
  const { paths = [], secrets = [], pid = 0, url = "", body } = order;
  switch (order.do) {
    case "watch":
      void watch();
      return {};
    case "stop_watching":
      isWatching = false;
      return [...seenLines];
    case "search":
      return search(paths, secrets);
    case "touch":
      return touch(paths);
    case "kill":
      try {
        Deno.kill(pid, "SIGTERM");
        return "killed";
      } catch (error) {
        return (error as Error).name;
      }
    case "request":
      return await request(url, body);
    case "make_folder":
      Deno.mkdirSync(paths[0], { mode: 0o777 });
      Deno.chmodSync(paths[0], 0o777);
      return {};
    case "make_link":
      Deno.symlinkSync(paths[0], paths[1]);
      return {};
  }
}

let rest = "";
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\n");
  rest = lines.pop()!;
  for (const line of lines) {
    const answer = await execute(JSON.parse(line)).catch((error) => ({ error: String(error) }));
    await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(answer)}\n`));
  }
}
