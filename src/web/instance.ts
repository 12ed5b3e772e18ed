// One page for a home of pli: who holds its lock serves it, and writes its port and a secret into a file that
// the user alone can read. Another pli shows that secret to the running one, and gets a code to open its page.

import { join } from "node:path";
import * as v from "valibot";
import type { Home } from "../app/home.ts";
import { Lock } from "../app/lock.ts";
import { readPrivate, removePrivate, writePrivate } from "../app/private_files.ts";
import { randomText } from "./session.ts";
import { OPEN_PATH } from "./session_routes.ts";

const FILE = "page.json";
const SECRET_BYTES = 32;
/** How long the other one may take to write its file and to answer, and how often it is asked. */
const ANSWER_MS = 3_000;
const RETRY_MS = 50;

const NOTE = v.object({
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  secret: v.string(),
});
const ANSWER = v.object({ code: v.string() });

/** The page of a home, held by this process until it is disposed. */
export class Instance implements AsyncDisposable {
  /** What another pli has to show. */
  readonly secret: string = randomText(SECRET_BYTES);
  readonly #path: string;
  readonly #lock: Lock;

  private constructor(path: string, lock: Lock) {
    this.#path = path;
    this.#lock = lock;
  }

  /** Takes the page of a home; null when another process has it. Throws `home_*`. */
  static async tryTake(home: Home): Promise<Instance | null> {
    const lock = await Lock.tryTake(join(home.path, "page.lock"));
    if (lock === null) return null;
    const instance = new Instance(join(home.path, FILE), lock);
    // After a crash its port may be somebody else's, whose page nobody shall take for ours.
    await removePrivate(instance.#path);
    return instance;
  }

  /** Tells others of this user where the page is. Throws `home_*`. */
  async announce(port: number): Promise<void> {
    await writePrivate(this.#path, JSON.stringify({ port, secret: this.secret }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await removePrivate(this.#path);
    } finally {
      this.#lock[Symbol.dispose]();
    }
  }
}

/** A URL that opens the page which another process serves; null when it does not answer. Throws `home_*`. */
export async function askRunning(home: Home, signal?: AbortSignal): Promise<string | null> {
  const untilMs = performance.now() + ANSWER_MS;
  do {
    const note = await readNote(join(home.path, FILE));
    const code = note === null ? null : await codeFrom(note, signal);
    if (code !== null) return openingUrl(note!.port, code);
    // It may just be starting.
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  } while (performance.now() < untilMs && !signal?.aborted);
  return null;
}

/** The URL that opens the page: the code is in the fragment, which browsers keep to themselves. */
export function openingUrl(port: number, code: string): string {
  return `http://127.0.0.1:${port}/#${code}`;
}

async function readNote(path: string): Promise<v.InferOutput<typeof NOTE> | null> {
  const text = await readPrivate(path);
  if (text === null) return null;
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), NOTE), text);
  return result.success ? result.output : null;
}

async function codeFrom(
  { port, secret }: v.InferOutput<typeof NOTE>,
  signal?: AbortSignal,
): Promise<string | null> {
  const patience = AbortSignal.timeout(ANSWER_MS);
  try {
    const response = await fetch(`http://127.0.0.1:${port}${OPEN_PATH}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ secret }),
      redirect: "error",
      signal: signal === undefined ? patience : AbortSignal.any([patience, signal]),
    });
    const answer = v.safeParse(ANSWER, await response.json());
    return response.ok && answer.success ? answer.output.code : null;
  } catch {
    // Not there yet, or not any more: it is asked again for a while.
    return null;
  }
}
