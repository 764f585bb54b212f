// One stop of the Tab key for a row of buttons: arrows move between them, Home and End jump.
import type { Attachment } from "svelte/attachments";

const STEP: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export const roving: Attachment<HTMLElement> = (group) => {
  const stops = (): HTMLButtonElement[] => [...group.querySelectorAll("button")];

  function keydown(event: KeyboardEvent): void {
    const all = stops();
    const at = all.findIndex((stop) => stop === document.activeElement);
    const step = STEP[event.key];
    let next = -1;
    if (event.key === "Home") next = 0;
    else if (event.key === "End") next = all.length - 1;
    else if (step !== undefined && at >= 0) next = (at + step + all.length) % all.length;
    const target = all[next];
    if (target === undefined || event.altKey) return;
    event.preventDefault();
    for (const stop of all) stop.tabIndex = stop === target ? 0 : -1;
    target.focus();
  }

  group.addEventListener("keydown", keydown);
  return () => group.removeEventListener("keydown", keydown);
};
