// Findings in the apps' files by what mending them means, the gentlest first. Inside a group they keep the engine's order.
import type { AppFinding } from "../../api/types.gen";

export type RepairGroup = "safe" | "file" | "choice" | "owner";

const GROUPS: RepairGroup[] = ["safe", "file", "choice", "owner"];

/** The actions that rewrite what an app keeps. */
const REWRITES = new Set<string>(["fix_entry", "clear_cache", "use_bridge"]);

export function groupOf({ safe, owner, actions }: AppFinding): RepairGroup {
  if (safe) return "safe";
  if (actions.some(({ id }) => REWRITES.has(id))) return "file";
  return owner === "server" || owner === "sign_in_service" || owner === "network" ? "owner" : "choice";
}

/** The groups that hold something. */
export function grouped(findings: AppFinding[]): { group: RepairGroup; findings: AppFinding[] }[] {
  const all = GROUPS.map((group) => ({ group, findings: findings.filter((finding) => groupOf(finding) === group) }));
  return all.filter(({ findings }) => findings.length > 0);
}
