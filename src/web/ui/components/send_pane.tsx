// The start of sending: a drop zone, and the two ways to choose files.

import { useRef, useState } from "preact/hooks";
import { act } from "../act.ts";
import { api } from "../api.ts";
import { readFiles } from "../drop.ts";
import { isDragging, isReading } from "../gestures.ts";
import { t } from "../language.ts";
import { keepNext, sendDropped } from "../upload.ts";
import { FolderDialog } from "./folder_dialog.tsx";
import { Mark } from "./marks.tsx";

export function SendPane() {
  const [isChoosing, setChoosing] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  const onFiles = () => {
    const input = chooser.current!;
    const files = [...input.files ?? []];
    // So that the same file can be chosen again.
    input.value = "";
    if (files.length > 0) void sendDropped(readFiles(files));
  };
  const share = async (paths: readonly string[]) => {
    setChoosing(false);
    await act(() => api.share({ paths, keep: keepNext.value }));
  };
  return (
    <section class="pane" aria-labelledby="send">
      <h2 id="send">{t("send")}</h2>
      <div class={isDragging.value ? "drop over" : "drop"}>
        <Mark />
        <p class="drop-title">
          {isDragging.value ? t("dropNow") : isReading.value ? t("reading") : t("dropHere")}
        </p>
        <p class="note">{t("dropAnywhere")}</p>
        <div class="actions">
          <button type="button" class="primary" onClick={() => setChoosing(true)}>{t("chooseHere")}</button>
          <button type="button" onClick={() => chooser.current!.click()}>{t("chooseFiles")}</button>
        </div>
        <p class="note">{t("copyNote", { here: t("chooseHere"), files: t("chooseFiles") })}</p>
        <input ref={chooser} type="file" multiple hidden onChange={onFiles} />
      </div>
      <fieldset class="rule">
        <legend>{t("rule")}</legend>
        {[false, true].map((keep) => (
          <label key={String(keep)} class="check">
            <input
              type="radio"
              name="rule"
              checked={keepNext.value === keep}
              onChange={() => keepNext.value = keep}
            />
            {keep ? t("ruleKeep") : t("ruleOnce")}
          </label>
        ))}
      </fieldset>
      {isChoosing && (
        <FolderDialog
          start={null}
          purpose="send"
          onClose={() => setChoosing(false)}
          onChosen={(paths) => void share(paths)}
        />
      )}
    </section>
  );
}
