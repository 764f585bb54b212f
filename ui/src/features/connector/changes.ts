// A connector's settings as a form, and the form as changes. What the person did not touch is sent as "leave it".
import type { Allow, ConnectorView, EditConnector, GrantType, SecretEdit, SettingsView } from "../../api/types.gen";

/** Changes that change nothing. Every member is sent, as the wire type asks. */
export const NO_CHANGES: EditConnector = {
  name: null,
  address: null,
  paused: null,
  client_id: null,
  client_secret: { do: "keep" },
  scope: null,
  client_name: null,
  callback_host: null,
  callback_port: null,
  callback_path: null,
  headers: null,
  params: null,
  issuer: null,
  allow: null,
  check_every_s: null,
  grant: null,
  client_document: null,
};

export interface HeaderLine {
  name: string;
  /** Whether the settings name it already; a new line counts once it has a value. */
  listed: boolean;
  /** Whether a value is stored under this name. */
  stored: boolean;
  value: SecretEdit;
}

export interface SettingsForm {
  name: string;
  address: string;
  paused: boolean;
  client_id: string;
  client_secret: SecretEdit;
  scope: string;
  client_name: string;
  issuer: string;
  callback_host: string;
  /** Digits, or empty for a free port. */
  callback_port: string;
  callback_path: string;
  headers: HeaderLine[];
  params: [string, string][];
  allow: Allow[];
  /** Seconds; 0 leaves it to the application. */
  check_every_s: number;
  /** Empty leaves it to the service. */
  grant: GrantType | "";
  client_document: string;
}

export function formOf(connector: ConnectorView, settings: SettingsView): SettingsForm {
  return {
    name: connector.name,
    address: connector.address,
    paused: connector.paused,
    client_id: settings.client_id ?? "",
    client_secret: { do: "keep" },
    scope: settings.scope ?? "",
    client_name: settings.client_name ?? "",
    issuer: settings.issuer ?? "",
    callback_host: settings.callback_host ?? "",
    callback_port: settings.callback_port === null ? "" : String(settings.callback_port),
    callback_path: settings.callback_path ?? "",
    headers: settings.headers.map((name) => ({
      name,
      listed: true,
      stored: settings.headers_stored?.includes(name) ?? true,
      value: { do: "keep" },
    })),
    params: settings.params.map(([name, value]) => [name, value]),
    allow: [...settings.allow],
    check_every_s: settings.check_every_s ?? 0,
    grant: settings.grant ?? "",
    client_document: settings.client_document ?? "",
  };
}

type TextMember =
  | "name"
  | "address"
  | "client_id"
  | "scope"
  | "client_name"
  | "issuer"
  | "callback_host"
  | "callback_path"
  | "client_document";

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A line without a name is none yet, and neither is a new one without a value. */
function headerEdits(lines: HeaderLine[]): [string, SecretEdit][] {
  const said = lines.filter(({ name, listed, value }) => name.trim() !== "" && (listed || value.do === "set"));
  return said.map(({ name, value }) => [name.trim(), value]);
}

/** The difference between the form as it was read and as it stands; null when there is none. */
export function changesOf(before: SettingsForm, after: SettingsForm): EditConnector | null {
  const text = (member: TextMember): string | null => {
    const value = after[member].trim();
    return value === before[member] ? null : value;
  };
  const headers = headerEdits(after.headers);
  const params = after.params.filter(([name]) => name.trim() !== "");
  const changes: EditConnector = {
    name: text("name"),
    address: text("address"),
    paused: after.paused === before.paused ? null : after.paused,
    client_id: text("client_id"),
    client_secret: after.client_secret,
    scope: text("scope"),
    client_name: text("client_name"),
    callback_host: text("callback_host"),
    callback_port: after.callback_port.trim() === before.callback_port ? null : Number(after.callback_port),
    callback_path: text("callback_path"),
    headers: same(headerEdits(before.headers), headers) ? null : headers,
    params: same(before.params, params) ? null : params,
    issuer: text("issuer"),
    allow: same(before.allow, after.allow) ? null : after.allow,
    check_every_s: after.check_every_s === before.check_every_s ? null : after.check_every_s,
    grant: after.grant === before.grant ? null : after.grant,
    client_document: text("client_document"),
  };
  return same(changes, NO_CHANGES) ? null : changes;
}

/** Whether the port can be sent: empty, or a number from 1 to 65535. */
export function portIsValid(port: string): boolean {
  return port.trim() === "" || (/^\d{1,5}$/.test(port.trim()) && Number(port) >= 1 && Number(port) <= 65_535);
}
