// Small parts that several cards use: a progress bar, the badge of a path, a failure, a name.

import type { Failure, LostFiles, ReceiverView, Skipped } from "../../contract.ts";
import { visible } from "../../../words/visible.ts";
import { failureInWords } from "../failure_words.ts";
import { fraction, wholePercent } from "../../../words/amounts.ts";
import { fill } from "../../../words/sentence.ts";
import { duration, percent, size } from "../format.ts";
import { t, voice, words } from "../language.ts";

/** A name, isolated from the direction of the text around it. */
export function Name({ of }: { of: string }) {
  const name = visible(of);
  return <TitleText of={name} />;
}

/** A text whose names are escaped already. */
export function TitleText({ of: text }: { of: string }) {
  return <bdi class="name" title={text}>{text}</bdi>;
}

/** A name in a tree: in a narrow space its folders are truncated first. */
export function TreeName({ of }: { of: string }) {
  const name = visible(of);
  const cut = name.lastIndexOf("/") + 1;
  return (
    <span class="tree-name" title={name}>
      {cut > 0 && <bdi class="folders">{name.slice(0, cut)}</bdi>}
      <bdi class="name">{name.slice(cut)}</bdi>
    </span>
  );
}

interface BarProps {
  done: number;
  /** Null while it is unknown. */
  total: number | null;
  label: string;
  /** What is not moving, or has all arrived; what moves if it is missing. */
  tone?: "idle" | "good";
}

export function Bar({ done, total, label, tone }: BarProps) {
  const [part, whole] = total === null ? [0, 1] : [done, total];
  return (
    <div
      class={tone === undefined ? "bar" : `bar ${tone}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={wholePercent(part, whole)}
      aria-valuetext={percent(part, whole)}
    >
      <div style={{ inlineSize: `${100 * fraction(part, whole)}%` }} />
    </div>
  );
}

export function PathBadge({ path }: { path: ReceiverView["path"] }) {
  if (path === null) return null;
  const ms = Math.round(path.rttMs);
  const isDirect = path.kind === "direct";
  const hint = isDirect
    ? t("directHint", { address: path.address })
    : t("relayedHint", { address: path.address });
  return (
    <span class={`badge ${path.kind}`} title={hint}>
      {isDirect ? t("direct", { ms }) : t("relayed", { ms })}
    </span>
  );
}

export function FailureNote({ failure, isPreview }: { failure: Failure; isPreview?: boolean }) {
  const { message, advice } = failureInWords(failure, isPreview);
  return (
    <p class="failure">
      <strong>{message}</strong>
      {advice !== null && <>{" "}{advice}</>}
    </p>
  );
}

/** A stall and its duration; nothing while data moves. */
export function Stall({ seconds, of }: { seconds: number | null; of: "receiving" | "sending" }) {
  if (seconds === null) return null;
  const sentence = words.value.stalls[of];
  return <span class="stalled">{fill(sentence, { time: duration(seconds) }, voice.value)}</span>;
}

const NAMES_SHOWN = 5;

/** Skipped files, by reason. */
export function SkippedList({ skipped, isOpen = false }: { skipped: readonly Skipped[]; isOpen?: boolean }) {
  const count = skipped.reduce((sum, one) => sum + one.count, 0);
  if (count === 0) return null;
  return (
    <details class="more" open={isOpen}>
      <summary>{t("skippedTitle", { count })}</summary>
      <dl class="reasons">
        {skipped.map(({ reason, names, count }) => (
          <div key={reason}>
            <dt>{words.value.skips[reason]}</dt>
            <dd>
              <SomeNames names={names} count={count} />
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** Lost files, with a title. */
export function LostList({ lost, heading }: { lost: LostFiles; heading: "lostSent" | "lostReceived" }) {
  if (lost.count === 0) return null;
  return (
    <details class="more lost" open>
      <summary>{t(heading, { count: lost.count })}</summary>
      <SomeNames names={lost.names} count={lost.count} />
      {lost.keptBytes > 0 && <p class="note">{t("lostKept", { size: size(lost.keptBytes) })}</p>}
    </details>
  );
}

/** The first names, and the number of further ones. */
export function SomeNames({ names, count = names.length }: { names: readonly string[]; count?: number }) {
  const shown = names.slice(0, NAMES_SHOWN);
  return (
    <ul class="names">
      {shown.map((name) => (
        <li key={name}>
          <Name of={name} />
        </li>
      ))}
      {count > shown.length && <li>{t("andMore", { count: count - shown.length })}</li>}
    </ul>
  );
}

/** A choice between fixed values, in the order of their words. */
export function Choice<V extends string>({ label, value, words, onChange }: {
  /** For a choice without a visible label. */
  label?: string;
  value: V;
  words: Readonly<Record<NoInfer<V>, string>>;
  onChange: (value: V) => void;
}) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value as V)}
    >
      {Object.entries<string>(words).map(([each, word]) => <option key={each} value={each}>{word}</option>)}
    </select>
  );
}
