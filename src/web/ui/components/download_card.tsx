// The card of a download: progress, optionally for each file, and actions.

import { signal } from "@preact/signals";
import type { DownloadView } from "../../contract.ts";
import { act, confirmFirst } from "../act.ts";
import { api } from "../api.ts";
import { figuresOf, isSizeKnown } from "../download_figures.ts";
import { duration } from "../format.ts";
import { t } from "../language.ts";
import { isEnded } from "../store.ts";
import { extentOf, titleOf } from "../watch.ts";
import { Card } from "./card.tsx";
import { DownloadFiles } from "./download_files.tsx";
import { Bar, FailureNote, LostList, Name, PathBadge, SkippedList } from "./parts.tsx";

const RENAMES_SHOWN = 20;

/** Downloads whose files are shown. Outside of the card, because cards move between parts of the page. */
const listed = signal<ReadonlySet<string>>(new Set());

export function DownloadCard({ download }: { download: DownloadView }) {
  const { state, files, folder, failure, renamed } = download;
  const isOpen = !isEnded.download(download);
  const hasArrived = state === "done" || state === "partial";
  return (
    <Card
      activity={{ kind: "download", view: download }}
      facts={
        <>
          {files > 0 && <span>{extentOf(download)}</span>}
          {hasArrived && <span>{t("took", { time: duration(download.seconds) })}</span>}
          <span class="folder">
            <Name of={folder ?? ""} />
          </span>
        </>
      }
      actions={<Actions download={download} />}
    >
      {isOpen && <Progress download={download} />}
      {failure !== null && <FailureNote failure={failure} />}
      {renamed.count > 0 && (
        <details class="more">
          <summary>{t("renamedTitle", { count: renamed.count })}</summary>
          <ul class="names">
            {renamed.names.slice(0, RENAMES_SHOWN).map(({ from, to }) => (
              <li key={from}>{t("becomes", { from, to })}</li>
            ))}
            {renamed.count > RENAMES_SHOWN && (
              <li>{t("andMore", { count: renamed.count - RENAMES_SHOWN })}</li>
            )}
          </ul>
        </details>
      )}
      <LostList lost={download.lost} heading="lostReceived" />
      <SkippedList skipped={download.skipped} />
      {files > 1 && <FilesPart download={download} />}
    </Card>
  );
}

function Progress({ download }: { download: DownloadView }) {
  const { state, title, bytes, doneBytes, path } = download;
  const { moving, stalled, waiting } = figuresOf(download);
  const isRunning = state === "running";
  return (
    <>
      <Bar
        done={doneBytes}
        total={isSizeKnown(download) ? bytes : null}
        label={title === null ? t("running") : titleOf(download)}
        tone={isRunning ? undefined : "idle"}
      />
      <p class="figures">
        {moving.map((text) => <span key={text}>{text}</span>)}
        {stalled !== null && <span class="stalled">{stalled}</span>}
        {isRunning && stalled === null && <PathBadge path={path} />}
        {!isSizeKnown(download) && state !== "waiting" && <span>{t("asking")}</span>}
      </p>
      {waiting !== null && <p class="note">{waiting}</p>}
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

function Actions({ download }: { download: DownloadView }) {
  const { id, state, failure, lost } = download;
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
  const isKept = state === "partial" && lost.keptBytes > 0;
  if (state === "done" || (state === "partial" && !isKept)) return <>{open}{remove}</>;
  if (state === "failed") return remove;

  const isDeclined = failure?.code === "declined";
  const goOn = () =>
    isDeclined
      ? confirmFirst({
        title: titleOf(download),
        text: t("declinedAsk"),
        yes: t("consentYes"),
        no: t("back"),
      }, () => api.resume(id, true))
      : void act(() => api.resume(id));
  const resume = <button type="button" class="primary" onClick={goOn}>{t("resume")}</button>;
  const pause = (
    <button type="button" onClick={() => void act(() => api.actOnDownload(id, "pause"))}>{t("pause")}</button>
  );
  const isUnfinished = state === "unfinished" || isKept;
  const label = isUnfinished ? t("discard") : t("cancel");
  const discard = () =>
    confirmFirst({
      title: t("discardAsk", { title: titleOf(download) }),
      text: t("discardText"),
      yes: t("discard"),
      no: isUnfinished ? t("back") : t("keepDownloading"),
    }, () => api.actOnDownload(id, "discard"));
  return (
    <>
      {isKept && open}
      {isUnfinished || state === "paused" ? resume : pause}
      <button type="button" onClick={discard}>{label}</button>
    </>
  );
}
