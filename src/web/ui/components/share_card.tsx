// What is being sent: how far it is, its ticket, who takes it, and when it may be closed.

import type { ReceiverView, ShareView } from "../../contract.ts";
import { act, askFirst } from "../act.ts";
import { api } from "../api.ts";
import { size } from "../format.ts";
import { t } from "../language.ts";
import { isEnded } from "../store.ts";
import { stopShare } from "../upload.ts";
import { extentOf } from "../watch.ts";
import { Card } from "./card.tsx";
import { Bar, FailureNote, PathBadge, SkippedList } from "./parts.tsx";
import { TicketBox } from "./ticket_box.tsx";

const ID_SHOWN = 10;

export function ShareCard({ share }: { share: ShareView }) {
  const { state, files, bytes, doneBytes, ticket, receivers, failure } = share;
  const isPreparing = state === "staging" || state === "hashing";
  return (
    <Card
      activity={{ kind: "share", view: share }}
      facts={files === 0 ? "" : extentOf(share)}
      actions={<Actions share={share} />}
    >
      {isPreparing && (
        <>
          <Bar done={doneBytes} total={bytes} label={t(state)} />
          <p class="figures">
            <span>{t("progressOf", { done: size(doneBytes), total: size(bytes) })}</span>
          </p>
        </>
      )}
      {state === "serving" && ticket !== null && <TicketBox ticket={ticket} />}
      {failure !== null && <FailureNote failure={failure} />}
      {receivers.length > 0 && !isPreparing && (
        <ul class="receivers" aria-label={t("receivers")}>
          {receivers.map((receiver) => <Receiver key={receiver.id} receiver={receiver} total={bytes} />)}
        </ul>
      )}
      <ClosingNote share={share} />
      <SkippedList skipped={share.skipped} />
    </Card>
  );
}

const RECEIVER_WORDS = {
  connected: "receiverConnected",
  receiving: "receiverReceiving",
  gone: "receiverGone",
} as const;

function Receiver({ receiver, total }: { receiver: ReceiverView; total: number }) {
  const label = t("receiver", { id: receiver.id.slice(0, ID_SHOWN) });
  return (
    <li>
      <p class="figures">
        <span>{label}</span>
        <span>{t(RECEIVER_WORDS[receiver.state])}</span>
        <span>{t("progressOf", { done: size(receiver.bytes), total: size(total) })}</span>
        <PathBadge path={receiver.state === "gone" ? null : receiver.path} />
      </p>
      <Bar done={receiver.bytes} total={total} label={label} isIdle={receiver.state !== "receiving"} />
    </li>
  );
}

/** When the tab, and pli, may be closed. */
function ClosingNote({ share: { state, keep, isStaged } }: { share: ShareView }) {
  const words = {
    staging: t("closeStaging"),
    hashing: t("closeHashing"),
    serving: keep ? t("closeServingKeep") : t("closeServingOnce"),
    delivered: t("closeDelivered"),
    sent: t("closeSent"),
    stopped: null,
    failed: null,
  }[state];
  // Files of this computer are read where they are: no tab is needed for that.
  const note = state === "staging" && !isStaged ? t("closeHashing") : words;
  return note === null ? null : <p class="note">{note}</p>;
}

function Actions({ share }: { share: ShareView }) {
  const { id, state, receivers } = share;
  if (isEnded.share(share)) {
    return <button type="button" onClick={() => void act(() => api.forgetShare(id))}>{t("remove")}</button>;
  }
  const isTaken = state === "serving" && receivers.some(({ state }) => state !== "gone");
  const stop = () =>
    isTaken ? askFirst(t("stopAsk"), t("stop"), () => stopShare(share)) : void act(() => stopShare(share));
  return <button type="button" onClick={stop}>{t("stop")}</button>;
}
