// The groups of the page's cards, which equal those of the states in the app.

import assert from "node:assert/strict";
import { afterCommand } from "../../../src/app/transfers/download_states.ts";
import { isShareOver, SHARE_STATES, type ShareState } from "../../../src/app/transfers/share_states.ts";
import type { DownloadView, ShareView } from "../../../src/app/views.ts";
import { applyEvent, downloads, ended, shares, underWay, unfinished } from "../../../src/web/ui/store.ts";

const DOWNLOAD_STATES = Object.keys(
  {
    connecting: true,
    checking: true,
    running: true,
    waiting: true,
    paused: true,
    unfinished: true,
    done: true,
    partial: true,
    failed: true,
  } satisfies Record<DownloadView["state"], true>,
) as DownloadView["state"][];

/** The states of a group. */
const statesOf = (group: typeof ended) => group.value.map(({ view }) => view.state).toSorted();

Deno.test("a share has ended on the page in its final states, and is under way in the others", () => {
  const states = Object.keys(SHARE_STATES) as ShareState[];
  shares.value = [];
  downloads.value = [];
  for (const state of states) {
    applyEvent({ type: "share", share: { id: state, state, startedAt: 0 } as ShareView });
  }
  assert.deepEqual(statesOf(ended), states.filter(isShareOver).toSorted());
  assert.deepEqual(statesOf(underWay), states.filter((state) => !isShareOver(state)).toSorted());
  assert.deepEqual(statesOf(unfinished), []);
});

Deno.test("a download has ended on the page in the states in which it can be removed from the list", () => {
  shares.value = [];
  downloads.value = [];
  for (const state of DOWNLOAD_STATES) {
    applyEvent({ type: "download", download: { id: state, state, startedAt: 0 } as DownloadView });
  }
  const removable = DOWNLOAD_STATES.filter((state) => afterCommand(state, "remove") !== null);
  assert.deepEqual(statesOf(ended), removable.toSorted());
  assert.deepEqual(statesOf(unfinished), ["unfinished"]);
});
