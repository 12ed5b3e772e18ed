// The start of sending and of receiving: files are dropped or chosen, a ticket is pasted.

import { useRef, useState } from "preact/hooks";
import { act } from "../act.ts";
import { api } from "../api.ts";
import { readFiles } from "../drop.ts";
import { isDragging, isReading } from "../gestures.ts";
import { t } from "../language.ts";
import { showShare } from "../stage.ts";
import { keepNext, sendDropped } from "../upload.ts";
import { FolderDialog } from "./folder_dialog.tsx";
import { Mark } from "./marks.tsx";
import { Choice } from "./parts.tsx";
import { TicketField } from "./ticket_field.tsx";

const MENU = "choose-menu";

export function Start() {
  return (
    <div class="stage start">
      <section class={isDragging.value ? "drop over" : "drop"} aria-labelledby="send">
        <Mark />
        <h2 id="send">
          {isDragging.value ? t("dropNow") : isReading.value ? t("reading") : t("dropHere")}
        </h2>
        <p class="note">{t("pitch")}</p>
        <Chooser />
        <Choice
          label={t("rule")}
          value={keepNext.value ? "keep" : "once"}
          words={{ once: t("ruleOnce"), keep: t("ruleKeep") }}
          onChange={(rule) => keepNext.value = rule === "keep"}
        />
      </section>
      <section class="paste" aria-labelledby="receive">
        <h2 id="receive">{t("haveTicket")}</h2>
        <TicketField />
      </section>
    </div>
  );
}

/** A button with a menu of the two ways to choose. */
function Chooser() {
  const [isChoosing, setChoosing] = useState(false);
  const menu = useRef<HTMLDivElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const closeMenu = () => menu.current!.hidePopover();
  const onFiles = () => {
    const input = chooser.current!;
    const files = [...input.files ?? []];
    // So that the same file can be chosen again.
    input.value = "";
    if (files.length > 0) void sendDropped(readFiles(files));
  };
  const share = async (paths: readonly string[]) => {
    setChoosing(false);
    await act(async () => showShare((await api.share({ paths, keep: keepNext.value })).id));
  };
  const way = (title: string, hint: string, onClick: () => void) => (
    <button
      type="button"
      onClick={() => {
        closeMenu();
        onClick();
      }}
    >
      <strong>{title}</strong>
      <span class="note">{hint}</span>
    </button>
  );
  return (
    <div class="chooser">
      <button type="button" class="primary" popovertarget={MENU}>{t("choose")}</button>
      <div ref={menu} id={MENU} class="menu" popover="auto">
        {way(t("chooseHere"), t("chooseHereHint"), () => setChoosing(true))}
        {way(t("chooseFiles"), t("chooseFilesHint"), () => chooser.current!.click())}
      </div>
      <input ref={chooser} type="file" multiple hidden onChange={onFiles} />
      {isChoosing && (
        <FolderDialog
          start={null}
          purpose="send"
          onClose={() => setChoosing(false)}
          onChosen={(paths) => void share(paths)}
        />
      )}
    </div>
  );
}
