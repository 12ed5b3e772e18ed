// The lists of running, unfinished and ended transfers.

import { t } from "../language.ts";
import { shareOnStage } from "../stage.ts";
import { type Activity, ended, underWay, unfinished } from "../store.ts";
import { DownloadCard } from "./download_card.tsx";
import { ShareCard } from "./share_card.tsx";

export function Activities() {
  return (
    <>
      <Group id="under-way" title={t("underWay")} of={underWay.value} />
      <Group id="unfinished" title={t("unfinished")} of={unfinished.value} />
      <Group id="ended" title={t("ended")} of={ended.value} />
    </>
  );
}

function Group({ id, title, of }: { id: string; title: string; of: readonly Activity[] }) {
  const others = of.filter(({ view }) => view.id !== shareOnStage.value?.id);
  if (others.length === 0) return null;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <Cards of={others} />
    </section>
  );
}

function Cards({ of }: { of: readonly Activity[] }) {
  return (
    <div class="cards">
      {of.map((activity) =>
        activity.kind === "share"
          ? <ShareCard key={activity.view.id} share={activity.view} />
          : <DownloadCard key={activity.view.id} download={activity.view} />
      )}
    </div>
  );
}
