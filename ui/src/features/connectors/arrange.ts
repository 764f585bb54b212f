// Which connectors the list shows and in what order. It reads the engine's level and the name, nothing else.
import type { ConnectorView, Level } from "../../api/types.gen";
import { appName } from "../../lib/apps";

export type Filter = "all" | "connected" | "needs_you" | "failed";
export type GroupName = "needs_you" | "failed" | "connected" | "resting";

export interface Group {
  name: GroupName;
  ids: string[];
}

const GROUP_OF: Record<Level, GroupName> = {
  amber: "needs_you",
  red: "failed",
  green: "connected",
  grey: "resting",
};
const ORDER: GroupName[] = ["needs_you", "failed", "connected", "resting"];

const collator = new Intl.Collator("en", { sensitivity: "base", numeric: true });

function searched({ name, address, host, sources }: ConnectorView): string {
  return [name, host, address, ...sources.map(({ app }) => appName(app))].join("\n").toLowerCase();
}

/** Connectors whose name, address or apps contain every word of the search. */
export function matching(connectors: ConnectorView[], query: string): ConnectorView[] {
  const sought = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (sought.length === 0) return connectors;
  return connectors.filter((connector) => {
    const text = searched(connector);
    return sought.every((word) => text.includes(word));
  });
}

function passes(filter: Filter, group: GroupName): boolean {
  return filter === "all" || filter === group;
}

/** How many connectors each chip would show for the present search. */
export function counts(connectors: ConnectorView[], query: string): Record<Filter, number> {
  const result: Record<Filter, number> = { all: 0, connected: 0, needs_you: 0, failed: 0 };
  for (const { health } of matching(connectors, query)) {
    const group = GROUP_OF[health.level];
    result.all += 1;
    if (group !== "resting") result[group] += 1;
  }
  return result;
}

/** The groups that have members, those that need a person first; inside a group by name. */
export function arrange(connectors: ConnectorView[], query: string, filter: Filter): Group[] {
  const members = new Map<GroupName, ConnectorView[]>(ORDER.map((name) => [name, []]));
  for (const connector of matching(connectors, query)) {
    const group = GROUP_OF[connector.health.level];
    if (passes(filter, group)) members.get(group)?.push(connector);
  }
  return [...members]
    .filter(([, found]) => found.length > 0)
    .map(([name, found]) => ({
      name,
      ids: found.sort((a, b) => collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1)).map(({ id }) => id),
    }));
}

/** The groups as they stand, without those that are gone; sorted anew only when there are new ones to be shown. */
export function keepOrder(groups: Group[], connectors: ConnectorView[], query: string, filter: Filter): Group[] {
  const known = new Set(groups.flatMap(({ ids }) => ids));
  const fresh = arrange(connectors, query, filter);
  if (fresh.some(({ ids }) => ids.some((id) => !known.has(id)))) return fresh;
  const alive = new Set(connectors.map(({ id }) => id));
  return groups
    .map(({ name, ids }) => ({ name, ids: ids.filter((id) => alive.has(id)) }))
    .filter(({ ids }) => ids.length > 0);
}

/** The next connector after `from` whose name begins with the typed letters, going round. */
export function typedTo(order: ConnectorView[], from: string | null, typed: string): string | null {
  const start = order.findIndex(({ id }) => id === from);
  const skip = typed.length > 1 ? 0 : 1;
  const rotated = [...order.slice(start + skip), ...order.slice(0, Math.max(start, 0) + skip)];
  return rotated.find(({ name }) => name.toLowerCase().startsWith(typed.toLowerCase()))?.id ?? null;
}
