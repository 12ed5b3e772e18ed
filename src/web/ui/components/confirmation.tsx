// The confirmation of what cannot be undone.

import { question } from "../act.ts";
import { Dialog } from "./dialog.tsx";

export function Confirmation() {
  const asked = question.value;
  if (asked === null) return null;
  const close = () => question.value = null;
  return (
    <Dialog title={asked.title} onClose={close}>
      <p>{asked.text}</p>
      <div class="actions">
        <button
          type="button"
          class="primary"
          onClick={() => {
            close();
            asked.onYes();
          }}
        >
          {asked.yes}
        </button>
        <button type="button" onClick={close}>{asked.no}</button>
      </div>
    </Dialog>
  );
}
