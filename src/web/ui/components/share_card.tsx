// The card of a share: progress, ticket, receivers, and when the page may be closed.

import type { ReceiverView, Refusal, ShareView } from "../../contract.ts";
import { act, confirmFirst } from "../act.ts";
import { api } from "../api.ts";
import { size, speed } from "../format.ts";
import { fill } from "../../../words/sentence.ts";
import { t, voice, words } from "../language.ts";
import { showStart } from "../stage.ts";
import { isEnded } from "../store.ts";
import { stopShare } from "../upload.ts";
import { extentOf, titleOf } from "../watch.ts";
import { Card } from "./card.tsx";
import { Bar, FailureNote, LostList, PathBadge, SkippedList, Stall } from "./parts.tsx";
import { TicketBox } from "./ticket_box.tsx";

const ID_SHOWN = 10;

export function ShareCard({ share, isOnStage = false }: { share: ShareView; isOnStage?: boolean }) {
  const { state, files, bytes, doneBytes, ticket, hostsWithoutRelay, receivers, failure } = share;
  const isPreparing = state === "staging" || state === "hashing";
  return (
    <Card
      activity={{ kind: "share", view: share }}
      isOnStage={isOnStage}
      facts={files === 0 ? "" : extentOf(share)}
      actions={
        <>
          <Actions share={share} />
          {isOnStage && <button type="button" onClick={showStart}>{t("newTransfer")}</button>}
        </>
      }
    >
      {isPreparing && (
        <>
          <Bar done={doneBytes} total={files === 0 ? null : bytes} label={t(state)} />
          <p class="figures">
            <span>{t("progressOf", { done: size(doneBytes), total: size(bytes) })}</span>
            {share.bytesPerSecond !== null && <span>{speed(share.bytesPerSecond)}</span>}
          </p>
        </>
      )}
      {state === "serving" && ticket !== null && <TicketBox ticket={ticket} isOnStage={isOnStage} />}
      {state === "serving" && hostsWithoutRelay !== null && <WithoutRelay hosts={hostsWithoutRelay} />}
      {failure !== null && <FailureNote failure={failure} />}
      {receivers.length > 0 && !isPreparing && (
        <ul class="receivers" aria-label={t("receivers")}>
          {receivers.map((receiver) => <Receiver key={receiver.id} receiver={receiver} total={bytes} />)}
        </ul>
      )}
      <Refusals refusals={share.refusals} />
      <ClosingNote share={share} />
      <LostList lost={share.lost} heading="lostSent" />
      {share.isAllLost && state === "serving" && <p class="note" role="status">{t("allLost")}</p>}
      {share.missing > 0 && <p class="note" role="status">{t("missing", { count: share.missing })}</p>}
      <SkippedList skipped={share.skipped} isOpen />
    </Card>
  );
}

const REFUSALS_SHOWN = 3;

/** The last refused peers, the reason for each, and advice. */
function Refusals({ refusals }: { refusals: readonly Refusal[] }) {
  if (refusals.length === 0) return null;
  return (
    <div class="note" role="status">
      {refusals.slice(-REFUSALS_SHOWN).map(({ id, reason, holder }) => (
        <p key={id}>
          {fill(
            words.value.refusals[reason],
            { id: id.slice(0, ID_SHOWN), holder: holder?.slice(0, ID_SHOWN) },
            voice.value,
          )}
        </p>
      ))}
      <p>{words.value.advice.anotherTicket}</p>
    </div>
  );
}

const RECEIVER_WORDS = {
  connected: "receiverConnected",
  receiving: "receiverReceiving",
  gone: "receiverGone",
} as const;

function Receiver({ receiver, total }: { receiver: ReceiverView; total: number }) {
  const label = t("receiver", { id: receiver.id.slice(0, ID_SHOWN) });
  const isMoving = receiver.state !== "gone" && receiver.stalledSeconds === null;
  const word = receiver.hasAll ? "receiverDelivered" : RECEIVER_WORDS[receiver.state];
  return (
    <li>
      <p class="figures">
        <span>{label}</span>
        <span class={receiver.hasAll ? "good" : ""}>{t(word)}</span>
        <span>{t("progressOf", { done: size(receiver.bytes), total: size(total) })}</span>
        {receiver.bytesPerSecond !== null && <span>{speed(receiver.bytesPerSecond)}</span>}
        <Stall seconds={receiver.stalledSeconds} of="sending" />
        <PathBadge path={isMoving ? receiver.path : null} />
      </p>
      <Bar
        done={receiver.bytes}
        total={total}
        label={label}
        tone={receiver.hasAll ? "good" : receiver.state === "receiving" ? undefined : "idle"}
      />
    </li>
  );
}

/** The addresses of a ticket without a relay, and what they mean. */
function WithoutRelay({ hosts }: { hosts: readonly string[] }) {
  const { address, addresses, none } = words.value.withoutRelay;
  const sentence = hosts.length === 1 ? address : addresses;
  return (
    <p class="note">
      {hosts.length === 0 ? none : fill(sentence, { addresses: hosts.join(", ") }, voice.value)}
    </p>
  );
}

/** When the tab and pli may be closed. */
function ClosingNote({ share: { state, keep, isStaged } }: { share: ShareView }) {
  const words = {
    staging: t("closeStaging"),
    hashing: t("closeHashing"),
    serving: keep ? t("closeServingKeep") : t("closeServingOnce"),
    delivered: t("closeDelivered"),
    partial: t("closePartial"),
    sent: t("closeSent"),
    stopped: null,
    failed: null,
  }[state];
  // Files of this computer are read in place and need no tab.
  const note = state === "staging" && !isStaged ? t("closeHashing") : words;
  return note === null ? null : <p class="note">{note}</p>;
}

function Actions({ share }: { share: ShareView }) {
  const { id, state, receivers } = share;
  if (isEnded.share(share)) {
    return <button type="button" onClick={() => void act(() => api.forgetShare(id))}>{t("remove")}</button>;
  }
  const isTaken = state === "serving" && receivers.some(({ state, hasAll }) => state !== "gone" && !hasAll);
  const stop = () =>
    isTaken
      ? confirmFirst({
        title: t("stopAsk", { title: titleOf(share) }),
        text: t("stopText"),
        yes: t("stop"),
        no: t("keepSharing"),
      }, () => stopShare(share))
      : void act(() => stopShare(share));
  return <button type="button" onClick={stop}>{t("stop")}</button>;
}
