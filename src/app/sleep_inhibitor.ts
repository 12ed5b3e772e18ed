// Keeps the computer from going to sleep by itself while data moves: while files are hashed, sent, received or checked,
// and for a minute afterwards. A share that waits for a receiver, and a download that waits for its sender, do not.
// The inhibition belongs to a program of the system, which ends when its standard input is closed: also when pli is
// killed. Where there is no such program, or it fails, the computer sleeps as usual, and only the log reports it.

import { type Clock, type Logger, type OnEvent, systemClock, type TransferEvent } from "../engine/mod.ts";
import type { Tool } from "./desktop.ts";
import type { TransferEngine } from "./transfers/context.ts";

/** Duration of movement before the inhibition begins, so that short transfers start no program. */
const START_MS = 5_000;
/** Duration of the inhibition after the last movement. */
const HOLD_MS = 60_000;

/**
 * For Windows, which counts the requests of each thread: ES_CONTINUOUS and ES_SYSTEM_REQUIRED, until standard input
 * ends. It contains no quote marks of a command line.
 */
const POWERSHELL = `
$q = [char]34
$code = '[DllImport(' + $q + 'kernel32.dll' + $q + ')] public static extern uint SetThreadExecutionState(uint state);'
$power = Add-Type -MemberDefinition $code -Name Power -Namespace Pli -PassThru
if ($power::SetThreadExecutionState(2147483649) -eq 0) { exit 1 }
[void][Console]::In.ReadToEnd()`.trim().replaceAll("\n", "; ");

/** The programs that may inhibit sleep here, in order of preference. */
export function inhibitionTools(os: typeof Deno.build.os): Tool[] {
  // `cat` ends with its input, and the program around it with `cat`.
  if (os === "darwin") return [["caffeinate", "-i", "cat"]];
  if (os === "windows") return [["powershell.exe", "-NoProfile", "-NonInteractive", "-Command", POWERSHELL]];
  if (os !== "linux") return [];
  const around = (program: string, what: string): Tool => {
    return [
      program,
      `--what=${what}`,
      "--mode=block",
      "--who=pli",
      "--why=Files are being transferred",
      "cat",
    ];
  };
  // `idle` inhibits the timer of logind, `sleep` also the suspend that a desktop requests by a timer of its own. A
  // session over SSH may have no permission for `sleep`.
  return [
    around("systemd-inhibit", "idle:sleep"),
    around("systemd-inhibit", "idle"),
    around("elogind-inhibit", "idle:sleep"),
  ];
}

interface Inhibition {
  process: Deno.ChildProcess;
  /** Closing it ends the process. */
  input: WritableStreamDefaultWriter<Uint8Array>;
}

export interface InhibitorOptions {
  logger?: Logger;
  clock?: Pick<Clock, "nowMs" | "timer">;
  tools?: readonly Tool[];
}

export class SleepInhibitor implements Disposable {
  readonly #logger: Logger | undefined;
  readonly #clock: Pick<Clock, "nowMs" | "timer">;
  /** The tools that have not failed. */
  readonly #tools: Tool[];
  /** The beginning of the present movement. */
  #sinceMs = -Infinity;
  #lastMs = -Infinity;
  #inhibition: Inhibition | null = null;
  #stopTimer: () => void = () => {};

  constructor(
    { logger, clock = systemClock, tools = inhibitionTools(Deno.build.os) }: InhibitorOptions = {},
  ) {
    this.#logger = logger;
    this.#clock = clock;
    this.#tools = [...tools];
  }

  /** Whether a program that inhibits sleep runs. */
  get isHeld(): boolean {
    return this.#inhibition !== null;
  }

  /** Called whenever data has moved. Cheap. */
  moved(): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#lastMs > HOLD_MS) this.#sinceMs = nowMs;
    this.#lastMs = nowMs;
    if (this.#inhibition === null && nowMs - this.#sinceMs >= START_MS) this.#begin();
  }

  /** Lets the computer sleep again. */
  [Symbol.dispose](): void {
    this.#stopTimer();
    const inhibition = this.#inhibition;
    if (inhibition === null) return;
    this.#inhibition = null;
    // It may have ended by itself.
    inhibition.input.close().catch(() => {});
    this.#log("debug", "lets the computer sleep again");
  }

  #begin(): void {
    const [tool] = this.#tools;
    if (tool === undefined) return;
    const [command, ...args] = tool;
    try {
      const options = { args, stdin: "piped", stdout: "null", stderr: "null" } as const;
      const process = new Deno.Command(command, options).spawn();
      const inhibition = { process, input: process.stdin.getWriter() };
      this.#inhibition = inhibition;
      this.#log("debug", "keeps the computer awake", command);
      this.#endWhenStill();
      process.unref();
      inhibition.input.closed.catch(() => {});
      void process.status.then(() => this.#ended(inhibition, command));
    } catch {
      this.#failed(command);
    }
  }

  /** The end of a program: the inhibition's own end, or a failure. */
  #ended(inhibition: Inhibition, command: string): void {
    if (this.#inhibition !== inhibition) return;
    this.#stopTimer();
    this.#inhibition = null;
    this.#failed(command);
  }

  /** The next movement tries the next tool. */
  #failed(command: string): void {
    this.#tools.shift();
    this.#log("info", "cannot keep the computer awake by this program", command);
  }

  #endWhenStill(): void {
    const restMs = this.#lastMs + HOLD_MS - this.#clock.nowMs();
    this.#stopTimer = this.#clock.timer(Math.max(0, restMs), () => {
      if (this.#clock.nowMs() - this.#lastMs >= HOLD_MS) this[Symbol.dispose]();
      else this.#endWhenStill();
    });
  }

  #log(level: "info" | "debug", message: string, program?: string): void {
    this.#logger?.log(level, "pli", message, program === undefined ? {} : { program });
  }
}

/** An engine whose transfers keep the computer awake. */
export function keepingAwake(engine: TransferEngine, inhibitor: SleepInhibitor): TransferEngine {
  return {
    share: (options) => engine.share({ ...options, onEvent: followed(options.onEvent, inhibitor) }),
    fetch: (options) => engine.fetch({ ...options, onEvent: followed(options.onEvent, inhibitor) }),
    inspect: (...args) => engine.inspect(...args),
    discard: (...args) => engine.discard(...args),
  };
}

/** A listener that also reports the movement of one transfer. */
function followed(onEvent: OnEvent, inhibitor: SleepInhibitor): OnEvent {
  const amounts = new Map<string, number>();
  return (event) => {
    const amount = amountOf(event);
    // Progress is also reported while nothing moves.
    if (amount !== null && amounts.get(amount.of) !== amount.bytes) {
      amounts.set(amount.of, amount.bytes);
      inhibitor.moved();
    }
    if (event.type === "receiver" && event.state === "gone") amounts.delete(`progress ${event.id}`);
    onEvent(event);
  };
}

/** The bytes that an event reports, and of what; null if it reports none. */
function amountOf(event: TransferEvent): { of: string; bytes: number } | null {
  switch (event.type) {
    case "progress":
      return { of: `progress ${event.id ?? ""}`, bytes: event.bytes };
    case "hashing":
    case "checking":
      return { of: event.type, bytes: event.bytes };
    default:
      return null;
  }
}
