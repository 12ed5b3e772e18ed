// The page: one screen, or how to open it again.

import { useState } from "preact/hooks";
import { isClosed } from "../api.ts";
import { t } from "../language.ts";
import { preview } from "../receiving.ts";
import {
  dismiss,
  dismissServerNotice,
  isConnected,
  notices,
  serverNotices,
  settings,
  version,
} from "../store.ts";
import { announcement } from "../watch.ts";
import { noticeInWords } from "../failure_words.ts";
import { Activities } from "./activities.tsx";
import { Closed } from "./closed.tsx";
import { Confirmation } from "./confirmation.tsx";
import { History } from "./history.tsx";
import { Mark } from "./marks.tsx";
import { FailureNote, Name, SkippedList } from "./parts.tsx";
import { PreviewDialog } from "./preview_dialog.tsx";
import { SettingsDialog } from "./settings_dialog.tsx";
import { Stage } from "./stage.tsx";

const PROGRAM = "pli";

export function App() {
  if (isClosed.value) return <Closed />;
  return (
    <>
      <Head />
      <Notices />
      <main>
        {settings.value !== null && (
          <>
            <Stage />
            <Activities />
            <History />
          </>
        )}
      </main>
      <p class="unseen" role="status">{announcement.value}</p>
      {preview.value !== null && <PreviewDialog preview={preview.value} />}
      <Confirmation />
    </>
  );
}

function Head() {
  const [isOpen, setOpen] = useState(false);
  const name = settings.value?.name ?? "";
  return (
    <header class="page-head">
      <Mark />
      <h1 title={version.value}>{PROGRAM}</h1>
      <p class="computer">
        <Name of={name} />
      </p>
      <button type="button" class="quiet" disabled={settings.value === null} onClick={() => setOpen(true)}>
        {t("settings")}
      </button>
      {isOpen && <SettingsDialog onClose={() => setOpen(false)} />}
    </header>
  );
}

function Notices() {
  return (
    <div class="notices" role="status">
      {!isConnected.value && <p class="notice">{t("offline")}</p>}
      {serverNotices.value.map((notice) => (
        <div key={JSON.stringify(notice)} class="notice">
          <p>{noticeInWords(notice)}</p>
          <button type="button" class="quiet" onClick={() => dismissServerNotice(notice)}>
            {t("close")}
          </button>
        </div>
      ))}
      {notices.value.map((notice, index) => (
        <div key={index} class="notice">
          {"failure" in notice && <FailureNote failure={notice.failure} />}
          {"text" in notice && <p>{notice.text}</p>}
          {"skipped" in notice && <SkippedList skipped={notice.skipped} isOpen />}
          <button type="button" class="quiet" onClick={() => dismiss(notice)}>{t("close")}</button>
        </div>
      ))}
    </div>
  );
}
