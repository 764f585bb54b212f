// Where the person is, and where "back" leads. It knows no page's content.

export type Tab = "tools" | "sign_in" | "diagnosis" | "used_in" | "settings";

/** The members of a connector's settings that a finding can point to. */
export type Field =
  | "name"
  | "address"
  | "client_id"
  | "client_secret"
  | "client_name"
  | "scope"
  | "issuer"
  | "callback_host"
  | "callback_port"
  | "callback_path"
  | "params"
  | "grant"
  | "client_document"
  | "headers"
  | "allow"
  | "paused";

export type Place =
  | { page: "connectors" }
  | { page: "found" }
  | { page: "repairs" }
  | { page: "settings" }
  | { page: "connector"; id: string; tab: Tab | null; field: Field | null };

const START: Place = { page: "connectors" };

const isSamePage = (one: Place, other: Place): boolean =>
  one.page === other.page && (one.page !== "connector" || other.page !== "connector" || one.id === other.id);

export class Navigation {
  place: Place = $state.raw(START);
  #past: Place[] = [];
  readonly #left: () => void;

  /** `left` is called whenever the person comes to another page; another tab of the same page is none. */
  constructor(left: () => void) {
    this.#left = left;
  }

  go(place: Place): void {
    if (this.place.page !== place.page) this.#past.push(this.place);
    this.#move(place);
  }

  open(id: string, tab: Tab | null = null, field: Field | null = null): void {
    this.go({ page: "connector", id, tab, field });
  }

  back(): void {
    this.#move(this.#past.pop() ?? START);
  }

  #move(place: Place): void {
    const before = this.place;
    this.place = place;
    if (!isSamePage(before, place)) this.#left();
  }
}
