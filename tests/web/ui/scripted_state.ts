// The state of the fake server: every state that the page can show.

import { formatTicket } from "../../../src/engine/wire/ticket.ts";
import type { DownloadView, HistoryEntry, Settings, ShareView, State } from "../../../src/web/contract.ts";

/** A valid ticket, which the page finds in pasted text. */
export const TICKET = formatTicket({
  endpointId: new Uint8Array(32).fill(7),
  relayUrl: null,
  addresses: ["192.0.2.7:4433"],
  format: "hash_sequence",
  hash: new Uint8Array(32).fill(9),
});
const NOW = Date.parse("2026-03-04T10:00:00Z");

const SHARE: ShareView = {
  id: "s",
  state: "serving",
  title: "Holiday in Brittany",
  otherNames: 0,
  files: 214,
  bytes: 1_840_000_000,
  doneBytes: 1_840_000_000,
  bytesPerSecond: null,
  ticket: TICKET,
  keep: false,
  isStaged: false,
  hostsWithoutRelay: null,
  receivers: [],
  delivery: null,
  skipped: [],
  missing: 0,
  lost: { count: 0, names: [], keptBytes: 0 },
  isAllLost: false,
  refusals: [],
  failure: null,
  startedAt: NOW,
};

const DOWNLOAD: DownloadView = {
  id: "d",
  state: "running",
  title: "Recordings",
  otherNames: 0,
  folder: "/home/ada/Downloads",
  files: 10_000,
  filesDone: 2_411,
  bytes: 5_200_000_000,
  doneBytes: 2_190_000_000,
  bytesPerSecond: 38_400_000,
  stalledSeconds: null,
  path: { kind: "direct", address: "203.0.113.7:4433", rttMs: 12.4 },
  waiting: null,
  renamed: { count: 0, names: [] },
  resumedBytes: 0,
  skipped: [],
  lost: { count: 0, names: [], keptBytes: 0 },
  names: [],
  failure: null,
  startedAt: NOW - 1_000,
  seconds: 57,
};

export const share = (changes: Partial<ShareView>): ShareView => ({ ...SHARE, ...changes });
export const download = (changes: Partial<DownloadView>): DownloadView => ({ ...DOWNLOAD, ...changes });

export const SETTINGS: Settings = {
  name: "Ada’s computer",
  theme: "system",
  language: null,
  downloadFolder: "/home/ada/Downloads",
  relay: "default",
  ticketKind: "auto",
  previewNames: false,
  sendBytesPerSecond: null,
  receiveBytesPerSecond: null,
};

const SHARES: readonly ShareView[] = [
  share({
    id: "s-serving",
    receivers: [
      {
        id: "9f3c1a77d2b04e",
        state: "receiving",
        bytes: 610_000_000,
        files: 70,
        bytesPerSecond: 11_200_000,
        stalledSeconds: null,
        hasAll: false,
        path: { kind: "relay", address: "https://relay.example", rttMs: 48 },
      },
    ],
    skipped: [{ reason: "symlink", count: 7, names: ["a/link", "b/link"] }],
  }),
  share({
    id: "s-hashing",
    state: "hashing",
    title: "thesis.pdf",
    files: 1,
    doneBytes: 9e8,
    ticket: null,
    startedAt: NOW - 1,
  }),
  share({
    id: "s-delivered",
    state: "delivered",
    title: "Minutes.odt",
    files: 1,
    bytes: 48_200,
    startedAt: NOW - 5_000,
  }),
];

const DOWNLOADS: readonly DownloadView[] = [
  download({ id: "d-running" }),
  download({
    id: "d-waiting",
    state: "waiting",
    waiting: "sender",
    title: "صور العطلة",
    files: 12,
    filesDone: 3,
    path: null,
  }),
  download({
    id: "d-unfinished",
    state: "unfinished",
    title: "Archive.tar",
    files: 1,
    failure: { code: "connection_lost", parameters: {} },
  }),
  download({
    id: "d-done",
    state: "done",
    title: "Score",
    files: 3,
    filesDone: 3,
    bytes: 3_000_000,
    doneBytes: 3_000_000,
    renamed: { count: 1, names: [{ from: "a.txt", to: "a (2).txt" }] },
  }),
  download({
    id: "d-failed",
    state: "failed",
    title: "evil\u202Egpj.exe",
    files: 1,
    failure: { code: "name_refused", parameters: { name: "../x\u202Ey", fault: "absolute" } },
  }),
];

export const BUSY: State = {
  version: "0.1.0",
  shares: SHARES,
  downloads: DOWNLOADS,
  settings: SETTINGS,
  notices: [],
};
export const IDLE: State = { ...BUSY, shares: [], downloads: [] };

export const HISTORY: readonly HistoryEntry[] = Array.from({ length: 12 }, (_, index) => ({
  id: 100 - index,
  kind: index % 2 === 0 ? "sent" : "received",
  title: index === 3 ? null : `Letter ${index + 1}.txt`,
  files: index === 3 ? 4 : 1,
  bytes: 12_345 * (index + 1),
  missing: 0,
  notChosen: 0,
  endedAt: NOW - index * 86_400_000,
  paths: ["/home/ada/letters"],
  isThere: index !== 2,
}));

/** Names with markup and scripts. */
export const manyNames = (count: number, naughty: readonly string[] = []) =>
  Array.from({ length: count }, (_, index) => ({
    name: naughty[index] ?? `Recordings/2024/take ${String(index + 1).padStart(5, "0")}.flac`,
    bytes: 520_000 + index,
  }));
