// Real processes for tests of the whole product: pli with a separate home, and its JSON lines as events.

import type { TransferEvent } from "../../src/engine/mod.ts";
import { unknownLines } from "./json_lines.ts";
import { pliCommand } from "./program.ts";

export type PliEvent =
  | TransferEvent
  | { type: "error"; code: string; parameters: Record<string, unknown>; message: string; advice: string };

export interface StartOptions {
  /** Environment beyond PLI_HOME. */
  env?: Record<string, string>;
  cwd?: string;
  /** The command that runs pli, for example `ip netns exec NAME`. */
  wrapper?: string[];
  /** Replaces the command of the program under test. */
  command?: readonly string[];
  stdin?: Uint8Array;
  /** Whether the test writes to its standard input. */
  takesInput?: boolean;
}

/** Collects lines of a stream, and resolves waits for one. */
class Lines {
  readonly all: string[] = [];
  readonly done: Promise<void>;
  #waiting: (() => void)[] = [];
  #isDone = false;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.done = this.#read(stream);
  }

  /** The first line for which `find` returns something; undefined if the stream ends without one. */
  async first<T>(find: (line: string) => T | undefined): Promise<T | undefined> {
    for (let next = 0;;) {
      for (; next < this.all.length; next++) {
        const found = find(this.all[next]);
        if (found !== undefined) return found;
      }
      if (this.#isDone) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    let rest = "";
    // The types of the browser, which the page loads, are less precise.
    const decoder = new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>;
    for await (const text of stream.pipeThrough(decoder)) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      this.all.push(...lines);
      this.#wake();
    }
    if (rest !== "") this.all.push(rest);
    this.#isDone = true;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** A running program. */
export class Running {
  readonly stdout: Lines;
  readonly stderr: Lines;
  readonly process: Deno.ChildProcess;

  constructor(program: string, args: string[], { env, cwd, stdin, takesInput }: StartOptions = {}) {
    this.process = new Deno.Command(program, {
      args,
      env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1", LC_ALL: "C", ...env },
      cwd,
      stdin: stdin === undefined && !takesInput ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.stdout = new Lines(this.process.stdout);
    this.stderr = new Lines(this.process.stderr);
    // A program may end before it has read everything.
    if (stdin !== undefined) this.#feed(stdin).catch(() => {});
  }

  async #feed(bytes: Uint8Array): Promise<void> {
    const writer = this.process.stdin.getWriter();
    await writer.write(bytes);
    await writer.close();
  }

  /** The exit code, once it has ended and all of its output was read. */
  async ended(): Promise<number> {
    const { code } = await this.process.status;
    await Promise.all([this.stdout.done, this.stderr.done]);
    return code;
  }

  /** Ends the process if it is running. */
  async stop(signal: Deno.Signal = "SIGKILL"): Promise<void> {
    try {
      this.process.kill(signal);
    } catch {
      // It has ended already.
    }
    await this.ended();
  }

  /** Its output, for messages of failed assertions. */
  get output(): string {
    return [...this.stdout.all, ...this.stderr.all].join("\n");
  }
}

/** A pli that runs with `--json` and a separate home, given by `env.PLI_HOME`. */
export class RunningPli extends Running {
  /** Whether it is another version, whose lines may differ. */
  readonly #isOther: boolean;

  constructor(args: string[], options: StartOptions & { home: string }) {
    const [program, ...before] = [...(options.wrapper ?? []), ...(options.command ?? pliCommand)];
    const env = { PLI_HOME: options.home, ...options.env };
    super(program, [...before, ...args, "--json"], { ...options, env });
    this.#isOther = options.command !== undefined;
  }

  get events(): PliEvent[] {
    return this.#lines.map((line) => JSON.parse(line));
  }

  /** The exit code, once it has ended. Throws if it has printed a line that is not in the schema of JSON lines. */
  override async ended(): Promise<number> {
    const code = await super.ended();
    const unknown = this.#isOther ? [] : unknownLines(this.#lines);
    if (unknown.length > 0) throw new Error(`these JSON lines are not in the schema:\n${unknown.join("\n")}`);
    return code;
  }

  get #lines(): string[] {
    return this.stdout.all.filter((line) => line.startsWith("{"));
  }

  /** The first event of a type, present or later. */
  async event<T extends PliEvent["type"]>(type: T): Promise<Extract<PliEvent, { type: T }>> {
    const line = await this.stdout.first((text) => {
      if (!text.startsWith("{")) return undefined;
      const event = JSON.parse(text);
      return event.type === type ? event : undefined;
    });
    if (line === undefined) throw new Error(`pli ended without ${type}:\n${this.output}`);
    return line;
  }

  async ticket(): Promise<string> {
    return (await this.event("ticket")).ticket;
  }
}

/** The processes and the folder of one test, which are ended and removed with it. */
export class Bench implements AsyncDisposable {
  readonly #running: Running[] = [];

  private constructor(readonly folder: string) {}

  static async make(): Promise<Bench> {
    return new Bench(await Deno.makeTempDir({ prefix: "pli-test-" }));
  }

  path(...parts: string[]): string {
    return [this.folder, ...parts].join("/");
  }

  pli(args: string[], options: StartOptions & { home?: string } = {}): RunningPli {
    const home = options.home ?? this.path(`home${this.#running.length}`);
    return this.#own(new RunningPli(args, { cwd: this.folder, ...options, home }));
  }

  run(program: string, args: string[], options: StartOptions = {}): Running {
    return this.#own(new Running(program, args, { cwd: this.folder, ...options }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running) await running.stop();
    await Deno.remove(this.folder, { recursive: true });
  }

  #own<T extends Running>(running: T): T {
    this.#running.push(running);
    return running;
  }
}
