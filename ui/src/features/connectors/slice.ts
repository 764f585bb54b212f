// Which rows of a group lie in the visible part of the list. The list draws only those, so that a thousand connectors
// cost as much as twenty.

/** Rows drawn beyond each edge, so that fast scrolling shows no hole. */
const SPARE = 6;

export interface Viewport {
  top: number;
  height: number;
}

/** The half-open range of rows to draw for a group whose rows begin at `offset`. All lengths are CSS pixels. */
export function visibleRange(rows: number, rowHeight: number, offset: number, view: Viewport): [number, number] {
  if (rowHeight <= 0) return [0, 0];
  const first = Math.floor((view.top - offset) / rowHeight) - SPARE;
  const last = Math.ceil((view.top + view.height - offset) / rowHeight) + SPARE;
  return [Math.min(rows, Math.max(0, first)), Math.max(0, Math.min(rows, last))];
}
