// What a connection may make this process hold, by what its endpoint is for: whoever serves is sent requests and
// receipts by strangers in any number, whoever fetches is sent data by the one that it asked.

const KIB = 1024;
const MIB = 1024 * KIB;

export interface TransportLimits {
  /** What one stream, and all streams of a connection, may have in flight towards us. */
  streamReceiveWindowBytes: number;
  receiveWindowBytes: number;
  /** What is kept for all streams of a connection until the other side has it. */
  sendWindowBytes: number;
  /** Streams that the other side may have open. */
  streams: number;
}

/** A request has some hundred bytes; one of 1 MiB takes a few round trips. A receiver has eight streams. */
export const SERVING: TransportLimits = {
  streamReceiveWindowBytes: 64 * KIB,
  receiveWindowBytes: 512 * KIB,
  sendWindowBytes: 16 * MIB,
  streams: 32,
};

/**
 * noq gives up a connection with more than 1,024 separate pieces of a stream waiting for lost packets; every second of
 * 1,200 bytes lost, a window of 2 MiB makes 874. More goes over more streams: eight, and those that are being replaced.
 */
export const FETCHING: TransportLimits = {
  streamReceiveWindowBytes: 2 * MIB,
  receiveWindowBytes: 32 * MIB,
  sendWindowBytes: 2 * MIB,
  streams: 0,
};
