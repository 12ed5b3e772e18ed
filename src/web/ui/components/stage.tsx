// The stage: where sending and receiving begin, and then the card of what is sent, with its ticket.

import { shareOnStage } from "../stage.ts";
import { ShareCard } from "./share_card.tsx";
import { Start } from "./start.tsx";

export function Stage() {
  const share = shareOnStage.value;
  return share === null ? <Start /> : <ShareCard key={share.id} share={share} isOnStage />;
}
