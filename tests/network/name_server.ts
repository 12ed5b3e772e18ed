// A nameserver (RFC 1035) that answers every A query with one IPv4 address, and all others with no records. Prints
// each queried name on a line. Arguments: the address to bind to, the address to answer with.

import { Buffer } from "node:buffer";
import { createSocket } from "node:dgram";

const HEADER_BYTES = 12;
const TYPE_A = 1;

const [bindTo, answer] = Deno.args;
const socket = createSocket("udp4");
socket.on("message", (query, { address, port }) => {
  const { name, type, endBytes } = questionIn(query);
  // deno-lint-ignore no-console
  console.log(name);
  const isAnswered = type === TYPE_A;
  const header = Uint8Array.of(query[0], query[1], 0x81, 0x80, 0, 1, 0, isAnswered ? 1 : 0, 0, 0, 0, 0);
  // The name by a pointer to the question, A, IN, 60 seconds, four bytes.
  const record = [0xc0, HEADER_BYTES, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...answer.split(".").map(Number)];
  const question = query.subarray(HEADER_BYTES, endBytes);
  socket.send(Buffer.concat([header, question, Uint8Array.from(isAnswered ? record : [])]), port, address);
});
socket.bind(53, bindTo);

function questionIn(query: Uint8Array): { name: string; type: number; endBytes: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at]; length > 0; length = query[at]) {
    labels.push(new TextDecoder().decode(query.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return { name: labels.join("."), type: query[at + 2], endBytes: at + 5 };
}
