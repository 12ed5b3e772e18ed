// The entry of the page: authenticates, renders, and follows the events.

import { effect } from "@preact/signals";
import { render } from "preact";
import { isClosed, token } from "./api.ts";
import { App } from "./components/app.tsx";
import { followEvents } from "./events.ts";
import { listenForGestures } from "./gestures.ts";
import { applyLanguage, chosenLanguage, direction, language } from "./language.ts";
import { authenticate, removeToken } from "./session.ts";
import { applyEvent, isConnected, settings } from "./store.ts";
import { warnWhileUploading } from "./upload.ts";
import { watchState } from "./watch.ts";

const THEME = "pli.theme";
const LANGUAGE = "pli.language";
const root = document.documentElement;

effect(() => {
  // Stored, so that the next page starts in this language.
  const chosen = settings.value === null ? localStorage.getItem(LANGUAGE) : settings.value.language;
  localStorage.setItem(LANGUAGE, chosen ?? "");
  chosenLanguage.value = chosen || null;
});
effect(() => {
  root.lang = language.value;
  root.dir = direction.value;
});
effect(() => {
  const theme = settings.value?.theme ?? localStorage.getItem(THEME) ?? "system";
  localStorage.setItem(THEME, theme);
  root.dataset.theme = theme;
});
effect(() => {
  if (isClosed.value) removeToken();
});

await applyLanguage();
effect(() => void applyLanguage());
render(<App />, document.getElementById("page")!);
watchState();
// In a tab that shows pli already, a new address differs only in its code, which does not reload the page.
addEventListener("hashchange", () => location.reload());
try {
  token.value = await authenticate();
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
