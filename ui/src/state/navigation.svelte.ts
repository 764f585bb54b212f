// Where the person is, and where "back" leads. It knows no page's content.

export type Tab = "tools" | "sign_in" | "diagnosis" | "settings";

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
  | "headers"
  | "allow"
  | "paused";

export type Place =
  | { page: "connectors" }
  | { page: "settings" }
  | { page: "connector"; id: string; tab: Tab | null; field: Field | null };

const START: Place = { page: "connectors" };

export class Navigation {
  place: Place = $state.raw(START);
  #past: Place[] = [];

  go(place: Place): void {
    if (this.place.page !== place.page) this.#past.push(this.place);
    this.place = place;
  }

  open(id: string, tab: Tab | null = null, field: Field | null = null): void {
    this.go({ page: "connector", id, tab, field });
  }

  back(): void {
    this.place = this.#past.pop() ?? START;
  }
}
