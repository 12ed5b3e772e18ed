// Formats sizes, speeds, times and dates in the language of the page.

import { computed } from "@preact/signals";
import { amountsIn } from "../../words/amounts.ts";
import { locale } from "./language.ts";

const amounts = computed(() => amountsIn(locale.value));

export const size = (bytes: number): string => amounts.value.size(bytes);
export const speed = (bytesPerSecond: number): string => amounts.value.speed(bytesPerSecond);
export const percent = (done: number, total: number): string => amounts.value.percent(done, total);
/** In whole seconds, at least one. */
export const duration = (seconds: number): string => amounts.value.duration(Math.max(1, Math.round(seconds)));
export const moment = (timeMs: number): string => amounts.value.moment(timeMs);
