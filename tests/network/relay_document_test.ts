// docs/relay.md over a real relay: its commands are run as they are written, with its configurations, on a host whose
// nameserver has the relay's name. Not run: `cargo install`, whose words are those with which interop/peers.ts builds
// the relay, and the certificate of Let's Encrypt, which needs the internet.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parseTicket } from "../../src/engine/mod.ts";
import { blocksOf, readDocument } from "../documents.ts";
import { peerProgram, peerVersion } from "../interop/peers.ts";
import { needing, without } from "../left_out.ts";
import { Bench, type Running } from "../product/processes.ts";
import { Scene } from "../scripts/documented_commands.ts";
import { inTime } from "../time_limits.ts";
import { NOT_NATIVE } from "../system_ports.ts";
import { Namespaces } from "./namespaces.ts";

const PATH = "docs/relay.md";
const DOCUMENT = readDocument(PATH);
const NAME_SERVER = fileURLToPath(new URL("./name_server.ts", import.meta.url));
const relayProgram = await peerProgram("iroh-relay");

/** The only block of commands with a text. */
function commands(text: string): string {
  const found = blocksOf(PATH).filter(({ language, text: block }) =>
    language === "sh" && block.includes(text)
  );
  assert.equal(found.length, 1, text);
  return found[0].text;
}

/** The configuration with a word behind `toml`. */
function configuration(name: string): string {
  const [, text] = new RegExp(`^\`\`\`toml ${name}\\n([^]*?)^\`\`\`$`, "m").exec(DOCUMENT) ?? [];
  assert.ok(text !== undefined, name);
  return text;
}

/** A host whose nameserver answers each name with its own loopback. */
class Host implements AsyncDisposable {
  private constructor(readonly hosts: Namespaces, readonly bench: Bench, readonly scene: Scene) {}

  static async make(): Promise<Host> {
    const hosts = new Namespaces();
    await hosts.add("a");
    await hosts.useNameserver("a", "127.0.0.1");
    const bench = await Bench.make();
    const [program, ...before] = hosts.wrapper("a");
    const script = ["run", "-A", "--no-check", NAME_SERVER, "127.0.0.1", "127.0.0.1"];
    bench.run(program, [...before, Deno.execPath(), ...script]);
    return new Host(hosts, bench, await Scene.make(bench, hosts.wrapper("a")));
  }

  /** Starts a relay by a documented command, in the folder of the commands. */
  relay(command: string): Running {
    const [name, ...words] = command.trim().split(" ");
    assert.equal(name, "iroh-relay");
    const [program, ...before] = this.hosts.wrapper("a");
    const options = { cwd: this.bench.path("here"), env: { RUST_LOG: "info" } };
    return this.bench.run(program, [...before, relayProgram, ...words], options);
  }

  /** Runs a block that sends over a relay. Resolves to the relay's URL in the ticket, which has no address. */
  async relayUsed(block: string): Promise<string | null> {
    await this.scene.run(block);
    const ticket = parseTicket((await Deno.readTextFile(this.bench.path("ticket"))).trim());
    assert.deepEqual(ticket.addresses, [], "the relay was reached");
    return ticket.relayUrl;
  }

  configure(text: string): Promise<void> {
    return Deno.writeTextFile(this.bench.path("here", "relay.toml"), text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bench[Symbol.asyncDispose]();
    await this.hosts[Symbol.asyncDispose]();
  }
}

/** Resolves when a relay has written a line of its log. */
async function logged(relay: Running, pattern: RegExp): Promise<void> {
  const line = relay.stderr.first((text) => pattern.test(text) || undefined);
  assert.ok(await inTime(line, String(pattern)), relay.output);
}

const OVER_HTTP = /\[HTTP\/WS\] relay: serving on \[::\]:3340/;
const LOGIN_PAGES = /http-service\{addr=\[::\]:80\}: iroh_relay::server: serving/;
const OVER_HTTPS = /\[HTTPS\/WSS\] relay: serving on \[::\]:443/;
const OVER_QUIC = /QUIC server listening on bind_addr=\[::\]:7842/;

Deno.test("F.13 docs/relay.md: the relay is the tested version, and is tried as written", async () => {
  const version = peerVersion("iroh-relay");
  assert.equal(
    commands("cargo install"),
    `cargo install iroh-relay --version ${version} --locked --features server\n`,
  );
  await using host = await Host.make();
  await logged(host.relay(commands("--dev")), OVER_HTTP);
  assert.equal(await host.relayUsed(commands("localhost")), "http://localhost:3340/");
});

Deno.test("F.13 docs/relay.md: the relay of a server listens on the ports that it names", async () => {
  await using host = await Host.make();
  await host.configure(
    configuration("public").replace("/var/lib/iroh-relay", host.bench.path("certificates")),
  );
  const relay = host.relay(commands("--config-path"));
  for (const pattern of [LOGIN_PAGES, OVER_HTTPS, OVER_QUIC, /metrics server on 127\.0\.0\.1:9090/]) {
    await logged(relay, pattern);
  }
  await logged(relay, /https:\/\/acme-v02\.api\.letsencrypt\.org\/directory/);
});

Deno.test({
  ...needing(
    "F.13 docs/relay.md: a relay with a certificate of one's own, and with a secret",
    NOT_NATIVE,
    without("openssl"),
  ),
  fn: async () => {
    await using host = await Host.make();
    await host.scene.run(commands("openssl"));
    await Deno.copyFile(host.bench.path("here", "ca.pem"), host.bench.path("there", "ca.pem"));
    await host.configure(configuration("private"));
    const relay = host.relay(commands("--config-path"));
    for (const pattern of [OVER_HTTPS, OVER_QUIC]) await logged(relay, pattern);
    const plain = commands("--relay https://relay.example.org --relay-ca");
    assert.equal(await host.relayUsed(plain), "https://relay.example.org/");
    await relay.stop();

    await host.configure(configuration("secret") + configuration("private"));
    await logged(host.relay(commands("--config-path")), OVER_HTTPS);
    assert.equal(await host.relayUsed(commands("token=SECRET")), "https://relay.example.org/?token=SECRET");
    await host.scene.run(plain.split("\n")[0]);
    const ticket = parseTicket((await Deno.readTextFile(host.bench.path("ticket"))).trim());
    assert.notDeepEqual(ticket.addresses, [], "without the secret the relay is not reached");
  },
});

Deno.test("F.13 docs/relay.md: the relay knows each option of the table", async () => {
  const rows = DOCUMENT.slice(DOCUMENT.indexOf("| option")).split("\n\n")[0].split("\n").slice(2);
  const options = rows.flatMap((row) =>
    [...row.split("|")[1].matchAll(/`([a-z_.]+)`/g)].map(([, name]) => name)
  );
  assert.ok(options.length >= 12);
  await using host = await Host.make();
  for (const option of options) {
    // A known option has no value that is a date; an unknown one is ignored.
    const tls = configuration("private").split("[tls]\n")[1];
    const [name, section] = option.startsWith("tls.") ? [option.slice(4), "tls"] : [option, ""];
    const others = tls.split("\n").filter((line) => section === "" || !line.startsWith(`${name} `)).join(
      "\n",
    );
    const wrong = `${name} = 1979-05-27\n`;
    await host.configure(section === "" ? `${wrong}[tls]\n${others}` : `[tls]\n${wrong}${others}`);
    const relay = host.relay(commands("--config-path"));
    assert.notEqual(await relay.ended(), 0, option);
    assert.match(relay.output, /config must be valid toml/, option);
    assert.match(relay.output, new RegExp(`\\b${name.split(".").at(-1)} = 1979`), option);
  }
});
