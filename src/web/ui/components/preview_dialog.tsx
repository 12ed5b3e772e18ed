// The offer of a ticket, before anything is written: files, folder, and what needs consent.

import { useState } from "preact/hooks";
import type { Consent, DownloadBody, PreviewBody } from "../../contract.ts";
import { act } from "../act.ts";
import { api } from "../api.ts";
import { size } from "../format.ts";
import { t } from "../language.ts";
import { closePreview } from "../receiving.ts";
import { settings } from "../store.ts";
import { extentOf, titleOf } from "../watch.ts";
import { Dialog } from "./dialog.tsx";
import { FolderDialog } from "./folder_dialog.tsx";
import { Choice, Name, SomeNames, TitleText, TreeName } from "./parts.tsx";
import { VirtualList } from "./virtual_list.tsx";

export function PreviewDialog({ preview }: { preview: PreviewBody }) {
  const { ticket, names, files, unfinishedId } = preview;
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const [folder, setFolder] = useState(settings.value?.downloadFolder ?? "");
  const [isChoosingFolder, setChoosingFolder] = useState(false);
  const [existing, setExisting] = useState<DownloadBody["existing"]>("merge");
  const [hasConsent, setConsent] = useState(false);

  /** Only listed names can be deselected. */
  const canChoose = names.length === files && files > 1;
  const taken = names.filter((_, index) => !left.has(index));
  const takenBytes = taken.reduce((sum, { bytes }) => sum + bytes, 0);
  const consents = neededConsents(preview, taken, existing);
  const toggle = (index: number) => {
    const next = new Set(left);
    if (!next.delete(index)) next.add(index);
    setLeft(next);
  };
  const receive = async () => {
    const only = left.size === 0 ? null : taken.map(({ name }) => name);
    // Choosing to replace files is a consent to it; hidden files are named above.
    const consented = isNeeded(consents) ? hasConsent : existing === "overwrite";
    const isGood = await act(() => api.download({ ticket, folder, existing, only, consents: consented }));
    closePreview(isGood);
  };
  const resume = async () => closePreview(await act(() => api.resume(unfinishedId!)));

  return (
    <Dialog title={t("whatComes")} onClose={() => closePreview(false)} isWide>
      <p class="offer">
        <strong>
          <TitleText of={titleOf(preview)} />
        </strong>
        <span>{extentOf(preview)}</span>
      </p>
      {unfinishedId !== null && (
        <div class="found">
          <p>{t("unfinishedHere")}</p>
          <button type="button" class="primary" autofocus onClick={() => void resume()}>{t("resume")}</button>
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
              size: size(takenBytes),
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
        <Choice
          value={existing}
          words={{
            merge: t("existingMerge"),
            overwrite: t("existingOverwrite"),
            rename: t("existingRename"),
            skip: t("existingSkip"),
          }}
          onChange={setExisting}
        />
      </label>
      <Consents of={consents} has={hasConsent} onChange={setConsent} />
      <div class="actions dialog-foot">
        <button
          type="button"
          class={unfinishedId === null ? "primary" : ""}
          autofocus={unfinishedId === null}
          disabled={taken.length === 0 || folder === "" || (isNeeded(consents) && !hasConsent)}
          onClick={() => void receive()}
        >
          {t("receiveThese", {
            files: t("files", { count: canChoose ? taken.length : files }),
            size: size(canChoose ? takenBytes : preview.bytes),
          })}
        </button>
        <button type="button" onClick={() => closePreview(false)}>{t("cancel")}</button>
      </div>
      {isChoosingFolder && (
        <FolderDialog
          start={folder}
          purpose="folder"
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

interface NeededConsents {
  hidden: readonly Extract<Consent, { reason: "dot_file" }>[];
  hiddenFiles: number;
  replaced: readonly string[];
}

/** The consents that the choice needs: files are replaced only if that was chosen. */
function neededConsents(
  { consents, names, files, hiddenFiles }: PreviewBody,
  taken: PreviewBody["names"],
  existing: DownloadBody["existing"],
): NeededConsents {
  const isListed = names.length === files;
  // Unlisted files are always received.
  const isAll = !isListed || taken.length === files;
  const hidden = consents.filter((one) => one.reason === "dot_file");
  const replaced = consents.filter(({ reason }) => reason === "overwrite" && existing === "overwrite")
    .map(({ name }) => name);
  if (isAll) return { hidden, hiddenFiles, replaced };
  const asked = new Set(hidden.map(({ name }) => dotPart(name)));
  const takenDots = taken.map(({ name }) => dotPart(name)).filter((part) => asked.has(part));
  const takenNames = new Set(taken.map(({ name }) => name));
  return {
    hidden: hidden.filter(({ name }) => takenDots.includes(dotPart(name))),
    hiddenFiles: takenDots.length,
    replaced: replaced.filter((name) => takenNames.has(name)),
  };
}

/** The first part of a name that begins with a dot. */
function dotPart(name: string): string | undefined {
  return name.split("/").find((part) => /^\p{Default_Ignorable_Code_Point}*\./u.test(part));
}

function isNeeded({ hidden, replaced }: NeededConsents): boolean {
  return hidden.length > 0 || replaced.length > 0;
}

interface ConsentsProps {
  of: NeededConsents;
  has: boolean;
  onChange: (has: boolean) => void;
}

const HIDDEN_SHOWN = 8;

function Consents({ of, has, onChange }: ConsentsProps) {
  if (!isNeeded(of)) return null;
  const { hidden, hiddenFiles, replaced } = of;
  const more = hidden.length - HIDDEN_SHOWN;
  return (
    <div class="consents">
      {hidden.length > 0 && (
        <>
          <p>{t("consentHidden", { count: hiddenFiles })}</p>
          <ul class="names">
            {hidden.slice(0, HIDDEN_SHOWN).map(({ name, files }) => (
              <li key={name}>
                <Name of={name} />
                {files > 1 && <span class="note">{` · ${t("files", { count: files })}`}</span>}
              </li>
            ))}
            {more > 0 && <li>{t("andMore", { count: more })}</li>}
          </ul>
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
