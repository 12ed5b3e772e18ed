// The history, the latest first, with actions: open, send again, remove.

import { useEffect, useState } from "preact/hooks";
import type { HistoryEntry, HistoryPage } from "../../contract.ts";
import { act, confirmFirst } from "../act.ts";
import { api } from "../api.ts";
import { noticeInWords } from "../failure_words.ts";
import { moment } from "../format.ts";
import { t } from "../language.ts";
import { historyChanges } from "../store.ts";
import { extentOf, titleOfEntry } from "../watch.ts";
import { TitleText } from "./parts.tsx";

const INITIAL_ENTRIES = 8;
const MORE = 40;

export function History() {
  const [page, setPage] = useState<HistoryPage>({ entries: [], more: false, unreadable: 0 });
  const [wanted, setWanted] = useState(INITIAL_ENTRIES);
  const changes = historyChanges.value;
  useEffect(() => {
    let isOver = false;
    void act(async () => {
      const answer = await api.history(null, wanted);
      if (!isOver) setPage(answer);
    });
    return () => {
      isOver = true;
    };
  }, [changes, wanted]);
  const { entries, more, unreadable } = page;
  if (entries.length === 0 && unreadable === 0) return null;
  return (
    <section class="history" aria-labelledby="history">
      <header class="section-head">
        <h2 id="history">{t("history")}</h2>
        <button
          type="button"
          class="quiet"
          onClick={() =>
            confirmFirst({
              title: t("clearHistoryAsk"),
              text: t("clearHistoryText"),
              yes: t("clearHistory"),
              no: t("back"),
            }, () => api.forgetHistory(null))}
        >
          {t("clearHistory")}
        </button>
      </header>
      {unreadable > 0 && (
        <p class="note">
          {noticeInWords({ code: "entries_unreadable", parameters: { count: unreadable } })}
        </p>
      )}
      <ul class="entries">{entries.map((entry) => <Entry key={entry.id} entry={entry} />)}</ul>
      {more && <button type="button" onClick={() => setWanted(wanted + MORE)}>{t("more")}</button>}
    </section>
  );
}

function Entry({ entry }: { entry: HistoryEntry }) {
  const { id, kind, missing, notChosen, endedAt, isThere } = entry;
  const isPart = missing > 0 || notChosen > 0;
  const isSent = kind === "sent";
  const date = moment(endedAt);
  const action = isSent ? "again" : "open";
  return (
    <li>
      <p class="entry-title">
        <TitleText of={titleOfEntry(entry)} />
      </p>
      <p class="note">
        {isSent ? t("sentAt", { date }) : t("receivedAt", { date })} · {extentOf(entry)}
        {isPart && ` · ${t("inPart")}`}
      </p>
      <div class="actions">
        {isThere
          ? (
            <button type="button" onClick={() => void act(() => api.actOnHistory(id, action))}>
              {isSent ? t("sendAgain") : t("openFolder")}
            </button>
          )
          : <span class="note">{t("gone")}</span>}
        <button type="button" class="quiet" onClick={() => void act(() => api.forgetHistory(id))}>
          {t("remove")}
        </button>
      </div>
    </li>
  );
}
