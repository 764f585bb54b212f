// What the connectors page remembers while the person is elsewhere: search, filter, the row that had the focus, how
// far it was scrolled, and the order of the rows, which holds still while somebody looks at it.
import type { ConnectorView } from "../api/types.gen";
import { arrange, keepOrder, type Filter, type Group } from "../features/connectors/arrange";

export class ListState {
  query = $state("");
  filter: Filter = $state("all");
  active: string | null = $state(null);
  scrollTop = 0;
  groups: Group[] = $state.raw([]);
  /** Whether somebody is in the list, so that nothing may move. */
  pointerInside = false;
  keyInside = false;
  menuOpen = false;

  /** The ids in the order in which they are shown. */
  get order(): string[] {
    return this.groups.flatMap(({ ids }) => ids);
  }

  get held(): boolean {
    return this.pointerInside || this.keyInside || this.menuOpen;
  }

  /** Follows what changed: nothing moves while somebody is in the list. */
  follow(connectors: ConnectorView[]): void {
    if (this.held) this.#keep(connectors);
    else this.settle(connectors);
  }

  /** Sorts anew. */
  settle(connectors: ConnectorView[]): void {
    const before = this.order;
    this.groups = arrange(connectors, this.query, this.filter);
    this.#activate(before);
  }

  /** When the active row is gone, the one that took its place is active. */
  #activate(before: string[]): void {
    const { order } = this;
    if (this.active !== null && order.includes(this.active)) return;
    const place = this.active === null ? 0 : before.indexOf(this.active);
    this.active = order[Math.min(Math.max(place, 0), order.length - 1)] ?? null;
  }

  #keep(connectors: ConnectorView[]): void {
    const before = this.order;
    this.groups = keepOrder(this.groups, connectors, this.query, this.filter);
    this.#activate(before);
  }
}
