// The frame of a card: title, state and actions.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { t } from "../language.ts";
import type { Activity } from "../store.ts";
import { stateWord, titleOf } from "../watch.ts";

interface CardProps {
  activity: Activity;
  facts: ComponentChildren;
  actions: ComponentChildren;
  children: ComponentChildren;
  isOnStage?: boolean;
}

export function Card({ activity, facts, actions, children, isOnStage = false }: CardProps) {
  const id = useId();
  const title = titleOf(activity.view);
  return (
    <article class={`card ${isOnStage ? "stage " : ""}${activity.view.state}`} aria-labelledby={id}>
      <header class="card-head">
        <p class="kind">{activity.kind === "share" ? t("send") : t("receive")}</p>
        <h3 id={id} title={title}>
          <bdi>{title}</bdi>
        </h3>
        <p class="state">{stateWord(activity)}</p>
      </header>
      <p class="facts">{facts}</p>
      {children}
      <footer class="actions">{actions}</footer>
    </article>
  );
}
