// A list of any length: only the visible rows, and some beside them, are elements. With `selection` it is a listbox:
// arrow keys move, the space bar selects, Enter opens.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";

const ROW_REM = 2.25;
/** Rendered rows beyond the edges. */
const OVERSCAN_ROWS = 5;
/** Rendered rows before the list is measured. */
const INITIAL_ROWS = 10;

export interface Selection {
  has: (index: number) => boolean;
  toggle: (index: number) => void;
}

interface VirtualListProps {
  count: number;
  label: string;
  row: (index: number) => ComponentChildren;
  selection?: Selection;
  onOpen?: (index: number) => void;
  /** Without check boxes: selecting a row opens it. */
  isPlain?: boolean;
  /** Called with the range of visible rows. */
  onSeen?: (from: number, to: number) => void;
}

const rowPixels = () => ROW_REM * parseFloat(getComputedStyle(document.documentElement).fontSize);

export function VirtualList(
  { count, label, row, selection, onOpen, isPlain = false, onSeen }: VirtualListProps,
) {
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const [seen, setSeen] = useState({ from: 0, to: INITIAL_ROWS });
  const [active, setActive] = useState(0);

  const look = () => {
    const { scrollTop, clientHeight } = box.current!;
    const pixels = rowPixels();
    const from = Math.max(0, Math.floor(scrollTop / pixels) - OVERSCAN_ROWS);
    const to = Math.ceil((scrollTop + clientHeight) / pixels) + OVERSCAN_ROWS;
    setSeen((old) => old.from === from && old.to === to ? old : { from, to });
  };
  useLayoutEffect(() => {
    look();
    const observer = new ResizeObserver(look);
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  useEffect(() => onSeen?.(seen.from, Math.min(count, seen.to)), [seen, count]);

  const walk = (to: number) => {
    const next = Math.max(0, Math.min(count - 1, to));
    setActive(next);
    const pixels = rowPixels();
    const element = box.current!;
    if (next * pixels < element.scrollTop) element.scrollTop = next * pixels;
    const bottom = (next + 1) * pixels - element.clientHeight;
    if (bottom > element.scrollTop) element.scrollTop = bottom;
    look();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(box.current!.clientHeight / rowPixels()) - 1);
    const keys: Record<string, () => void> = {
      ArrowDown: () => walk(current + 1),
      ArrowUp: () => walk(current - 1),
      PageDown: () => walk(current + page),
      PageUp: () => walk(current - page),
      Home: () => walk(0),
      End: () => walk(count - 1),
      " ": () => selection?.toggle(current),
      Enter: () => onOpen?.(current),
    };
    if (count === 0 || keys[event.key] === undefined) return;
    event.preventDefault();
    keys[event.key]();
  };

  const current = Math.min(active, Math.max(0, count - 1));
  const isListbox = selection !== undefined;
  const to = Math.min(count, seen.to);
  const indexes = Array.from({ length: Math.max(0, to - seen.from) }, (_, offset) => seen.from + offset);
  return (
    <div
      ref={box}
      class="list"
      role={isListbox ? "listbox" : "list"}
      aria-label={label}
      aria-multiselectable={isListbox ? "true" : undefined}
      aria-activedescendant={isListbox && indexes.includes(current) ? `${id}-${current}` : undefined}
      tabIndex={0}
      style={{ maxBlockSize: `calc(${count * ROW_REM}rem + 2px)` }}
      onScroll={look}
      onKeyDown={isListbox ? onKeyDown : undefined}
    >
      <div class="list-space" role="presentation" style={{ blockSize: `${count * ROW_REM}rem` }}>
        {indexes.map((index) => (
          <div
            key={index}
            id={`${id}-${index}`}
            class={isListbox && index === current ? "row active" : "row"}
            role={isListbox ? "option" : "listitem"}
            aria-selected={isListbox ? selection.has(index) : undefined}
            aria-setsize={count}
            aria-posinset={index + 1}
            style={{ insetBlockStart: `${index * ROW_REM}rem` }}
            onClick={() => {
              if (!isListbox) return;
              setActive(index);
              selection.toggle(index);
            }}
            onDblClick={() => onOpen?.(index)}
          >
            {isListbox && !isPlain && <span class="box" aria-hidden="true" />}
            {row(index)}
          </div>
        ))}
      </div>
    </div>
  );
}
