// The field for a ticket, or for text that contains one.

import { t } from "../language.ts";
import { asking, fault, requestPreview, stopAsking, ticketText } from "../receiving.ts";
import { findTicket } from "../../../tickets/find_ticket.ts";
import { FailureNote } from "./parts.tsx";

export function TicketField() {
  const isAsking = asking.value !== null;
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void requestPreview(ticketText.value);
        }}
      >
        <label class="field">
          <span class="label unseen">{t("ticket")}</span>
          <textarea
            class="ticket-field"
            dir="ltr"
            rows={2}
            spellcheck={false}
            autocomplete="off"
            autocapitalize="off"
            aria-describedby="ticket-hint ticket-fault"
            value={ticketText.value}
            onInput={(event) => ticketText.value = event.currentTarget.value}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.isComposing) return;
              event.preventDefault();
              void requestPreview(ticketText.value);
            }}
            onPaste={(event) => {
              const text = event.clipboardData?.getData("text/plain") ?? "";
              // A complete ticket needs no button.
              if (findTicket(text).kind !== "ticket") return;
              event.preventDefault();
              void requestPreview(text);
            }}
          />
          <span class="note" id="ticket-hint">{t("ticketHint")}</span>
        </label>
        <div class="actions">
          <button type="submit" class="primary" disabled={isAsking || ticketText.value.trim() === ""}>
            {t("lookInside")}
          </button>
          {isAsking && <button type="button" onClick={stopAsking}>{t("cancel")}</button>}
        </div>
      </form>
      <div class="answer" id="ticket-fault" aria-live="polite">
        {isAsking && <p class="note">{t("asking")}</p>}
        {fault.value === "none" && (
          <p class="failure">
            <strong>{t("noTicket")}</strong>
          </p>
        )}
        {fault.value !== null && fault.value !== "none" && <FailureNote failure={fault.value} isPreview />}
      </div>
    </>
  );
}
