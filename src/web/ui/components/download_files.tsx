// The files of a download and which are there: asked for page by page, as they are seen, and again as more arrive.

import { useEffect, useRef, useState } from "preact/hooks";
import type { DownloadView, FilesPage } from "../../contract.ts";
import { api } from "../api.ts";
import { size } from "../format.ts";
import { t } from "../language.ts";
import { TreeName } from "./parts.tsx";
import { VirtualList } from "./virtual_list.tsx";

/** Between two questions for the same rows. */
const PAUSE_MS = 500;

export function DownloadFiles({ download: { id, state, files, filesDone } }: { download: DownloadView }) {
  const [page, setPage] = useState<FilesPage & { from: number }>({ from: 0, files: [], total: files });
  const [seen, setSeen] = useState({ from: 0, to: 30 });
  const askedMs = useRef(0);
  useEffect(() => {
    let isOver = false;
    const waitMs = Math.max(0, askedMs.current + PAUSE_MS - Date.now());
    const timer = setTimeout(async () => {
      askedMs.current = Date.now();
      // The next progress asks again.
      const answer = await api.files(id, seen.from, seen.to - seen.from).catch(() => null);
      if (answer !== null && !isOver) setPage({ ...answer, from: seen.from });
    }, page.from === seen.from ? waitMs : 0);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [id, seen, filesDone]);
  return (
    <VirtualList
      count={files}
      label={t("details")}
      onSeen={(from, to) => setSeen((old) => old.from === from && old.to === to ? old : { from, to })}
      row={(index) => {
        const file = page.files[index - page.from];
        if (file === undefined) return <span class="name">…</span>;
        const isDone = state === "done" ? true : file.isDone;
        return (
          <>
            <TreeName of={file.name} />
            <span class="row-size">{size(file.bytes)}</span>
            {isDone !== undefined && (
              <span class={isDone ? "row-state there" : "row-state"}>
                {isDone ? t("fileDone") : t("fileMissing")}
              </span>
            )}
          </>
        );
      }}
    />
  );
}
