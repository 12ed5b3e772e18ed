// What the published noq-proto lacks, changed in the copy of its source that the addon is built with; nothing else is.
//
// It writes acknowledgements, and the wish for fewer of them, into a packet without asking whether they fit. A peer
// with several paths and many holes in its packet numbers made it panic at will, and a late handshake by chance; noq
// locks up behind that, and the process ends. In the copy both wait for the next packet instead.
//
// And the largest packet that it lets a peer send is Ethernet's, which iroh has no setting for. In the copy it is a
// jumbo frame's, the search for a path's size begins with the two that networks have, and as many packets are given
// to the system at once as fit into one call.

import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Another version has to be looked at anew. */
const VERSION = "1.4.0";

/** By file, what stands in the published source exactly once, and what the copy has in its place. */
const CHANGES = {
  "src/connection/mod.rs": [
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
    [
      `None => max_datagrams,
        };

        // Set the segment size`,
      `None => max_datagrams,
        };
        // What is handed to the system at once is a datagram itself, until it is cut up.
        let fitting = usize::from(u16::MAX - 28) / usize::from(path.current_mtu());
        let max_datagrams = max_datagrams.min(NonZeroUsize::new(fitting).unwrap_or(NonZeroUsize::MIN));

        // Set the segment size`,
    ],
  ],
  "src/connection/mtud.rs": [
    [
      `let next_mtu = (self.lower_bound as i32 + self.upper_bound as i32) / 2;`,
      `// Ethernet's size first, then all that both sides take: networks seldom have another one.
        const ETHERNET: u16 = 1452;
        let next_mtu = if (self.lower_bound + 1..self.upper_bound).contains(&ETHERNET) {
            ETHERNET as i32
        } else if last_probe_succeeded && self.last_probed_mtu == ETHERNET {
            self.upper_bound as i32
        } else {
            (self.lower_bound as i32 + self.upper_bound as i32) / 2
        };`,
    ],
  ],
  "src/transport_parameters.rs": [
    [
      `max_udp_payload_size: endpoint_config.max_udp_payload_size,`,
      `// Of jumbo frames. The buffers are for 64 packets of Ethernet's size, where the system hands over many as
            // one: more than any packet has.
            max_udp_payload_size: if cfg!(target_os = "linux") {
                (9000u32 - 48).into()
            } else {
                endpoint_config.max_udp_payload_size
            },`,
    ],
  ],
};

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
  // What cargo made of the last copy stays good until this file is changed.
  const { mtime } = statSync(fileURLToPath(import.meta.url));
  for (const [file, changes] of Object.entries(CHANGES)) {
    const source = join(copy, file);
    writeFileSync(source, changed(readFileSync(source, "utf8"), changes));
    utimesSync(source, mtime, mtime);
  }
}

function changed(source, changes) {
  return changes.reduce((text, [published, better]) => {
    const parts = text.split(published);
    if (parts.length !== 2) throw new Error(`noq-proto has this ${parts.length - 1} times: ${published}`);
    return parts.join(better);
  }, source);
}
