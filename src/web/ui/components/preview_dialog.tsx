// What a ticket would bring, before anything is written: which files, into which folder, and what needs consent.

import { useState } from "preact/hooks";
import type { DownloadRequest, Preview } from "../../contract.ts";
import { act } from "../act.ts";
import { api } from "../api.ts";
import { size } from "../format.ts";
import { t } from "../language.ts";
import { closePreview } from "../receiving.ts";
import { settings } from "../store.ts";
import { extentOf } from "../watch.ts";
import { Dialog } from "./dialog.tsx";
import { FolderDialog } from "./folder_dialog.tsx";
import { Name, SomeNames, TreeName } from "./parts.tsx";
import { VirtualList } from "./virtual_list.tsx";

export function PreviewDialog({ preview }: { preview: Preview }) {
  const { ticket, names, files, unfinishedId } = preview;
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const [folder, setFolder] = useState(settings.value?.downloadFolder ?? "");
  const [isChoosingFolder, setChoosingFolder] = useState(false);
  const [existing, setExisting] = useState<DownloadRequest["existing"]>("merge");
  const [hasConsent, setConsent] = useState(false);

  /** Names that are not listed cannot be left out. */
  const canChoose = names.length === files && files > 1;
  const taken = names.filter((_, index) => !left.has(index));
  const consents = neededConsents(preview, taken, existing);
  const toggle = (index: number) => {
    const next = new Set(left);
    if (!next.delete(index)) next.add(index);
    setLeft(next);
  };
  const receive = async () => {
    const only = left.size === 0 ? null : taken.map(({ name }) => name);
    // Who chose to replace files has consented to it; hidden ones are named above.
    const consented = consents.length > 0 ? hasConsent : existing === "overwrite";
    const isGood = await act(() => api.download({ ticket, folder, existing, only, consents: consented }));
    closePreview(isGood);
  };
  const resume = async () => closePreview(await act(() => api.resume(unfinishedId!)));

  return (
    <Dialog title={t("whatComes")} onClose={() => closePreview(false)} isWide>
      <p class="offer">
        <strong>{preview.title === null ? t("several") : <Name of={preview.title} />}</strong>
        <span>{extentOf(preview)}</span>
      </p>
      {unfinishedId !== null && (
        <div class="found">
          <p>{t("unfinishedHere")}</p>
          <button type="button" class="primary" onClick={() => void resume()}>{t("resume")}</button>
        </div>
      )}
      <VirtualList
        count={names.length}
        label={t("details")}
        selection={canChoose ? { has: (index) => !left.has(index), toggle } : undefined}
        row={(index) => (
          <>
            <TreeName of={names[index].name} />
            <span class="row-size">{size(names[index].bytes)}</span>
          </>
        )}
      />
      {canChoose && (
        <div class="actions list-foot">
          <button type="button" onClick={() => setLeft(new Set())}>{t("all")}</button>
          <button type="button" onClick={() => setLeft(new Set(names.keys()))}>{t("none")}</button>
          <p class="note" aria-live="polite">
            {t("chosen", {
              chosen: taken.length,
              total: files,
              size: size(taken.reduce((sum, { bytes }) => sum + bytes, 0)),
            })}
          </p>
        </div>
      )}
      {names.length < files && <p class="note">{t("tooMany")}</p>}
      <div class="field">
        <span class="label">{t("into")}</span>
        <span class="path-line">
          <output>
            <Name of={folder} />
          </output>
          <button type="button" onClick={() => setChoosingFolder(true)}>{t("change")}</button>
        </span>
      </div>
      <label class="field">
        <span class="label">{t("existing")}</span>
        <select
          value={existing}
          onChange={(event) => setExisting(event.currentTarget.value as DownloadRequest["existing"])}
        >
          <option value="merge">{t("existingMerge")}</option>
          <option value="overwrite">{t("existingOverwrite")}</option>
          <option value="rename">{t("existingRename")}</option>
          <option value="skip">{t("existingSkip")}</option>
        </select>
      </label>
      <Consents of={consents} has={hasConsent} onChange={setConsent} />
      <div class="actions dialog-foot">
        <button
          type="button"
          class={unfinishedId === null ? "primary" : ""}
          disabled={taken.length === 0 || folder === "" || (consents.length > 0 && !hasConsent)}
          onClick={() => void receive()}
        >
          {t("receive")}
        </button>
        <button type="button" onClick={() => closePreview(false)}>{t("cancel")}</button>
      </div>
      {isChoosingFolder && (
        <FolderDialog
          start={folder}
          wants="folder"
          onClose={() => setChoosingFolder(false)}
          onChosen={([path]) => {
            setFolder(path);
            setChoosingFolder(false);
          }}
        />
      )}
    </Dialog>
  );
}

type NeededConsents = Preview["consents"];

/** The consents that the choice asks for: nothing is replaced unless that was chosen. */
function neededConsents(
  { consents }: Preview,
  taken: Preview["names"],
  existing: DownloadRequest["existing"],
): NeededConsents {
  return consents.filter(({ name, reason }) =>
    (reason === "dot_file" || existing === "overwrite") &&
    taken.some((file) => file.name === name || file.name.startsWith(`${name}/`))
  );
}

interface ConsentsProps {
  of: NeededConsents;
  has: boolean;
  onChange: (has: boolean) => void;
}

function Consents({ of, has, onChange }: ConsentsProps) {
  if (of.length === 0) return null;
  const namesOf = (reason: NeededConsents[number]["reason"]) =>
    of.filter((one) => one.reason === reason).map(({ name }) => name);
  const hidden = namesOf("dot_file");
  const replaced = namesOf("overwrite");
  return (
    <div class="consents">
      {hidden.length > 0 && (
        <>
          <p>{t("consentHidden", { count: hidden.length })}</p>
          <SomeNames names={hidden} />
        </>
      )}
      {replaced.length > 0 && (
        <>
          <p>{t("consentReplaced", { count: replaced.length })}</p>
          <SomeNames names={replaced} />
        </>
      )}
      <label class="check">
        <input type="checkbox" checked={has} onChange={(event) => onChange(event.currentTarget.checked)} />
        {t("consentYes")}
      </label>
    </div>
  );
}
