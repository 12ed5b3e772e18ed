// Compares what the terminal, the JSON lines and the page show of a download after each of its updates.
// deno-lint-ignore-file no-control-regex

import assert from "node:assert/strict";
import type { DownloadUpdate } from "../../../src/app/transfers/download_transfer.ts";
import type { DownloadView } from "../../../src/app/views.ts";
import { DownloadReport } from "../../../src/cli/report/download_report.ts";
import { Output } from "../../../src/cli/report/output.ts";
import { ENGLISH } from "../../../src/cli/words.ts";
import { figuresOf, isSizeKnown } from "../../../src/web/ui/download_figures.ts";
import { percent, size, speed } from "../../../src/web/ui/format.ts";
import { t } from "../../../src/web/ui/language.ts";
import { applyEvent, downloads } from "../../../src/web/ui/store.ts";
import { CliFixture } from "../../cli/cli_fixture.ts";

const MODE = { json: false, quiet: false, color: false, isDataOutput: false, isPlain: false };

/** A report with its output, a function that returns its new lines, and the line that is drawn. */
function reporting(json: boolean) {
  const fixture = new CliFixture("", { isTerminal: !json, columns: 1_000 });
  const output = new Output(fixture.terminal, { ...MODE, json });
  let nowMs = 0;
  // Every event is due.
  const report = new DownloadReport(output, { verbose: false }, { folder: "/dst" }, () => nowMs += 1_000);
  const stream = json ? fixture.output : fixture.error;
  let drawn = "";
  const take = async () => {
    await output.flush();
    const { text } = stream;
    stream.text = "";
    drawn = (drawn + text).split("\n").at(-1)!.split("\r\x1b[K").at(-1)!;
    return text.split(/\r\x1b\[K|\n/).filter((line) => line !== "");
  };
  return { report, take, drawn: () => drawn, leave: () => drawn = "" };
}

/** The view as the page has it. */
function onPage(download: DownloadView): DownloadView {
  applyEvent(JSON.parse(JSON.stringify({ type: "download", download })));
  return downloads.value.find(({ id }) => id === download.id)!;
}

/** Whether the drawn line of the terminal is one of the page's state. An empty line says nothing. */
function assertDrawnAlike(drawn: string, view: DownloadView): void {
  const { waits, stalls } = ENGLISH.catalogue;
  const { stalled } = figuresOf(view);
  const shown = `${drawn} | ${view.state} ${view.waiting} ${view.stalledSeconds}`;
  for (const [reason, words] of Object.entries(waits)) {
    const isOnPage = reason === "connecting" ? view.state === "connecting" : view.waiting === reason;
    assert.ok(isOnPage || !drawn.startsWith(words), shown);
  }
  assert.ok(view.state === "checking" || !drawn.startsWith(ENGLISH.say("checking")), shown);
  assert.ok(stalled !== null || !drawn.includes(stalls.receiving.split("{")[0]), shown);
  assert.ok(view.state === "running" || !/^[█░]/.test(drawn), shown);
  assert.equal(view.waiting !== null, view.state === "waiting");
  assert.ok(view.state === "running" || (view.stalledSeconds ?? view.bytesPerSecond) === null, shown);
}

/** Replays the updates of a download to all three. Throws where they differ. */
export async function assertShownAlike(updates: readonly DownloadUpdate[]): Promise<void> {
  const [terminal, json] = [reporting(false), reporting(true)];
  using _ = terminal.report;
  using __ = json.report;
  let isDone = false;
  for (const update of updates) {
    terminal.report.update(update);
    json.report.update(update);
    const [lines, objects] = [await terminal.take(), (await json.take()).map((line) => JSON.parse(line))];
    if (update.type === "removed") return assert.deepEqual([lines, objects], [[], []]);
    const view = onPage(update.view);
    // The terminal's command prints the end of a fetch, and does not begin another one.
    if (["begun", "stopped", "broken"].includes(update.event.type)) terminal.leave();
    assertDrawnAlike(terminal.drawn(), view);
    const { moving, stalled, waiting } = figuresOf(view);
    const { event } = update;
    // The line `done` has the published paths, so it is printed when they are known.
    const isLine: boolean = event.type === "fetched"
      ? isDone
      : !["begun", "accepted", "done", "stopped", "broken"].includes(event.type);
    assert.equal(objects.length, isLine ? 1 : 0);
    if (event.type === "done") isDone = true;
    const [object] = objects;
    const line = lines.at(-1) ?? "";
    switch (event.type) {
      case "progress":
        assert.deepEqual([object.bytes, object.total, object.files], [
          view.doneBytes,
          view.bytes,
          view.filesDone,
        ]);
        assert.equal(view.state, "running");
        for (const text of moving) assert.ok(line.includes(text), `${text} is not in ${line}`);
        if (isSizeKnown(view)) assert.ok(line.includes(percent(view.doneBytes, view.bytes)), line);
        assert.equal(/bytes per second|B\/s/.test(line), view.bytesPerSecond !== null, line);
        assert.equal(moving.includes(speed(view.bytesPerSecond ?? -1)), view.bytesPerSecond !== null);
        assert.equal(line.includes(" left"), moving.some((text) => text.includes(" left")));
        break;
      case "stalled":
        assert.equal(object.seconds, view.stalledSeconds);
        assert.ok(stalled !== null && line.includes(stalled), `${stalled} is not in ${line}`);
        break;
      case "waiting":
        assert.deepEqual(
          [view.state, view.waiting],
          object.reason === "connecting" ? ["connecting", null] : ["waiting", object.reason],
        );
        if (waiting !== null && line !== "") assert.ok(line.startsWith(waiting), line);
        break;
      case "checking":
        assert.deepEqual([object.type, view.state], ["checking", "checking"]);
        break;
      case "source_lost":
        assert.ok(view.lost.names.includes(object.name));
        break;
      case "space_short":
      case "inodes_short":
      case "volume_crossed":
      case "staging_refused":
      case "addresses_cut":
        assert.equal(lines.length, 1, "a warning is printed");
        break;
      case "fetched": {
        assert.equal(view.state, view.lost.count === 0 ? "done" : "partial");
        const received = lines.find((line) => line.startsWith("Received"))!;
        const files = t("files", { count: view.files });
        for (const text of [files, size(view.bytes)]) assert.ok(received.includes(text), received);
        assert.equal(lines.some((line) => line.includes("holiday/0.jpg")), view.lost.count > 0);
        break;
      }
    }
  }
}
