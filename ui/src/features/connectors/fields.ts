// Which field of a connector's settings a finding is about, so that "Fix…" puts the cursor there.
import type { ActionId } from "../../api/types.gen";
import type { Field } from "../../state/navigation.svelte";

const FIELD_OF_CODE: Record<string, Field> = {
  "RPL-USE-NAME-TAKEN": "name",
  "RPL-USE-NAME-INVALID": "name",
  "RPL-USE-ADDRESS-INVALID": "address",
  "RPL-USE-ADDRESS-NOT-ENCRYPTED": "address",
  "RPL-USE-PAUSED": "paused",
  "RPL-LOCAL-PORT-TAKEN": "callback_port",
  "RPL-NET-NAME-UNKNOWN": "address",
  "RPL-HTTP-REDIRECTS-AWAY": "address",
  "RPL-HTTP-NOT-FOUND": "address",
  "RPL-MCP-NOT-MCP": "address",
  "RPL-META-RESOURCE-MISMATCH": "address",
  "RPL-HTTP-KEY-NEEDED": "headers",
  "RPL-HTTP-KEY-REFUSED": "headers",
  "RPL-META-NONE": "headers",
  "RPL-TOKEN-HEADER-HIDES": "headers",
  "RPL-META-ISSUER-MISMATCH": "issuer",
  "RPL-AUTH-SCOPE-REFUSED": "scope",
  "RPL-REG-NAME-REFUSED": "client_name",
  "RPL-REG-REDIRECT-REFUSED": "callback_host",
};

/** The field to begin with; null when the finding points to none. */
export function fieldFor(action: ActionId, code: string | null): Field | null {
  if (action === "fix_address") return "address";
  if (action === "allow") return "allow";
  if (code === null) return null;
  return FIELD_OF_CODE[code] ?? (code.startsWith("RPL-REG-") ? "client_id" : null);
}
