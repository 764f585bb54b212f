// Which field of a connector's settings a finding or a refusal is about, so that the cursor can be put there.
import type { ActionId, EditConnector } from "../../api/types.gen";
import type { Field } from "../../state/navigation.svelte";
import { NO_CHANGES } from "../connector/changes";

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

const FIELDS = {
  name: "name",
  address: "address",
  paused: "paused",
  client_id: "client_id",
  client_secret: "client_secret",
  scope: "scope",
  client_name: "client_name",
  callback_host: "callback_host",
  callback_port: "callback_port",
  callback_path: "callback_path",
  headers: "headers",
  params: "params",
  issuer: "issuer",
  allow: "allow",
  check_every_s: null,
  grant: "grant",
  client_document: "client_document",
} as const satisfies Record<keyof EditConnector, Field | null>;

/** The field that refused changes are about: the one the code is for, else the only one that was changed. */
export function fieldOfRefusal(code: string, changes: EditConnector): Field | null {
  const named = FIELD_OF_CODE[code];
  if (named !== undefined) return named;
  const members = Object.keys(FIELDS) as (keyof EditConnector)[];
  const changed = members.filter((name) => JSON.stringify(changes[name]) !== JSON.stringify(NO_CHANGES[name]));
  const [only] = changed;
  return only === undefined || changed.length > 1 ? null : FIELDS[only];
}
