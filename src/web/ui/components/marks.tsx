// The marks of the page, drawn.

/** A folded letter with its seal. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect x="3" y="7" width="26" height="18" rx="1.5" />
      <path d="m3.5 8 12.5 10L28.5 8" />
      <circle cx="16" cy="17.5" r="3.5" />
    </svg>
  );
}

/** A sheet of paper, or a folder. */
export function EntryMark({ kind }: { kind: "file" | "folder" }) {
  return (
    <svg class="entry-mark" viewBox="0 0 16 16" aria-hidden="true">
      <path d={kind === "file" ? "M3.5 1.5h6l3 3v10h-9zm6 0v3h3" : "M1.5 3.5h5l1.5 2h6.5v8h-13z"} />
    </svg>
  );
}
