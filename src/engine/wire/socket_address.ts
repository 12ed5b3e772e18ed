// Conversion of socket addresses between text, `1.2.3.4:5` or `[2001:db8::1]:5`, and bytes.

/** An IP address with a port. */
export interface SocketAddress {
  /** 4 bytes, or 16. */
  ip: Uint8Array;
  /** From 0 to 65,535. */
  port: number;
}

/** Null when the text is not an IP address with a port. */
export function parseSocketAddress(text: string): SocketAddress | null {
  const match = /^(\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]):(\d{1,5})$/.exec(text);
  if (match === null) return null;
  const [, host, portText] = match;
  const port = Number(portText);
  const ip = host.startsWith("[") ? parseIpv6(host) : parseIpv4(host);
  return ip === null || port > 0xffff ? null : { ip, port };
}

export function formatSocketAddress({ ip, port }: SocketAddress): string {
  if (ip.length === 4) return `${ip.join(".")}:${port}`;
  const groups = Array.from({ length: 8 }, (_, i) => (ip[2 * i] << 8 | ip[2 * i + 1]).toString(16));
  // The platform places the "::".
  return `${new URL(`http://[${groups.join(":")}]`).hostname}:${port}`;
}

/** The order in which a ticket lists addresses: IPv4 first, then by bytes, then by port. */
export function compareSocketAddresses(a: SocketAddress, b: SocketAddress): number {
  if (a.ip.length !== b.ip.length) return a.ip.length - b.ip.length;
  for (let i = 0; i < a.ip.length; i++) if (a.ip[i] !== b.ip[i]) return a.ip[i] - b.ip[i];
  return a.port - b.port;
}

/**
 * Whether an address belongs to this machine or a private network, so that it reveals no location: loopback,
 * RFC 1918, link-local, and IPv6 unique local addresses (RFC 4193).
 */
export function isPrivateAddress(address: SocketAddress): boolean {
  const { ip } = address;
  if (ip.length === 4) {
    return ip[0] === 127 || ip[0] === 10 || (ip[0] === 172 && (ip[1] & 0xf0) === 16) ||
      (ip[0] === 192 && ip[1] === 168) || (ip[0] === 169 && ip[1] === 254);
  }
  return isLoopback(address) || (ip[0] & 0xfe) === 0xfc || (ip[0] === 0xfe && (ip[1] & 0xc0) === 0x80);
}

/** The IP addresses of socket addresses, each once, without loopback: those that other computers can use. */
export function hostsOf(addresses: readonly string[]): string[] {
  const hosts = addresses.flatMap((text) => {
    const address = parseSocketAddress(text);
    return address === null || isLoopback(address)
      ? []
      : [text.slice(0, text.lastIndexOf(":")).replace(/^\[|\]$/g, "")];
  });
  return [...new Set(hosts)];
}

function isLoopback({ ip }: SocketAddress): boolean {
  if (ip.length === 4) return ip[0] === 127;
  return ip[15] === 1 && ip.subarray(0, 15).every((byte) => byte === 0);
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split(".").map(Number);
  return parts.every((part) => part <= 255) ? Uint8Array.from(parts) : null;
}

/** Brackets included; the platform parses, and writes its canonical form. */
function parseIpv6(text: string): Uint8Array | null {
  if (!URL.canParse(`http://${text}`)) return null;
  const [left, right] = new URL(`http://${text}`).hostname.slice(1, -1).split("::");
  const head = left === "" ? [] : left.split(":");
  const tail = right === undefined || right === "" ? [] : right.split(":");
  const groups = [...head, ...Array(8 - head.length - tail.length).fill("0"), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]));
}
