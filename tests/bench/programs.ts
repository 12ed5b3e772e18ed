// The commands to send and to receive with the compared programs: pli, sendme and croc. Relays are disabled where
// possible; croc cannot do without one, so a separate relay runs on loopback.

import { crocProgram } from "../interop/go_programs.ts";
import { peerProgram, peerVersion } from "../interop/peers.ts";
import type { Lab } from "./lab.ts";
import type { Measured, MeasuredOptions } from "./measured.ts";

export interface Sending {
  process: Measured;
  /** The ticket or code, as soon as a receiver can use it. */
  ticket: Promise<string>;
}

export interface Program {
  /** Its name in the table. */
  readonly name: string;
  /** Whether a sender ends after the delivery, or has to be interrupted. */
  readonly endsItself: boolean;
  send(path: string, options?: MeasuredOptions): Sending;
  receive(ticket: string, folder: string, options?: MeasuredOptions): Measured;
}

const LOCAL = ["--relay", "disabled"];

export interface PliOptions {
  /** A home that several runs share; by default each has a fresh one. */
  home?: string;
}

/** pli, with JSON lines. */
export class Pli implements Program {
  readonly name = "pli";
  readonly endsItself = true;
  #sendOptions: string[] = [];

  constructor(private readonly lab: Lab, private readonly options: PliOptions = {}) {}

  /** A pli without a hash cache. */
  static async withoutCache(lab: Lab): Promise<Pli> {
    const pli = new Pli(lab);
    const help = await lab.output(...lab.pliCommand, "send", "--help");
    if (help.includes("--no-cache")) pli.#sendOptions = ["--no-cache"];
    return pli;
  }

  send(path: string, options: MeasuredOptions = {}): Sending {
    const process = this.#start(["send", ...LOCAL, ...this.#sendOptions, path], options);
    return { process, ticket: pliEvent(process, "ticket").then(({ ticket }) => String(ticket)) };
  }

  receive(ticket: string, folder: string, options: MeasuredOptions = {}): Measured {
    return this.#start(["receive", ...LOCAL, "-o", `${folder}/`, ticket], options);
  }

  #start(args: string[], options: MeasuredOptions): Measured {
    const env = { PLI_HOME: this.options.home ?? this.lab.freshPath("home") };
    return this.lab.start([...this.lab.pliCommand, ...args, "--json"], { env, ...options });
  }
}

/** The first event of a type in pli's JSON lines. */
export async function pliEvent(pli: Measured, type: string): Promise<Record<string, unknown>> {
  return await pli.first((line) => {
    if (!line.startsWith("{")) return undefined;
    const event = JSON.parse(line);
    return event.type === type ? event : undefined;
  });
}

/** The payload rate of pli's receiver, in bytes per second. */
export async function payloadRate(pli: Measured): Promise<number> {
  const { bytes, seconds } = await pliEvent(pli, "done");
  return Number(bytes) / Number(seconds);
}

export class Sendme implements Program {
  readonly name = `sendme ${peerVersion("sendme")}`;
  readonly endsItself = false;

  private constructor(private readonly lab: Lab, private readonly program: string) {}

  static async open(lab: Lab): Promise<Sendme> {
    return new Sendme(lab, await peerProgram("sendme"));
  }

  send(path: string, options: MeasuredOptions = {}): Sending {
    const process = this.lab.start([this.program, "send", ...LOCAL, "--no-progress", path], options);
    return { process, ticket: process.first((line) => /\bblob[a-z0-9]{50,}/.exec(line)?.[0]) };
  }

  /** sendme receives into its working folder. */
  receive(ticket: string, folder: string, options: MeasuredOptions = {}): Measured {
    const command = [this.program, "receive", ...LOCAL, "--no-progress", ticket];
    return this.lab.start(command, { cwd: folder, ...options });
  }
}

export class Croc implements Program, AsyncDisposable {
  readonly endsItself = true;
  #relay: Measured | undefined;
  #sends = 0;

  private constructor(
    private readonly lab: Lab,
    private readonly program: string,
    private readonly port: number,
    readonly name: string,
  ) {}

  static async open(lab: Lab): Promise<Croc> {
    const { program, version } = await crocProgram();
    const croc = new Croc(lab, program, freePort(), `croc ${version}`);
    croc.#relay = lab.start([program, "relay", "--host", "127.0.0.1", "--port", String(croc.port)]);
    await croc.#relay.first((line) => line.includes("starting TCP server") ? true : undefined);
    return croc;
  }

  send(path: string, options: MeasuredOptions = {}): Sending {
    const code = `7007-bench-pair-${String(++this.#sends).padStart(4, "0")}`;
    const process = this.#start(["send", "--no-local", path], code, options);
    return { process, ticket: process.first((line) => line.includes("Code is:") ? code : undefined) };
  }

  receive(code: string, folder: string, options: MeasuredOptions = {}): Measured {
    return this.#start(["--out", folder], code, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#relay?.kill();
  }

  #start(args: string[], code: string, options: MeasuredOptions): Measured {
    // On Linux croc takes its code from the environment; its settings lie below HOME.
    const env = { CROC_SECRET: code, HOME: this.lab.folder, XDG_CONFIG_HOME: this.lab.folder };
    const command = [this.program, "--yes", "--relay", `127.0.0.1:${this.port}`, ...args];
    return this.lab.start(command, { env, ...options });
  }
}

/** A port that is free now, with the four after it most likely. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
