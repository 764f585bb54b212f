// The connectors with their last verdicts, and the checks that are running. It draws no conclusion of its own: a
// verdict changes only when the engine sends another one.
import { SvelteMap, SvelteSet } from "svelte/reactivity";

import type { ConnectorView, ErrorBody } from "../api/types.gen";

export interface CheckProgress {
  /** The rung's place, from 1; 0 before the first. */
  number: number;
  of: number;
}

export class Connectors {
  status: "loading" | "ready" | "failed" = $state("loading");
  refusal: ErrorBody | null = $state.raw(null);
  readonly checks = new SvelteMap<string, CheckProgress>();
  /** Connectors that did not work before their last check, and do now. */
  readonly mended = new SvelteSet<string>();
  /** Grows whenever the engine said something new about a connector. */
  readonly changes = new SvelteMap<string, number>();
  /** Grows with every word about single connectors. A list that was asked for before the last one is stale. */
  news = 0;
  readonly #byId = new SvelteMap<string, ConnectorView>();

  get all(): ConnectorView[] {
    return [...this.#byId.values()];
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): ConnectorView | undefined {
    return this.#byId.get(id);
  }

  replaceAll(connectors: ConnectorView[]): void {
    const gone = [...this.#byId.keys()].filter((id) => !connectors.some((connector) => connector.id === id));
    for (const id of gone) this.#remove(id);
    for (const connector of connectors) this.#keep(connector);
    this.status = "ready";
    this.refusal = null;
  }

  put(connector: ConnectorView): void {
    this.news += 1;
    this.#keep(connector);
  }

  drop(id: string): void {
    this.news += 1;
    this.#remove(id);
  }

  #keep(connector: ConnectorView): void {
    this.#byId.set(connector.id, connector);
    this.changes.set(connector.id, (this.changes.get(connector.id) ?? 0) + 1);
  }

  #remove(id: string): void {
    this.#byId.delete(id);
    this.checks.delete(id);
    this.mended.delete(id);
    this.changes.delete(id);
  }

  fail(refusal: ErrorBody): void {
    this.refusal = refusal;
    this.status = "failed";
  }

  /** Takes a new verdict; true when its state is another one than before. */
  judge(connector: ConnectorView): boolean {
    const before = this.#byId.get(connector.id)?.health;
    const wasBroken = before?.level === "amber" || before?.level === "red";
    if (connector.health.level !== "green") this.mended.delete(connector.id);
    else if (wasBroken) this.mended.add(connector.id);
    this.put(connector);
    return before?.state !== connector.health.state;
  }
}
