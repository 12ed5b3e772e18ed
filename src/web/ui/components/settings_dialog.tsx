// The settings, which pli stores, and notifications, which belong to this browser.

import { useState } from "preact/hooks";
import type { Failure, Settings } from "../../contract.ts";
import { api, failureOf } from "../api.ts";
import { LANGUAGES, t } from "../language.ts";
import { settings } from "../store.ts";
import { turnNotifications, wantsNotifications } from "../watch.ts";
import { Dialog } from "./dialog.tsx";
import { FolderDialog } from "./folder_dialog.tsx";
import { Choice, FailureNote, Name } from "./parts.tsx";

/** The minimum rate limit that pli accepts. */
const LEAST_MEGABYTES = 0.02;
const MOST_MEGABYTES = 1e6;

type Change = (change: Partial<Settings>) => void;

export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState<Settings>(settings.value!);
  const [failure, setFailure] = useState<Failure | null>(null);
  const change: Change = (change) => setDraft({ ...draft, ...change });
  const save = async (event: Event) => {
    event.preventDefault();
    try {
      settings.value = await api.saveSettings(draft);
      onClose();
    } catch (error) {
      setFailure(failureOf(error));
    }
  };
  return (
    <Dialog title={t("settings")} onClose={onClose}>
      <form onSubmit={(event) => void save(event)}>
        <Appearance draft={draft} change={change} />
        <Transfers draft={draft} change={change} />
        <Notifications />
        {failure !== null && <FailureNote failure={failure} />}
        <div class="actions dialog-foot">
          <button type="submit" class="primary">{t("save")}</button>
          <button type="button" onClick={onClose}>{t("cancel")}</button>
        </div>
      </form>
    </Dialog>
  );
}

interface PartProps {
  draft: Settings;
  change: Change;
}

function Appearance({ draft, change }: PartProps) {
  return (
    <>
      <label class="field">
        <span class="label">{t("name")}</span>
        <input
          value={draft.name}
          maxLength={64}
          onInput={(event) => change({ name: event.currentTarget.value })}
        />
        <span class="note">{t("nameHint")}</span>
      </label>
      <label class="field">
        <span class="label">{t("theme")}</span>
        <Choice
          value={draft.theme}
          words={{ system: t("themeSystem"), light: t("themeLight"), dark: t("themeDark") }}
          onChange={(theme) => change({ theme })}
        />
      </label>
      <label class="field">
        <span class="label">{t("language")}</span>
        <select
          value={draft.language ?? ""}
          onChange={(event) => change({ language: event.currentTarget.value || null })}
        >
          <option value="">{t("languageBrowser")}</option>
          {LANGUAGES.map(([tag, name]) => <option key={tag} value={tag} lang={tag}>{name}</option>)}
        </select>
      </label>
    </>
  );
}

function Transfers({ draft, change }: PartProps) {
  const [isChoosingFolder, setChoosingFolder] = useState(false);
  return (
    <>
      <div class="field">
        <span class="label">{t("downloadFolder")}</span>
        <span class="path-line">
          <output>
            <Name of={draft.downloadFolder} />
          </output>
          <button type="button" onClick={() => setChoosingFolder(true)}>{t("change")}</button>
        </span>
      </div>
      <label class="field">
        <span class="label">{t("relay")}</span>
        <input
          dir="ltr"
          spellcheck={false}
          value={draft.relay}
          onInput={(event) => change({ relay: event.currentTarget.value })}
        />
        <span class="note">{t("relayHint")}</span>
      </label>
      <label class="field">
        <span class="label">{t("ticketKind")}</span>
        <Choice
          value={draft.ticketKind}
          words={{
            auto: t("kindAuto"),
            relay: t("kindRelay"),
            id: t("kindId"),
            addresses: t("kindAddresses"),
            all: t("kindAll"),
          }}
          onChange={(ticketKind) => change({ ticketKind })}
        />
      </label>
      <div class="field">
        <label class="check">
          <input
            type="checkbox"
            checked={draft.previewNames}
            onChange={(event) => change({ previewNames: event.currentTarget.checked })}
          />
          {t("previewNames")}
        </label>
        <span class="note">{t("previewNamesHint")}</span>
      </div>
      <Limit
        label={t("sendLimit")}
        value={draft.sendBytesPerSecond}
        onChange={(sendBytesPerSecond) => change({ sendBytesPerSecond })}
      />
      <Limit
        label={t("receiveLimit")}
        value={draft.receiveBytesPerSecond}
        onChange={(receiveBytesPerSecond) => change({ receiveBytesPerSecond })}
      />
      {isChoosingFolder && (
        <FolderDialog
          start={draft.downloadFolder}
          purpose="folder"
          onClose={() => setChoosingFolder(false)}
          onChosen={([downloadFolder]) => {
            change({ downloadFolder });
            setChoosingFolder(false);
          }}
        />
      )}
    </>
  );
}

interface LimitProps {
  label: string;
  value: number | null;
  onChange: (bytesPerSecond: number | null) => void;
}

/** A speed in MB/s; the browser validates the number. */
function Limit({ label, value, onChange }: LimitProps) {
  return (
    <label class="field">
      <span class="label">{label}</span>
      <input
        type="number"
        min={LEAST_MEGABYTES}
        max={MOST_MEGABYTES}
        step="any"
        defaultValue={value === null ? "" : String(value / 1e6)}
        onInput={({ currentTarget: { valueAsNumber } }) =>
          onChange(Number.isNaN(valueAsNumber) ? null : Math.round(valueAsNumber * 1e6))}
      />
      <span class="note">{t("limitHint")}</span>
    </label>
  );
}

function Notifications() {
  const [isDenied, setDenied] = useState(false);
  const isOn = wantsNotifications.value;
  const turn = async () => setDenied(!await turnNotifications(!isOn) && !isOn);
  return (
    <div class="field">
      <span class="path-line">
        <span class="label">{t("notify")}</span>
        <button type="button" onClick={() => void turn()}>{isOn ? t("turnOff") : t("turnOn")}</button>
      </span>
      <output class="note">{isOn ? t("notifyOn") : isDenied ? t("notifyDenied") : ""}</output>
    </div>
  );
}
