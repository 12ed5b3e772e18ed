// Two hosts, `a` and `b`, joined by a link with a rate, a delay and a loss; removed at its end. Linux, root.

import { goTool } from "../interop/go_programs.ts";
import { Namespaces } from "./namespaces.ts";

export type LinkEnd = "a" | "b";

export interface LinkOptions {
  mbitPerSecond: number;
  /** From one end to the other; a round trip is twice that. */
  oneWayMs: number;
  lossPercent?: number;
  /** Seed of the choice of lost packets. */
  seed?: number;
}

export class Link implements AsyncDisposable {
  private constructor(readonly hosts: Namespaces, private readonly process: Deno.ChildProcess) {}

  static async lay({ mbitPerSecond, oneWayMs, lossPercent = 0, seed = 1 }: LinkOptions): Promise<Link> {
    const program = await goTool(new URL("./link/", import.meta.url));
    await using laying = new AsyncDisposableStack();
    const hosts = laying.use(new Namespaces());
    const ends: [LinkEnd, string][] = [["a", "10.93.0.1/24"], ["b", "10.93.0.2/24"]];
    for (const [end] of ends) await hosts.add(end);
    const process = new Deno.Command(program, {
      args: [
        ...ends.flatMap(([end, address]) => [`-${end}`, `${hosts.nameOf(end)}:${address}`]),
        `-delay=${oneWayMs}ms`,
        `-mbit=${mbitPerSecond}`,
        `-loss=${lossPercent}`,
        `-seed=${seed}`,
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    laying.defer(() => end(process));
    await firstBytes(process.stdout);
    laying.move();
    return new Link(hosts, process);
  }

  /** The command that runs a program at an end. */
  wrapper(end: LinkEnd): string[] {
    return this.hosts.wrapper(end);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using _hosts = this.hosts;
    await end(this.process);
  }
}

/** The link prints a line when it is ready. */
async function firstBytes(stream: ReadableStream<Uint8Array>): Promise<void> {
  const reader = stream.getReader();
  const { done } = await reader.read();
  reader.releaseLock();
  if (done) throw new Error("the link did not come up");
}

async function end(process: Deno.ChildProcess): Promise<void> {
  try {
    process.kill("SIGTERM");
  } catch {
    // It has ended already.
  }
  await process.stdout.cancel();
  await process.status;
}
