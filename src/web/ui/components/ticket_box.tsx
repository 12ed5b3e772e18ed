// The ticket of a share, with actions: copy, scan, share. On the stage its code is always shown, and Copy has the focus.

import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { encode } from "uqr";
import { t } from "../language.ts";
import { announcement } from "../watch.ts";

const COPIED_MS = 2_500;

export function TicketBox({ ticket, isOnStage }: { ticket: string; isOnStage: boolean }) {
  const [isCopied, setCopied] = useState(false);
  const [hasQr, setQr] = useState(false);
  const text = useRef<HTMLInputElement>(null);
  const copyButton = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    // Not while something else is done.
    if (isOnStage && isFocusFree()) copyButton.current!.focus();
  }, [isOnStage, ticket]);
  const copy = async () => {
    text.current?.select();
    try {
      await navigator.clipboard.writeText(ticket);
    } catch {
      // It is selected, so the system's shortcut copies it.
      return;
    }
    setCopied(true);
    announcement.value = t("copied");
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  return (
    <div class="ticket">
      <div class="ticket-line">
        <input
          ref={text}
          class="ticket-text"
          readOnly
          dir="ltr"
          value={ticket}
          aria-label={t("ticket")}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button ref={copyButton} type="button" class="primary" onClick={copy}>
          <span class="stack">
            <span class={isCopied ? "hidden" : ""}>{t("copy")}</span>
            <span class={isCopied ? "" : "hidden"}>{t("copied")}</span>
          </span>
        </button>
      </div>
      <div class="actions">
        {!isOnStage && (
          <button type="button" aria-expanded={hasQr} onClick={() => setQr(!hasQr)}>{t("qr")}</button>
        )}
        {"share" in navigator && (
          // Closing the sheet is no failure.
          <button type="button" onClick={() => void navigator.share({ text: ticket }).catch(() => {})}>
            {t("shareSheet")}
          </button>
        )}
      </div>
      {(isOnStage || hasQr) && <QrCode text={ticket} />}
    </div>
  );
}

/** Whether neither a field nor a dialog has the focus. */
function isFocusFree(): boolean {
  const { activeElement } = document;
  return document.querySelector("dialog[open]") === null && !(activeElement instanceof HTMLTextAreaElement) &&
    !(activeElement instanceof HTMLInputElement);
}

function QrCode({ text }: { text: string }) {
  const { size, path } = useMemo(() => {
    const { size, data } = encode(text, { ecc: "L", border: 2 });
    const dark = data.flatMap((line, y) => line.flatMap((isDark, x) => isDark ? [`M${x} ${y}h1v1h-1z`] : []));
    return { size, path: dark.join("") };
  }, [text]);
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={t("qrAlt")}
      shape-rendering="crispEdges"
    >
      <path class="qr-paper" d={`M0 0h${size}v${size}h-${size}z`} />
      <path class="qr-ink" d={path} />
    </svg>
  );
}
