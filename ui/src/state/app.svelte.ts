// The window's state in one place, and the gestures of a person as calls to the backend. Each gesture ends in an
// event, an answer or a notice; none is silent. Which words and colours that gets is the components' business.
import { SvelteMap } from "svelte/reactivity";

import type { Backend, Unsubscribe } from "../api/backend";
import { refusalOf } from "../api/refusal";
import type {
  AppSettings,
  ConnectorView,
  EditConnector,
  ErrorBody,
  Event,
  Scanned,
  ServiceOutcome,
  SignInProgress,
} from "../api/types.gen";
import { NO_CHANGES } from "../features/connector/changes";
import type { Draft } from "../features/connector/draft.svelte";
import { greet, keychainChanged } from "../features/keychain/gestures";
import { isOld } from "../lib/schedule";
import { isNotApproved, outcomeNotice, stateWords } from "../lib/verdict";
import { words } from "../words";
import { foundWords } from "../words-apps";
import { Announcer } from "./announcer.svelte";
import { Clock } from "./clock.svelte";
import { Connectors } from "./connectors.svelte";
import { Found } from "./found.svelte";
import { ListState } from "./list.svelte";
import { Navigation } from "./navigation.svelte";
import { Notices } from "./notices.svelte";
import { Preferences } from "./preferences.svelte";
import { SignIns } from "./sign-ins.svelte";

const AGE_TICK_MS = 15_000;
const COUNTDOWN_TICK_MS = 1000;

/** The code of something that the person stopped. */
export const CANCELLED = "RPL-LOCAL-CANCELLED";

/** What stands over the page and asks for something. */
export type Question = { kind: "add" } | KeychainQuestion | ConnectorQuestion | { kind: "approve"; id: string };

/** Whether something about a connector shall really be deleted. */
export interface ConnectorQuestion {
  kind: "remove" | "forget";
  id: string;
}

/** A sheet about the place of the sign-ins: its passphrase, another place, another passphrase. */
export interface KeychainQuestion {
  kind: "unlock" | "place" | "passphrase";
}

export class App {
  readonly connectors = new Connectors();
  readonly signIns = new SignIns();
  readonly navigation = new Navigation(() => this.notices.leave());
  readonly announcer = new Announcer();
  readonly notices = new Notices();
  readonly preferences = new Preferences();
  readonly list = new ListState();
  readonly found = new Found();
  /** Settings that somebody changed and has not saved, by connector. */
  readonly drafts = new SvelteMap<string, Draft>();
  /** Ticks as ages do. */
  readonly clock: Clock;
  /** Ticks each second, for countdowns. */
  readonly seconds: Clock;
  question: Question | null = $state.raw(null);
  /** Whether the person wants to close the window and is asked about what is unsaved, over whatever else is open. */
  closing = $state(false);

  readonly backend: Backend;
  #reload = 0;

  constructor(backend: Backend, now: () => number = Date.now) {
    this.backend = backend;
    this.clock = new Clock(now, AGE_TICK_MS);
    this.seconds = new Clock(now, COUNTDOWN_TICK_MS);
  }

  /** Whether a good verdict is too old to be sure. False while the interval is not known. */
  isOld(connector: ConnectorView): boolean {
    const { settings } = this.preferences;
    return settings !== null && isOld(connector, settings.check_every_s, this.clock.now);
  }

  /** Whether a sheet or a question stands over the page. */
  get covered(): boolean {
    return this.question !== null || this.signIns.shown !== null || this.closing;
  }

  /** Whether nothing is here yet, and something was found that the person has not put off. */
  get firstStart(): boolean {
    const { later, candidates } = this.found;
    return this.connectors.status === "ready" && this.connectors.size === 0 && !later && candidates.length > 0;
  }

  /** The connectors with settings that are not saved. */
  get unsaved(): ConnectorView[] {
    return this.connectors.all.filter(({ id }) => this.drafts.has(id));
  }

  /** Listens first and reads then, so that nothing falls between. */
  start(): Unsubscribe {
    const stops = [
      this.backend.onEvent((event) => this.#receive(event)),
      this.backend.onClose(() => this.#askToClose()),
    ];
    void this.reload();
    void this.#readPreferences();
    void this.found.look(this.backend);
    return () => stops.forEach((stop) => stop());
  }

  /** Reads the list. An answer that newer word has overtaken would turn a verdict back, so it is asked for again. */
  async reload(): Promise<void> {
    const mine = (this.#reload += 1);
    try {
      for (;;) {
        const { news } = this.connectors;
        const all = await this.backend.list();
        // A later reload brings a newer list.
        if (mine !== this.#reload) return;
        if (news === this.connectors.news) {
          this.connectors.replaceAll(all);
          return;
        }
      }
    } catch (thrown) {
      if (mine === this.#reload) this.connectors.fail(refusalOf(thrown).body);
    }
  }

  /** Runs a call; a refusal becomes the notice and the answer is undefined. */
  async attempt<Answer>(call: Promise<Answer>): Promise<Answer | undefined> {
    try {
      return await call;
    } catch (thrown) {
      this.notices.refused(refusalOf(thrown).body);
      return undefined;
    }
  }

  check(id: string): void {
    void this.attempt(this.backend.check([id]));
  }

  checkAll(): void {
    if (this.connectors.size > 0) void this.attempt(this.backend.check(null));
  }

  cancelCheck(id: string): void {
    void this.attempt(this.backend.cancelCheck(id));
  }

  signIn(id: string): void {
    this.#startSignIn(id, (backend) => backend.signIn(id));
  }

  forgetAndRetry(id: string): void {
    this.#startSignIn(id, (backend) => backend.forgetAndRetry(id));
  }

  cancelSignIn(id: string): void {
    this.signIns.hide();
    void this.attempt(this.backend.cancelSignIn(id));
  }

  async edit(id: string, changes: EditConnector): Promise<boolean> {
    const connector = await this.attempt(this.backend.edit(id, changes));
    if (connector !== undefined) this.connectors.put(connector);
    return connector !== undefined;
  }

  /** Switches a connector's checks off or on. */
  async pause(id: string, paused: boolean): Promise<void> {
    if ((await this.edit(id, { ...NO_CHANGES, paused })) && !paused) this.check(id);
  }

  async signOut(id: string): Promise<void> {
    this.#settle(id, await this.attempt(this.backend.signOut(id)), words.outcome.signedOut);
  }

  async forget(id: string): Promise<void> {
    this.#settle(id, await this.attempt(this.backend.forget(id)), words.outcome.forgotten);
  }

  async remove(id: string): Promise<void> {
    const outcome = await this.attempt(this.backend.remove(id));
    if (outcome === undefined) return;
    if (this.navigation.place.page === "connector") this.navigation.go({ page: "connectors" });
    this.#settle(id, outcome, words.outcome.removed);
  }

  /** Takes found connectors over and checks them, except those that wait for an approval. True when that was done. */
  async bringIn(ids: string[]): Promise<boolean> {
    const taken = await this.attempt(this.backend.importFound(ids));
    if (taken === undefined) return false;
    await Promise.all([this.reload(), this.found.look(this.backend)]);
    this.#tellTaken(taken, ids.length);
    const asked = taken.connectors.filter((connector) => !isNotApproved(connector)).map(({ id }) => id);
    if (asked.length > 0) void this.attempt(this.backend.check(asked));
    return true;
  }

  /** Says how many came, what waits for an approval, and why some did not come. */
  #tellTaken({ connectors, findings }: Scanned, wanted: number): void {
    const title = foundWords.broughtIn(connectors.length);
    const waiting = connectors.filter(isNotApproved).length;
    const [refused] = connectors.length < wanted ? findings : [];
    if (refused === undefined) this.notices.done(title, waiting === 0 ? "" : foundWords.waits(waiting));
    else
      this.notices.current = { tone: "attention", title, text: `${refused.text} ${refused.hint}`, code: refused.code };
    this.announcer.say(title);
  }

  async saveSettings(settings: AppSettings): Promise<void> {
    const refused = await this.keepSettings(settings);
    if (refused !== null) this.notices.refused(refused);
  }

  /** Takes them at once, and back again when they cannot be kept; then the answer is why. */
  async keepSettings(settings: AppSettings): Promise<ErrorBody | null> {
    const before = this.preferences.settings;
    this.preferences.settings = settings;
    try {
      await this.backend.setSettings(settings);
      return null;
    } catch (thrown) {
      this.preferences.settings = before;
      return refusalOf(thrown).body;
    }
  }

  async readAbout(): Promise<void> {
    this.preferences.about = (await this.attempt(this.backend.about())) ?? this.preferences.about;
  }

  /** Closes the window, and with it what is unsaved. */
  closeWindow(): void {
    void this.attempt(this.backend.closeWindow());
  }

  /** The window waits to hear that the question is being asked. */
  #askToClose(): void {
    if (this.unsaved.length === 0) return this.closeWindow();
    this.closing = true;
    void this.attempt(this.backend.tellUnsaved(true));
  }

  #settle(id: string, outcome: ServiceOutcome | undefined, done: string): void {
    if (outcome === undefined) return;
    if (outcome.connector === null) {
      this.connectors.drop(id);
      this.drafts.delete(id);
    } else this.connectors.put(outcome.connector);
    this.notices.done(done, outcomeNotice(outcome));
    this.announcer.say(done);
  }

  #startSignIn(id: string, begin: (backend: Backend) => Promise<void>): void {
    this.signIns.begin(id);
    begin(this.backend).catch((thrown: unknown) => this.signIns.fail(id, refusalOf(thrown).body));
  }

  async #readPreferences(): Promise<void> {
    this.preferences.settings = (await this.attempt(this.backend.settings())) ?? null;
    await this.readAbout();
    greet(this);
  }

  #receive(event: Event): void {
    switch (event.kind) {
      case "connectors_changed":
        void this.reload();
        break;
      case "keychain_changed":
        void keychainChanged(this);
        break;
      case "check_started":
        this.connectors.checks.set(event.id, { number: 0, of: 0 });
        break;
      case "check_step":
        this.connectors.checks.set(event.id, { number: event.number, of: event.of });
        break;
      case "check_ended":
        this.connectors.checks.delete(event.connector.id);
        this.#judge(event.connector);
        break;
      case "sign_in": {
        const hidden = this.signIns.shown !== event.progress.id;
        this.signIns.receive(event.progress);
        if (event.progress.connector !== null) this.#judge(event.progress.connector);
        if (hidden) this.#tellEnd(event.progress);
        break;
      }
    }
  }

  /** Says why a sign-in behind a hidden sheet came to nothing, unless the person cancelled it. */
  #tellEnd({ error }: SignInProgress): void {
    if (error !== null && error.code !== CANCELLED) this.notices.refused(error);
  }

  #judge(connector: Parameters<Connectors["judge"]>[0]): void {
    if (this.connectors.judge(connector)) {
      this.announcer.say(words.announce(connector.name, stateWords(connector.health)));
    }
  }
}
