// The beginning of the page: lets itself in, shows itself, and follows what happens.

import { effect } from "@preact/signals";
import { render } from "preact";
import { isClosed, token } from "./api.ts";
import { App } from "./components/app.tsx";
import { followEvents } from "./events.ts";
import { listenForGestures } from "./gestures.ts";
import { chosenLanguage, direction, language, showWanted } from "./language.ts";
import { enter, leave } from "./session.ts";
import { applyEvent, isConnected, settings } from "./store.ts";
import { warnWhileUploading } from "./upload.ts";
import { watchState } from "./watch.ts";

const LOOK = "pli.look";
const LANGUAGE = "pli.language";
const root = document.documentElement;

effect(() => {
  // Kept, so that the next page begins as it goes on.
  const chosen = settings.value === null ? localStorage.getItem(LANGUAGE) : settings.value.language;
  localStorage.setItem(LANGUAGE, chosen ?? "");
  chosenLanguage.value = chosen || null;
});
effect(() => {
  root.lang = language.value;
  root.dir = direction.value;
});
effect(() => {
  const look = settings.value?.look ?? localStorage.getItem(LOOK) ?? "system";
  localStorage.setItem(LOOK, look);
  root.dataset.look = look;
});
effect(() => {
  if (isClosed.value) leave();
});

await showWanted();
effect(() => void showWanted());
render(<App />, document.getElementById("page")!);
watchState();
// Opened in a tab that shows a page of pli already, a new address differs in nothing but its code.
addEventListener("hashchange", () => location.reload());
try {
  token.value = await enter();
  isClosed.value = token.value === null;
} catch {
  isClosed.value = true;
}
if (!isClosed.value) {
  listenForGestures();
  warnWhileUploading();
  await followEvents({
    onEvent: applyEvent,
    onConnection: (isThere) => isConnected.value = isThere,
  }, new AbortController().signal);
}
