// What the published noq-proto lacks: it writes acknowledgements, and the wish for fewer of them, into a packet
// without asking whether they fit. A peer with several paths and many holes in its packet numbers made it panic
// at will, and a late handshake by chance; noq locks up behind that, and the process ends. The addon is built
// with a copy of its source where both wait for the next packet instead; nothing else is changed in it.

import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Another version has to be looked at anew. */
const VERSION = "1.4.0";
const FILE = join("src", "connection", "mod.rs");

/** What stands in the published source exactly once, and what the copy has in its place. */
const REPAIRS = [
  [
    `&& mem::replace(&mut space.pending.ack_frequency, false)`,
    `&& builder.frame_space_remaining() >= ACK_FREQUENCY_SIZE_BOUND
            && mem::replace(&mut space.pending.ack_frequency, false)`,
  ],
  [
    `let frame = frame::PathAck::encoder(path_id, delay, ranges, ecn);
                builder.write_frame(frame, stats);`,
    `let frame = frame::PathAck::encoder(path_id, delay, ranges, ecn);
                if fits(&frame, builder) {
                    builder.write_frame(frame, stats);
                }`,
  ],
  [
    `builder.write_frame(frame::Ack::encoder(delay, ranges, ecn), stats);`,
    `let frame = frame::Ack::encoder(delay, ranges, ecn);
            if fits(&frame, builder) {
                builder.write_frame(frame, stats);
            }`,
  ],
  [
    `#[derive(Default)]
struct SentFrames {`,
    `/// The frame's type and four numbers.
const ACK_FREQUENCY_SIZE_BOUND: usize = 2 + 4 * 8;

/// Whether a packet has room for an acknowledgement, and for closing the connection after it.
fn fits(acknowledgement: &impl crate::coding::Encodable, builder: &PacketBuilder<'_, '_>) -> bool {
    let mut encoded = Vec::new();
    acknowledgement.encode(&mut encoded);
    encoded.len() + frame::ConnectionClose::SIZE_BOUND <= builder.frame_space_remaining()
}

#[derive(Default)]
struct SentFrames {`,
  ],
];

/**
 * The folder of noq-proto's source as published, which cargo fetches and holds against the checksum in the lock file
 * beside a manifest; null when it cannot. Throws when it is another version than the one that is known here.
 */
export function publishedNoq(manifest) {
  const { status, stdout } = spawnSync(
    "cargo",
    ["metadata", "--locked", "--format-version", "1", "--manifest-path", manifest],
    { stdio: ["ignore", "pipe", "inherit"], encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
  );
  if (status !== 0) return null;
  const { version, manifest_path } = JSON.parse(stdout).packages.find(({ name }) => name === "noq-proto");
  if (version !== VERSION) throw new Error(`noq-proto ${version} is not the one that was looked at.`);
  return dirname(manifest_path);
}

/** Makes `copy` a copy of noq-proto's source in `published`, repaired. */
export function copyRepaired(published, copy) {
  rmSync(copy, { recursive: true, force: true });
  cpSync(published, copy, { recursive: true, preserveTimestamps: true });
  const source = join(copy, FILE);
  writeFileSync(source, repaired(readFileSync(source, "utf8")));
  // What cargo made of the last copy stays good until this file is changed.
  const { mtime } = statSync(fileURLToPath(import.meta.url));
  utimesSync(source, mtime, mtime);
}

function repaired(source) {
  return REPAIRS.reduce((text, [published, better]) => {
    const parts = text.split(published);
    if (parts.length !== 2) throw new Error(`noq-proto has this ${parts.length - 1} times: ${published}`);
    return parts.join(better);
  }, source);
}
