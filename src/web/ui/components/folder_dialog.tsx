// A dialog to browse the folders of this computer, for choosing what to send or where to receive.

import { useState } from "preact/hooks";
import type { FolderEntry, FolderListing, PlaceKind } from "../../contract.ts";
import { size } from "../format.ts";
import { t } from "../language.ts";
import { joinPath } from "../paths.ts";
import { useFolders } from "../places.ts";
import type { Key } from "../words/catalogue.ts";
import { Dialog } from "./dialog.tsx";
import { EntryMark } from "./marks.tsx";
import { FailureNote, Name } from "./parts.tsx";
import { VirtualList } from "./virtual_list.tsx";

const PLACES = {
  home: "homeFolder",
  computer: "thisComputer",
  downloads: "downloadFolder",
} as const satisfies Record<Exclude<PlaceKind, "drive">, Key>;

interface FolderDialogProps {
  start: string | null;
  onClose: () => void;
  /** `send`: files and folders; `folder`: the shown folder. */
  purpose: "send" | "folder";
  onChosen: (paths: readonly string[]) => void;
}

export function FolderDialog({ start, onClose, purpose, onChosen }: FolderDialogProps) {
  const { listing, failure, go } = useFolders(start);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const isSending = purpose === "send";
  const toggle = (path: string) => {
    const next = new Set(chosen);
    if (!next.delete(path)) next.add(path);
    setChosen(next);
  };
  return (
    <Dialog title={isSending ? t("chooseTitle") : t("folderTitle")} onClose={onClose} isWide>
      {listing !== null && (
        <>
          <Breadcrumbs key={listing.path} listing={listing} go={go} />
          <Entries
            key={`entries ${listing.path}`}
            listing={listing}
            go={go}
            chosen={chosen}
            toggle={isSending ? toggle : null}
          />
          {listing.isCut && <p class="note">{t("listCut")}</p>}
        </>
      )}
      {failure !== null && <FailureNote failure={failure} />}
      <div class="actions dialog-foot">
        {isSending
          ? (
            <button
              type="button"
              class="primary"
              disabled={chosen.size === 0}
              onClick={() => onChosen([...chosen])}
            >
              {t("send")}
            </button>
          )
          : (
            <button
              type="button"
              class="primary"
              disabled={listing === null}
              onClick={() => onChosen([listing!.path])}
            >
              {t("useFolder")}
            </button>
          )}
        <button type="button" onClick={onClose}>{t("cancel")}</button>
        <p class="note" aria-live="polite">
          {isSending && chosen.size > 0 ? t("chosenCount", { count: chosen.size }) : t("folderKeys")}
        </p>
      </div>
    </Dialog>
  );
}

interface PlaceProps {
  listing: FolderListing;
  go: (path: string | null) => void;
}

/** The present path, and links to other places. */
function Breadcrumbs({ listing: { path, parent, places }, go }: PlaceProps) {
  const [typed, setTyped] = useState(path);
  return (
    <form
      class="bearings"
      onSubmit={(event) => {
        event.preventDefault();
        go(typed);
      }}
    >
      <div class="places">
        {places.map((place) => (
          <button key={place.path} type="button" onClick={() => go(place.path)}>
            {place.kind === "drive" ? place.path : t(PLACES[place.kind])}
          </button>
        ))}
      </div>
      <div class="path-line">
        <button type="button" disabled={parent === null} onClick={() => go(parent)}>{t("up")}</button>
        <input
          dir="ltr"
          aria-label={t("path")}
          spellcheck={false}
          autocomplete="off"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
    </form>
  );
}

interface EntriesProps extends PlaceProps {
  chosen: ReadonlySet<string>;
  /** Null if only folders can be chosen. */
  toggle: ((path: string) => void) | null;
}

function Entries({ listing, go, chosen, toggle }: EntriesProps) {
  const entries = toggle === null ? listing.entries.filter(({ kind }) => kind === "folder") : listing.entries;
  const pathOf = (entry: FolderEntry) => joinPath(listing.path, entry.name);
  const open = (index: number) => {
    const entry = entries[index];
    if (entry.kind === "folder") go(pathOf(entry));
  };
  if (entries.length === 0) return <p class="list-empty">{t("emptyFolder")}</p>;
  return (
    <VirtualList
      count={entries.length}
      label={shownPath(listing.path)}
      selection={{
        has: (index) => chosen.has(pathOf(entries[index])),
        toggle: (index) => toggle === null ? open(index) : toggle(pathOf(entries[index])),
      }}
      isPlain={toggle === null}
      onOpen={open}
      row={(index) => {
        const entry = entries[index];
        return (
          <>
            <EntryMark kind={entry.kind} />
            <span
              class={entry.kind === "folder" ? "opens" : "grows"}
              onClick={(event) => {
                if (entry.kind !== "folder") return;
                event.stopPropagation();
                open(index);
              }}
            >
              <Name of={entry.name} />
            </span>
            {entry.kind === "file" && <span class="row-size">{size(entry.bytes)}</span>}
          </>
        );
      }}
    />
  );
}

const shownPath = (path: string) => path === "" ? "/" : path;
