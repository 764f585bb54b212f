// The names and arguments of the engine's commands, written once for every way of calling it.
import type { Backend, Frame } from "./backend";

/** Sends a command with its arguments and gives the answer. Rejects with a `Refusal` only. */
export type Call = <Answer>(command: string, args?: Record<string, unknown>) => Promise<Answer>;

/** Every command of the backend, sent through `call`. */
export function commandsThrough(call: Call): Omit<Backend, "onEvent" | keyof Frame> {
  return {
    list: () => call("list"),
    show: (id) => call("show", { id }),
    probe: (connector) => call("probe", { new: connector }),
    add: (connector, probe) => call("add", { new: connector, probe }),
    edit: (id, changes) => call("edit", { id, changes }),
    remove: (id) => call("remove", { id }),
    check: (ids) => call("check", { ids }),
    cancelCheck: (id) => call("cancel_check", { id }),
    tools: (id) => call("tools", { id }),
    signIn: (id) => call("sign_in", { id }),
    confirmSignIn: (id) => call("confirm_sign_in", { id }),
    openAgain: (id) => call("open_again", { id }),
    signInOnDevice: (id) => call("sign_in_on_device", { id }),
    pasteCallback: (id, address) => call("paste_callback", { id, address }),
    cancelSignIn: (id) => call("cancel_sign_in", { id }),
    forgetAndRetry: (id) => call("forget_and_retry", { id }),
    signOut: (id) => call("sign_out", { id }),
    forget: (id) => call("forget", { id }),
    settings: () => call("settings"),
    setSettings: (settings) => call("set_settings", { settings }),
    keychainTest: () => call("keychain_test"),
    tryKeychain: () => call("try_keychain"),
    keepSignInsIn: (wanted) => call("keep_sign_ins_in", { wanted }),
    unlockSignIns: (passphrase) => call("unlock_sign_ins", { passphrase }),
    changePassphrase: (old, chosen) => call("change_passphrase", { old, new: chosen }),
    showLogs: () => call("show_logs"),
    scan: () => call("scan"),
    importFound: (ids) => call("import_found", { ids }),
    projectDefinition: (id) => call("project_definition", { id }),
    approve: (id, seen) => call("approve", { id, seen }),
    about: () => call("about"),
    explain: (code) => call("explain", { code }),
  };
}
