// The one interface between the pages and the engine: a function for each command, and the stream of events.
// Which side of the process boundary answers is decided at build time and not known here.
import type {
  About,
  Added,
  AppSettings,
  CodeEntry,
  ConnectorDetail,
  ConnectorView,
  EditConnector,
  Event,
  Keeping,
  Moved,
  NewConnector,
  Probe,
  ProjectDefinition,
  Scanned,
  SelfTest,
  ServiceOutcome,
  ToolList,
} from "./types.gen";

/** Ends a subscription. Calling it twice does nothing. */
export type Unsubscribe = () => void;

/** What belongs to the window around the page. In a browser there is none, and nothing happens. */
export interface Frame {
  /** Says whether something in the page is unsaved. Then closing the window is asked about first. */
  tellUnsaved(unsaved: boolean): Promise<void>;
  /** Closes the window without asking. */
  closeWindow(): Promise<void>;
  /** The person wants to close the window, which waits for the page's word. */
  onClose(handler: () => void): Unsubscribe;
}

/** Every call rejects with a `Refusal` and with nothing else. */
export interface Backend extends Frame {
  list(): Promise<ConnectorView[]>;
  show(id: string): Promise<ConnectorDetail>;
  /** Asks what is at an address. Nothing is saved. */
  probe(connector: NewConnector): Promise<Probe>;
  /** Saves a connector; with `probe`, an address that is no MCP server is refused. */
  add(connector: NewConnector, probe: boolean): Promise<Added>;
  edit(id: string, changes: EditConnector): Promise<ConnectorView>;
  remove(id: string): Promise<ServiceOutcome>;
  /** Starts checks and returns at once; `null` means all. Progress comes as events. */
  check(ids: string[] | null): Promise<void>;
  cancelCheck(id: string): Promise<void>;
  tools(id: string): Promise<ToolList>;
  /** Starts a sign-in, or joins the one that is running. Progress comes as events. */
  signIn(id: string): Promise<void>;
  /** Goes on although the host is unusual. */
  confirmSignIn(id: string): Promise<void>;
  /** Sends the browser to the sign-in page once more. */
  openAgain(id: string): Promise<void>;
  /** Goes on with a code that is entered on another device, where the service offers that. */
  signInOnDevice(id: string): Promise<void>;
  /** Takes the address that a browser could not load. */
  pasteCallback(id: string, address: string): Promise<void>;
  cancelSignIn(id: string): Promise<void>;
  /** Drops the registration and signs in anew. */
  forgetAndRetry(id: string): Promise<void>;
  signOut(id: string): Promise<ServiceOutcome>;
  forget(id: string): Promise<ServiceOutcome>;
  settings(): Promise<AppSettings>;
  setSettings(settings: AppSettings): Promise<void>;
  keychainTest(): Promise<SelfTest>;
  /** Asks the keychain once more; the system may ask the person to unlock it. */
  tryKeychain(): Promise<void>;
  /** Carries all sign-ins to another place, and keeps them there from now on. */
  keepSignInsIn(wanted: Keeping): Promise<Moved>;
  /** Opens the encrypted file. A wrong passphrase takes longer each time. */
  unlockSignIns(passphrase: string): Promise<void>;
  changePassphrase(old: string, chosen: string): Promise<void>;
  /** Shows the folder of the log in the system's window for files. */
  showLogs(): Promise<void>;
  /** Looks through the apps' files. Nobody is contacted, and no program is started. */
  scan(): Promise<Scanned>;
  /** Takes found connectors over, by the ids of a scan. What came with a project folder waits to be allowed. */
  importFound(ids: string[]): Promise<Scanned>;
  /** What a project folder says about a connector; null when it came from nowhere else than the person. */
  projectDefinition(id: string): Promise<ProjectDefinition | null>;
  /** Allows exactly the definition that was seen, by its name. */
  approve(id: string, seen: string): Promise<ConnectorView>;
  about(): Promise<About>;
  explain(code: string): Promise<CodeEntry>;
  onEvent(handler: (event: Event) => void): Unsubscribe;
}
