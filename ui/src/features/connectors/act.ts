// What pressing an action does. Every action of the engine's closed set is named here; those whose pages do not exist
// yet are not offered (see `possibleActions`).
import type { ActionView, ConnectorView, FindingView } from "../../api/types.gen";
import { copyText } from "../../lib/clipboard";
import { isNotApproved } from "../../lib/verdict";
import type { App } from "../../state/app.svelte";
import { words } from "../../words";
import { fieldFor } from "./fields";
import { ownerMessage } from "./owner-message";
import { rowButton, type Doing } from "./row";

export function act(app: App, connector: ConnectorView, action: ActionView, finding: FindingView | null): void {
  const { id } = connector;
  switch (action.id) {
    case "sign_in":
      return app.signIn(id);
    case "retry":
      return app.check(id);
    case "forget_and_retry":
      return app.forgetAndRetry(id);
    case "allow":
      if (isNotApproved(connector)) return void (app.question = { kind: "approve", id });
      return app.navigation.open(id, "settings", fieldFor(action.id, finding?.code ?? null));
    case "edit_settings":
    case "fix_address":
      return app.navigation.open(id, "settings", fieldFor(action.id, finding?.code ?? null));
    case "ask_owner":
      return void copyForOwner(app, connector, finding);
    case "fix_entry":
    case "clear_cache":
    case "use_bridge":
      return;
  }
}

/** What is going on with a connector at this moment. */
export function doingOf(app: App, id: string): Doing {
  const { checks, mended } = app.connectors;
  return { check: checks.get(id), signIn: app.signIns.progress.get(id), mended: mended.has(id) };
}

/** Presses a connector's one button, wherever it stands. */
export function press(app: App, connector: ConnectorView): void {
  const button = rowButton(connector, doingOf(app, connector.id));
  switch (button?.does) {
    case "action":
      return act(app, connector, button.action, connector.health.cause);
    case "show":
      return app.signIns.show(connector.id);
    case "check":
      return app.check(connector.id);
    case "resume":
      return void app.pause(connector.id, false);
    case undefined:
      return;
  }
}

async function copyForOwner(app: App, connector: ConnectorView, finding: FindingView | null): Promise<void> {
  if (await copyText(ownerMessage(connector, finding))) {
    app.notices.done(words.owner.copied, words.owner.copiedText);
    app.announcer.say(words.owner.copied);
  } else {
    app.notices.current = { tone: "danger", title: words.common.notCopied, text: "", code: null };
  }
}
