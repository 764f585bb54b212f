// A text for whoever runs the server or the sign-in service: the facts of a finding, ready to paste. All of it comes
// from evidence that the engine has made safe to export.
import type { ConnectorView, FindingView } from "../../api/types.gen";
import { stateWords } from "../../lib/verdict";
import { words } from "../../words";

export function ownerMessage(connector: ConnectorView, finding: FindingView | null): string {
  const lines = [words.owner.greeting(connector.host), "", words.owner.state(stateWords(connector.health))];
  if (finding !== null) {
    lines.push(`${finding.text} (${finding.code})`);
    for (const { label, value } of finding.evidence) lines.push(`- ${label}: ${value}`);
    if (finding.said !== null) lines.push(`- ${words.common.said}: ${finding.said}`);
  }
  if (connector.health.checked_at !== null) lines.push(words.owner.checked(connector.health.checked_at));
  return lines.join("\n");
}
