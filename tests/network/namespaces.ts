// Network namespaces of Linux: hosts of a test's own, taken down at its end. Needs root and iproute2.

/** Runs a command to its end; throws with what it said when it fails. */
async function command(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${text.decode(stderr)}`);
  return text.decode(stdout);
}

export class Namespaces implements AsyncDisposable {
  readonly #names = new Set<string>();
  /** Keeps runs that overlap apart. */
  readonly #prefix = `pli${Deno.pid}`;

  /** Makes a host with a loopback and without IPv6, whose own chatter would be counted. */
  async add(host: string): Promise<void> {
    const name = this.nameOf(host);
    await command("ip", "netns", "add", name);
    this.#names.add(name);
    await command("ip", "-n", name, "link", "set", "lo", "up");
    await this.run(host, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1");
  }

  /** Joins two hosts by a cable; addresses have a prefix length, `10.0.0.1/24`. */
  async connect(a: { host: string; address: string }, b: { host: string; address: string }): Promise<void> {
    const [first, second] = [this.nameOf(a.host), this.nameOf(b.host)];
    const [linkA, linkB] = [`to-${b.host}`, `to-${a.host}`];
    await command(
      "ip",
      "link",
      "add",
      linkA,
      "netns",
      first,
      "type",
      "veth",
      "peer",
      "name",
      linkB,
      "netns",
      second,
    );
    for (const [name, link, address] of [[first, linkA, a.address], [second, linkB, b.address]]) {
      await command("ip", "-n", name, "addr", "add", address, "dev", link);
      await command("ip", "-n", name, "link", "set", link, "up");
    }
  }

  async route(host: string, via: string): Promise<void> {
    await command("ip", "-n", this.nameOf(host), "route", "add", "default", "via", via);
  }

  /** What runs a program on a host. */
  wrapper(host: string): string[] {
    return ["ip", "netns", "exec", this.nameOf(host)];
  }

  async run(host: string, ...args: string[]): Promise<string> {
    const [program, ...before] = this.wrapper(host);
    return await command(program, ...before, ...args);
  }

  /** How many packets have left a host through its cable to another. */
  async packetsSent(host: string, to: string): Promise<number> {
    return Number(await this.run(host, "cat", `/sys/class/net/to-${to}/statistics/tx_packets`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#names) await command("ip", "netns", "del", name);
  }

  /** What the system calls a host. */
  nameOf(host: string): string {
    return `${this.#prefix}-${host}`;
  }
}
