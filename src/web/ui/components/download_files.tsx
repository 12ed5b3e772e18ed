// The files of a download with their progress. Only the visible rows are requested: repeatedly while data arrives,
// otherwise once.

import { useEffect, useRef, useState } from "preact/hooks";
import type { DownloadView, FilesPage } from "../../contract.ts";
import { api } from "../api.ts";
import { percent, size } from "../format.ts";
import { t } from "../language.ts";
import { TreeName } from "./parts.tsx";
import { VirtualList } from "./virtual_list.tsx";

/** Interval of requests for the same rows, and while the list is scrolled. */
const PAUSE_MS = 700;
const SCROLL_MS = 100;

type FileRow = FilesPage["files"][number];

export function DownloadFiles({ download: { id, state, files } }: { download: DownloadView }) {
  const [page, setPage] = useState<FilesPage & { from: number }>({ from: 0, files: [], total: files });
  const [seen, setSeen] = useState({ from: 0, to: 10 });
  const askedMs = useRef(0);
  const shownMs = useRef(0);
  useEffect(() => {
    let isOver = false;
    const ask = async () => {
      const nowMs = askedMs.current = Date.now();
      const answer = await api.files(id, seen.from, seen.to - seen.from).catch(() => null);
      if (answer !== null && nowMs >= shownMs.current) {
        shownMs.current = nowMs;
        setPage({ ...answer, from: seen.from });
      }
      if (!isOver && state === "running") timer = setTimeout(ask, PAUSE_MS);
    };
    let timer = setTimeout(ask, askedMs.current + SCROLL_MS - Date.now());
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [id, seen, state]);
  if (page.total === 0) return <p class="note">{t("filesUnknown")}</p>;
  return (
    <VirtualList
      count={files}
      label={t("details")}
      onSeen={(from, to) => setSeen((old) => old.from === from && old.to === to ? old : { from, to })}
      row={(index) => <Row file={page.files[index - page.from]} />}
    />
  );
}

function Row({ file }: { file: FileRow | undefined }) {
  if (file === undefined) return <span class="name">…</span>;
  const { name, bytes, doneBytes } = file;
  return (
    <>
      <TreeName of={name} />
      <span class="row-size">{size(bytes)}</span>
      {doneBytes !== undefined && <FileState done={doneBytes} total={bytes} />}
    </>
  );
}

function FileState({ done, total }: { done: number; total: number }) {
  if (done === total) return <span class="row-state there">{t("fileDone")}</span>;
  if (done === 0) return <span class="row-state">{t("fileMissing")}</span>;
  return (
    <>
      <span class="row-state">{percent(done, total)}</span>
      <span class="row-bar" style={{ inlineSize: `${100 * done / total}%` }} />
    </>
  );
}
