// Limits of what a connection may make this process hold, by role: a provider gets requests and receipts from any
// number of unknown peers, a getter gets data from the one peer that it chose.

const KIB = 1024;
const MIB = 1024 * KIB;

export interface TransportLimits {
  /** Receive windows of one stream and of all streams of a connection. */
  streamReceiveWindowBytes: number;
  receiveWindowBytes: number;
  /** Bytes that are kept for all streams of a connection until they are acknowledged. */
  sendWindowBytes: number;
  /** Streams that the peer may have open. */
  streams: number;
}

/** A request has some hundred bytes; one of 1 MiB takes several round trips. A receiver has eight streams. */
export const SERVING: TransportLimits = {
  streamReceiveWindowBytes: 64 * KIB,
  receiveWindowBytes: 512 * KIB,
  sendWindowBytes: 16 * MIB,
  streams: 32,
};

/**
 * noq closes a connection with more than 1,024 separate pieces of a stream after lost packets. If every second packet
 * of 1,200 bytes is lost, a window of 2 MiB has 874. Higher throughput uses more streams: eight, and those that are
 * being replaced.
 */
export const FETCHING: TransportLimits = {
  streamReceiveWindowBytes: 2 * MIB,
  receiveWindowBytes: 32 * MIB,
  sendWindowBytes: 2 * MIB,
  streams: 0,
};
