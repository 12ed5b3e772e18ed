// What is being received: how far it is, file by file when wanted, and what can be done about it.

import { signal } from "@preact/signals";
import type { DownloadView } from "../../contract.ts";
import { act, askFirst } from "../act.ts";
import { api } from "../api.ts";
import { duration, size, speed } from "../format.ts";
import { t, words } from "../language.ts";
import { extentOf } from "../watch.ts";
import { Card } from "./card.tsx";
import { DownloadFiles } from "./download_files.tsx";
import { Bar, FailureNote, Name, PathBadge, SkippedList } from "./parts.tsx";

const RENAMES_SHOWN = 20;

/** The downloads whose files are listed: also when a card moves to another part of the page. */
const listed = signal<ReadonlySet<string>>(new Set());

export function DownloadCard({ download }: { download: DownloadView }) {
  const { state, files, folder, failure, renamed } = download;
  const isOpen = state !== "done" && state !== "cancelled" && state !== "failed";
  return (
    <Card
      activity={{ kind: "download", view: download }}
      facts={
        <>
          {files > 0 && <span>{extentOf(download)}</span>}
          {state === "done" && <span>{t("took", { time: duration(download.seconds) })}</span>}
          <span class="folder">
            <Name of={folder} />
          </span>
        </>
      }
      actions={<Actions download={download} />}
    >
      {isOpen && <Progress download={download} />}
      {failure !== null && <FailureNote failure={failure} />}
      {renamed.length > 0 && (
        <details class="more">
          <summary>{t("renamedTitle", { count: renamed.length })}</summary>
          <ul class="names">
            {renamed.slice(0, RENAMES_SHOWN).map(({ from, to }) => (
              <li key={from}>{t("becomes", { from, to })}</li>
            ))}
            {renamed.length > RENAMES_SHOWN && (
              <li>{t("andMore", { count: renamed.length - RENAMES_SHOWN })}</li>
            )}
          </ul>
        </details>
      )}
      <SkippedList skipped={download.skipped} />
      {files > 1 && <FilesPart download={download} />}
    </Card>
  );
}

function Progress({ download }: { download: DownloadView }) {
  const { state, title, files, filesDone, bytes, doneBytes, bytesPerSecond, path, waiting } = download;
  const isRunning = state === "running";
  const secondsLeft = (bytes - doneBytes) / bytesPerSecond;
  return (
    <>
      <Bar done={doneBytes} total={bytes} label={title ?? t("running")} isIdle={!isRunning} />
      <p class="figures">
        {bytes > 0 && <span>{t("progressOf", { done: size(doneBytes), total: size(bytes) })}</span>}
        {files > 1 && <span>{t("filesOf", { done: filesDone, count: files })}</span>}
        {isRunning && bytesPerSecond > 0 && (
          <>
            <span>{speed(bytesPerSecond)}</span>
            <span>{t("timeLeft", { time: duration(secondsLeft) })}</span>
          </>
        )}
        {isRunning && <PathBadge path={path} />}
        {bytes === 0 && state !== "waiting" && <span>{t("asking")}</span>}
      </p>
      {state === "waiting" && waiting !== null && <p class="note">{words.value.waits[waiting]}</p>}
      {isRunning && <p class="note">{t("closeDownload")}</p>}
    </>
  );
}

function FilesPart({ download }: { download: DownloadView }) {
  const isOpen = listed.value.has(download.id);
  const keep = (event: { currentTarget: HTMLDetailsElement }) => {
    const ids = new Set(listed.peek());
    if (event.currentTarget.open) ids.add(download.id);
    else ids.delete(download.id);
    listed.value = ids;
  };
  return (
    <details class="more" open={isOpen} onToggle={keep}>
      <summary>{t("details")}</summary>
      {isOpen && <DownloadFiles download={download} />}
    </details>
  );
}

function Actions({ download: { id, state, failure } }: { download: DownloadView }) {
  const open = (
    <button
      type="button"
      class="primary"
      onClick={() => void act(() => api.actOnDownload(id, "open"))}
    >
      {t("openFolder")}
    </button>
  );
  const remove = (
    <button type="button" onClick={() => void act(() => api.forgetDownload(id))}>{t("remove")}</button>
  );
  if (state === "done") return <>{open}{remove}</>;
  if (state === "cancelled" || state === "failed") return remove;

  const isDeclined = failure?.code === "declined";
  const goOn = () =>
    isDeclined
      ? askFirst(t("declinedAsk"), t("consentYes"), () => api.resume(id, true))
      : void act(() => api.resume(id));
  const resume = <button type="button" class="primary" onClick={goOn}>{t("resume")}</button>;
  const pause = (
    <button type="button" onClick={() => void act(() => api.actOnDownload(id, "pause"))}>{t("pause")}</button>
  );
  const isUnfinished = state === "unfinished";
  const label = isUnfinished ? t("discard") : t("cancel");
  const give = () => askFirst(t("discardAsk"), label, () => api.actOnDownload(id, "discard"));
  return (
    <>
      {isUnfinished || state === "paused" ? resume : pause}
      <button type="button" onClick={give}>{label}</button>
    </>
  );
}
