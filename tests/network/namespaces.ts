// Network namespaces of Linux: the hosts of a test, removed at its end. Needs root and iproute2.

/** Runs a command. Throws with its output when it fails. */
async function command(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${text.decode(stderr)}`);
  return text.decode(stdout);
}

export class Namespaces implements AsyncDisposable {
  readonly #names = new Set<string>();
  /** Folders below /etc/netns, with which `ip netns exec` replaces files of a host's /etc. */
  readonly #folders = new Set<string>();
  /** Distinguishes concurrent runs. */
  readonly #prefix = `pli${Deno.pid}`;

  /** Creates a host with a loopback, by default without IPv6, whose own packets would be counted. */
  async add(host: string, { hasIpv6 = false } = {}): Promise<void> {
    const name = this.nameOf(host);
    await command("ip", "netns", "add", name);
    this.#names.add(name);
    await command("ip", "-n", name, "link", "set", "lo", "up");
    if (!hasIpv6) await this.run(host, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1");
    // An address is usable at once, without duplicate address detection.
    else await this.run(host, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0");
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

  /** Makes a host use this nameserver alone. */
  async useNameserver(host: string, address: string): Promise<void> {
    const folder = `/etc/netns/${this.nameOf(host)}`;
    await Deno.mkdir(folder, { recursive: true });
    this.#folders.add(folder);
    await Deno.writeTextFile(`${folder}/resolv.conf`, `nameserver ${address}\n`);
  }

  /** The command that runs a program on a host. */
  wrapper(host: string): string[] {
    return ["ip", "netns", "exec", this.nameOf(host)];
  }

  async run(host: string, ...args: string[]): Promise<string> {
    const [program, ...before] = this.wrapper(host);
    return await command(program, ...before, ...args);
  }

  /** Number of packets that a host has sent to another. */
  async packetsSent(host: string, to: string): Promise<number> {
    return Number(await this.run(host, "cat", `/sys/class/net/to-${to}/statistics/tx_packets`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#names) await command("ip", "netns", "del", name);
    for (const folder of this.#folders) await Deno.remove(folder, { recursive: true });
  }

  /** The namespace of a host. */
  nameOf(host: string): string {
    return `${this.#prefix}-${host}`;
  }
}
