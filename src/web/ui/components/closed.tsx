// Shown without a valid token: the address was opened by hand, the tab belongs to an earlier run, or pli has closed
// the page. The code in pli's terminal opens it.

import { useState } from "preact/hooks";
import type { Failure } from "../../contract.ts";
import { closedBy, failureOf } from "../api.ts";
import { t } from "../language.ts";
import { authenticateByCode } from "../session.ts";
import { Mark } from "./marks.tsx";
import { FailureNote } from "./parts.tsx";

const PROGRAM = "pli";
/** Reasons with a sentence of their own. */
const DETAILED_REASONS: readonly string[] = ["session_ended", "code_reused", "code_spent", "user_refused"];

export function Closed() {
  const [code, setCode] = useState("");
  const [isAsking, setAsking] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const reason = closedBy.value;
  const isDetailed = reason !== null && DETAILED_REASONS.includes(reason.code);
  const open = async () => {
    setAsking(true);
    setFailure(null);
    try {
      await authenticateByCode(code);
    } catch (error) {
      setFailure(failureOf(error));
      setAsking(false);
    }
  };
  return (
    <main class="closed">
      <Mark />
      <h1>{reason === null ? t("codeTitle") : t("reopenTitle")}</h1>
      {isDetailed ? <FailureNote failure={reason} /> : reason !== null && <p>{t("reopenText")}</p>}
      <p id="code-text">{t("codeText")}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void open();
        }}
      >
        <label class="field">
          <span class="label">{t("code")}</span>
          <input
            class="code-field"
            dir="ltr"
            autofocus
            spellcheck={false}
            autocomplete="off"
            autocapitalize="characters"
            maxLength={16}
            aria-describedby="code-text code-fault"
            value={code}
            onInput={(event) => setCode(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary" disabled={isAsking || code.trim() === ""}>
          {t("codeOpen")}
        </button>
      </form>
      <div id="code-fault" aria-live="polite">{failure !== null && <FailureNote failure={failure} />}</div>
      <p class="note">{t("codeNone")}</p>
      <p>
        <code dir="ltr">{PROGRAM}</code>
      </p>
    </main>
  );
}
