// One page for each home: the process that holds its lock serves it, and writes its port and a secret into a note that
// only the user can read. Another pli presents that secret to the running one and gets an opening of its page.

import { join } from "node:path";
import * as v from "valibot";
import type { Home } from "../app/home.ts";
import { formatTicket, type Ticket } from "../engine/mod.ts";
import { Lock } from "../app/lock.ts";
import { readJson, removePrivate, writePrivate } from "../app/private_files.ts";
import type { Opening } from "./opening.ts";
import { randomText } from "./session.ts";
import { OPEN_PATH } from "./session_routes.ts";

const FILE = "page.json";
const SECRET_BYTES = 32;
/** Timeout for the other process to write its note and to answer, and the interval of the attempts. */
const ANSWER_MS = 3_000;
const RETRY_MS = 50;

const NOTE = v.object({
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  secret: v.string(),
});
const ANSWER = v.object({ url: v.string(), file: v.string(), code: v.string() });

/** The page of a home, locked by this process until it is disposed. */
export class Instance implements AsyncDisposable {
  /** The secret that another pli presents. */
  readonly secret: string = randomText(SECRET_BYTES);
  readonly #path: string;
  readonly #lock: Lock;

  private constructor(readonly home: Home, lock: Lock) {
    this.#path = join(home.path, FILE);
    this.#lock = lock;
  }

  /** Locks the page of a home; null when another process holds it. Throws `home_*`. */
  static async tryTake(home: Home): Promise<Instance | null> {
    const lock = await Lock.tryTake(join(home.path, "page.lock"));
    if (lock === null) return null;
    const instance = new Instance(home, lock);
    // After a crash its port may belong to another program, whose page must not be opened.
    await removePrivate(instance.#path);
    return instance;
  }

  /** Writes the note for other processes of this user. Throws `home_*`. */
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

/**
 * An opening of the page that another process serves, with a ticket if one is given; null if it does not answer. Throws
 * `home_*`.
 */
export async function openRunningPage(
  home: Home,
  signal?: AbortSignal,
  ticket?: Ticket,
): Promise<Opening | null> {
  const untilMs = performance.now() + ANSWER_MS;
  do {
    const note = await readNote(join(home.path, FILE));
    const opening = note === null ? null : await openingFrom(note, ticket, signal);
    if (opening !== null) return opening;
    // The other process may be starting.
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  } while (performance.now() < untilMs && !signal?.aborted);
  return null;
}

async function readNote(path: string): Promise<v.InferOutput<typeof NOTE> | null> {
  const result = v.safeParse(NOTE, await readJson(path));
  return result.success ? result.output : null;
}

async function openingFrom(
  { port, secret }: v.InferOutput<typeof NOTE>,
  ticket: Ticket | undefined,
  signal?: AbortSignal,
): Promise<Opening | null> {
  const timeout = AbortSignal.timeout(ANSWER_MS);
  try {
    const response = await fetch(`http://127.0.0.1:${port}${OPEN_PATH}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ secret, ...(ticket !== undefined && { ticket: formatTicket(ticket) }) }),
      redirect: "error",
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    });
    const answer = v.safeParse(ANSWER, await response.json());
    return response.ok && answer.success ? answer.output : null;
  } catch {
    // The note is missing or stale: the attempt is repeated for a while.
    return null;
  }
}
