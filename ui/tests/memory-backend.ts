// A backend in memory for component and browser tests: it keeps what it is told, records every call, refuses on
// demand, and sends only the events that a test asks for.
import type { Backend, Unsubscribe } from "../src/api/backend";
import { Refusal } from "../src/api/refusal";
import type {
  About,
  Added,
  AppSettings,
  CodeEntry,
  ConnectorDetail,
  ConnectorView,
  EditConnector,
  ErrorBody,
  Event,
  FindingView,
  Keeping,
  Moved,
  NewConnector,
  Probe,
  ProjectDefinition,
  Scanned,
  SelfTest,
  ServiceOutcome,
  ToolList,
} from "../src/api/types.gen";
import { fixtures } from "./fixtures";

export class MemoryBackend implements Backend {
  connectors: ConnectorView[];
  appSettings: AppSettings = fixtures.appSettings();
  aboutText: About = fixtures.about();
  /** What is in the apps' files; nothing until a test says otherwise. */
  scanned: Scanned = { connectors: [], findings: [], local_servers: [] };
  /** Every call with its arguments, in order. */
  readonly calls: [keyof Backend, ...unknown[]][] = [];
  /** What calls are refused with, until removed. */
  readonly refusals = new Map<keyof Backend, ErrorBody>();
  readonly #handlers = new Set<(event: Event) => void>();
  readonly #closers = new Set<() => void>();
  readonly #details = new Map<string, ConnectorDetail>();

  constructor(connectors: ConnectorView[] = fixtures.connectors()) {
    this.connectors = connectors;
  }

  emit(event: Event): void {
    for (const handler of this.#handlers) handler(structuredClone(event));
  }

  /** The person closes the window; it stays until the page has decided. */
  close(): void {
    for (const handler of this.#closers) handler();
  }

  /** The arguments of every call of one command. */
  callsOf(command: keyof Backend): unknown[][] {
    return this.calls.filter(([name]) => name === command).map(([, ...args]) => args);
  }

  #answer<Answer>(command: keyof Backend, args: unknown[], answer: () => Answer): Promise<Answer> {
    this.calls.push([command, ...args]);
    const refusal = this.refusals.get(command);
    return refusal === undefined ? Promise.resolve().then(answer) : Promise.reject(new Refusal(refusal));
  }

  #find(id: string): ConnectorView {
    const found = this.connectors.find((connector) => connector.id === id);
    if (found !== undefined) return found;
    const hint = "Look at the list of connectors for the right name.";
    throw new Refusal({ code: "RPL-USE-NO-SUCH-CONNECTOR", text: "There is no connector with this name or id.", hint });
  }

  #detail(id: string): ConnectorDetail {
    const connector = this.#find(id);
    const fixture = fixtures.details().find(({ connector: known }) => known.id === id);
    const detail = this.#details.get(id) ?? fixture ?? { ...fixtures.detail("contoso"), steps: [], days: [] };
    this.#details.set(id, detail);
    return { ...detail, connector };
  }

  list(): Promise<ConnectorView[]> {
    return this.#answer("list", [], () => structuredClone(this.connectors));
  }

  show(id: string): Promise<ConnectorDetail> {
    return this.#answer("show", [id], () => structuredClone(this.#detail(id)));
  }

  probe(connector: NewConnector): Promise<Probe> {
    return this.#answer("probe", [connector], () => {
      const { address } = connector;
      if (address.includes("open")) return fixtures.probe("open");
      if (address.includes("key")) return fixtures.probe("key");
      return fixtures.probe(address.includes("docs") ? "not_mcp" : "sign_in");
    });
  }

  add(connector: NewConnector, probe: boolean): Promise<Added> {
    return this.#answer("add", [connector, probe], () => {
      const model = fixtures.connector("weather");
      const host = new URL(connector.address).host;
      const added = {
        ...model,
        id: `new${this.connectors.length}`,
        name: connector.name ?? host,
        host,
        address: connector.address,
      };
      this.connectors = [...this.connectors, added];
      return { connector: added, probe: { ...fixtures.probe("sign_in"), kind: null } };
    });
  }

  edit(id: string, changes: EditConnector): Promise<ConnectorView> {
    return this.#answer("edit", [id, changes], () => {
      const { settings } = this.#detail(id);
      const kept = <Value>(change: Value | null, before: Value): Value => change ?? before;
      settings.client_id = changes.client_id === "" ? null : kept(changes.client_id, settings.client_id);
      if (changes.client_secret.do !== "keep") settings.client_secret_set = changes.client_secret.do === "set";
      settings.headers = changes.headers === null ? settings.headers : changes.headers.map(([name]) => name);
      settings.allow = kept(changes.allow, settings.allow);
      const connector = this.#find(id);
      const edited = {
        ...connector,
        name: kept(changes.name, connector.name),
        paused: kept(changes.paused, connector.paused),
      };
      this.connectors = this.connectors.map((known) => (known.id === id ? edited : known));
      return edited;
    });
  }

  remove(id: string): Promise<ServiceOutcome> {
    return this.#answer("remove", [id], () => {
      this.#find(id);
      this.connectors = this.connectors.filter((connector) => connector.id !== id);
      return { connector: null, revoked: "yes", registration_deleted: "not_offered" };
    });
  }

  check(ids: string[] | null): Promise<void> {
    return this.#answer("check", [ids], () => {
      for (const id of ids ?? this.connectors.map((connector) => connector.id))
        this.emit({ kind: "check_started", id });
    });
  }

  cancelCheck(id: string): Promise<void> {
    return this.#answer("cancelCheck", [id], () => this.emit({ kind: "check_ended", connector: this.#find(id) }));
  }

  tools(id: string): Promise<ToolList> {
    return this.#answer("tools", [id], () => fixtures.tools());
  }

  signIn(id: string): Promise<void> {
    return this.#answer("signIn", [id], () => undefined);
  }

  confirmSignIn(id: string): Promise<void> {
    return this.#answer("confirmSignIn", [id], () => undefined);
  }

  openAgain(id: string): Promise<void> {
    return this.#answer("openAgain", [id], () => undefined);
  }

  signInOnDevice(id: string): Promise<void> {
    return this.#answer("signInOnDevice", [id], () => undefined);
  }

  pasteCallback(id: string, address: string): Promise<void> {
    return this.#answer("pasteCallback", [id, address], () => undefined);
  }

  cancelSignIn(id: string): Promise<void> {
    return this.#answer("cancelSignIn", [id], () => undefined);
  }

  forgetAndRetry(id: string): Promise<void> {
    return this.#answer("forgetAndRetry", [id], () => undefined);
  }

  signOut(id: string): Promise<ServiceOutcome> {
    return this.#answer("signOut", [id], () => this.#ended(id, "not_offered"));
  }

  forget(id: string): Promise<ServiceOutcome> {
    return this.#answer("forget", [id], () => this.#ended(id, "yes"));
  }

  settings(): Promise<AppSettings> {
    return this.#answer("settings", [], () => structuredClone(this.appSettings));
  }

  setSettings(settings: AppSettings): Promise<void> {
    return this.#answer("setSettings", [settings], () => void (this.appSettings = settings));
  }

  keychainTest(): Promise<SelfTest> {
    return this.#answer("keychainTest", [], () => fixtures.selfTest());
  }

  tryKeychain(): Promise<void> {
    return this.#answer("tryKeychain", [], () => this.#reached());
  }

  keepSignInsIn(wanted: Keeping): Promise<Moved> {
    return this.#answer("keepSignInsIn", [wanted], () => {
      this.#reached();
      const stored_in = wanted.store;
      this.aboutText = { ...this.aboutText, stored_in, has_file: stored_in === "file" };
      const fresh = wanted.store === "file" && wanted.fresh;
      return { carried: 0, left_behind: [], kept_file: fresh ? "secrets-20261120T094100Z.enc" : null };
    });
  }

  unlockSignIns(passphrase: string): Promise<void> {
    return this.#answer("unlockSignIns", [passphrase], () => this.#reached());
  }

  changePassphrase(old: string, chosen: string): Promise<void> {
    return this.#answer("changePassphrase", [old, chosen], () => undefined);
  }

  showLogs(): Promise<void> {
    return this.#answer("showLogs", [], () => undefined);
  }

  scan(): Promise<Scanned> {
    return this.#answer("scan", [], () => structuredClone(this.scanned));
  }

  importFound(ids: string[]): Promise<Scanned> {
    return this.#answer("importFound", [ids], () => {
      const taken = this.scanned.connectors.filter(({ id }) => ids.includes(id));
      const paused = fixtures.connector("aurora").health;
      const imported = taken.map(({ needs_approval, ...connector }) => ({
        ...connector,
        needs_approval,
        id: connector.id.replace("found-", "taken-"),
        imported: true,
        paused: needs_approval,
        health: needs_approval ? { ...paused, findings: [notApproved()], cause: notApproved() } : connector.health,
        primary: needs_approval ? { id: "allow" as const, label: "Approve…" } : null,
      }));
      this.connectors = [...this.connectors, ...imported];
      const rest = this.scanned.connectors.filter(({ id }) => !ids.includes(id));
      this.scanned = { ...this.scanned, connectors: [...rest, ...imported] };
      return { connectors: imported, findings: [], local_servers: [] };
    });
  }

  projectDefinition(id: string): Promise<ProjectDefinition | null> {
    return this.#answer("projectDefinition", [id], () => fixtures.definition());
  }

  approve(id: string, seen: string): Promise<ConnectorView> {
    return this.#answer("approve", [id, seen], () => {
      const approved = {
        ...this.#find(id),
        paused: false,
        primary: null,
        health: fixtures.connector("weather").health,
      };
      this.connectors = this.connectors.map((known) => (known.id === id ? approved : known));
      return approved;
    });
  }

  about(): Promise<About> {
    return this.#answer("about", [], () => this.aboutText);
  }

  explain(code: string): Promise<CodeEntry> {
    return this.#answer("explain", [code], () => fixtures.code(code));
  }

  tellUnsaved(unsaved: boolean): Promise<void> {
    return this.#answer("tellUnsaved", [unsaved], () => undefined);
  }

  closeWindow(): Promise<void> {
    return this.#answer("closeWindow", [], () => undefined);
  }

  onClose(handler: () => void): Unsubscribe {
    this.#closers.add(handler);
    return () => void this.#closers.delete(handler);
  }

  onEvent(handler: (event: Event) => void): Unsubscribe {
    this.#handlers.add(handler);
    return () => void this.#handlers.delete(handler);
  }

  #reached(): void {
    this.aboutText = { ...this.aboutText, keychain_problem: null, passphrase_needed: false };
  }

  #ended(id: string, registration_deleted: ServiceOutcome["registration_deleted"]): ServiceOutcome {
    const connector = this.#find(id);
    const sign_in = { ...fixtures.connector("weaver").sign_in, issuer: connector.sign_in.issuer };
    const ended = { ...connector, sign_in, health: fixtures.connector("weaver").health };
    this.connectors = this.connectors.map((known) => (known.id === id ? ended : known));
    return { connector: ended, revoked: "yes", registration_deleted };
  }
}

function notApproved(): FindingView {
  const entry = fixtures.code("RPL-APP-NOT-APPROVED");
  return { ...entry, id: entry.code, severity: "note", evidence: [], said: null };
}
