//! The words of every code: what is wrong, who can mend it, what to do and what can be pressed.
//! One table for the window, the command line, the bridge and `docs/errors.md`; the rules that choose a code are elsewhere.

use crate::ActionId::{Allow, AskOwner, EditSettings, FixAddress, ForgetAndRetry, Retry, SignIn};
use crate::CodeInfo;
use crate::Owner::{Computer, Network, Server, Settings, SignInService};
use crate::Severity::{Error, Note, Warning};
use crate::State::{Connected, ConnectedNoTools, Failed, NeedsSetup, NeedsSignIn, Paused};

/// Writes the enum, the list of all its members and the table from one set of rows, so that none can be forgotten.
macro_rules! codes {
    ($($variant:ident $name:literal $state:expr, $severity:ident, $owner:ident, [$($action:ident),*], $text:literal, $hint:literal;)*) => {
        /// A stable failure code. Its words are in the table; see [`CodeInfo`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "the table beside each name says what it means")]
        pub enum Code { $($variant,)* }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The table's row for this code.
            pub const fn info(self) -> CodeInfo {
                match self {
                    $(Self::$variant => CodeInfo {
                        name: $name, state: $state, severity: $severity, owner: $owner,
                        actions: &[$($action),*], text: $text, hint: $hint,
                    },)*
                }
            }
        }
    };
}

codes! {
    UseWrongUsage "RPL-USE-WRONG-USAGE" None, Error, Settings, [],
        "The command was not understood.",
        "Run `replug help` to see how it is used.";
    UseNameTaken "RPL-USE-NAME-TAKEN" None, Error, Settings, [EditSettings],
        "Another connector has this name.",
        "Choose another name; upper and lower case count as the same.";
    UseNameInvalid "RPL-USE-NAME-INVALID" None, Error, Settings, [EditSettings],
        "This name cannot be used.",
        "Use 1 to 120 visible characters.";
    UseAddressInvalid "RPL-USE-ADDRESS-INVALID" None, Error, Settings, [EditSettings],
        "This is not an address Replug can use.",
        "Paste the server's https address from its documentation.";
    UseAddressNotEncrypted "RPL-USE-ADDRESS-NOT-ENCRYPTED" None, Error, Settings, [EditSettings, Allow],
        "This address is not encrypted.",
        "Use the https address, or allow http for this connector if the network is trusted.";
    UseNoSuchConnector "RPL-USE-NO-SUCH-CONNECTOR" None, Error, Settings, [],
        "There is no connector with this name or id.",
        "Look at the list of connectors for the right name.";
    UseAmbiguous "RPL-USE-AMBIGUOUS" None, Error, Settings, [],
        "More than one connector fits.",
        "Use the connector's id instead of its name.";
    UseNoSuchCode "RPL-USE-NO-SUCH-CODE" None, Error, Settings, [],
        "There is no such code.",
        "Codes look like RPL-AUTH-DENIED; they stand beside the sentence they explain.";
    UseSettingInvalid "RPL-USE-SETTING-INVALID" None, Error, Settings, [EditSettings],
        "One of the settings cannot be used.",
        "Correct the setting that is named, and save again.";
    UseSecretInArgument "RPL-USE-SECRET-IN-ARGUMENT" None, Error, Settings, [],
        "A secret was given as an argument, where other programs can read it.",
        "Give only the name, and type the value on standard input.";
    UseFileUnreadable "RPL-USE-FILE-UNREADABLE" None, Error, Settings, [],
        "The file cannot be read as an export of Replug.",
        "Choose a file that Replug exported.";
    UseFileExists "RPL-USE-FILE-EXISTS" None, Error, Settings, [],
        "There is another file of this name, and it was left as it is.",
        "Choose another name, or move that file away.";
    UseNotConfirmed "RPL-USE-NOT-CONFIRMED" None, Error, Settings, [],
        "Nothing was done, because it was not confirmed.",
        "Repeat the command with --yes to confirm it.";
    UsePaused "RPL-USE-PAUSED" Some(Paused), Note, Settings, [EditSettings],
        "Checks are switched off for this connector.",
        "Resume it to check it again.";
    LocalInternal "RPL-LOCAL-INTERNAL" None, Error, Computer, [Retry],
        "Replug itself made a mistake.",
        "Try again; if it stays, export a report and send it to support.";
    LocalDatabase "RPL-LOCAL-DATABASE" None, Error, Computer, [Retry],
        "Replug's database could not be read or written.",
        "Check that the disk has room and the data folder can be written.";
    LocalDatabaseNewer "RPL-LOCAL-DATABASE-NEWER" None, Error, Computer, [],
        "The data folder was written by a newer Replug.",
        "Update Replug on this computer, or choose another data folder.";
    LocalDatabaseDamaged "RPL-LOCAL-DATABASE-DAMAGED" None, Error, Computer, [],
        "The database was damaged and has been rebuilt from what could be read.",
        "Look through the list of connectors; the damaged file was kept beside the new one.";
    LocalDisk "RPL-LOCAL-DISK" None, Error, Computer, [Retry],
        "A file could not be read or written.",
        "Check that the disk has room and the folder can be written.";
    LocalBusy "RPL-LOCAL-BUSY" None, Warning, Computer, [Retry],
        "Another Replug is working on this connector.",
        "Wait until it has ended, then try again.";
    LocalCancelled "RPL-LOCAL-CANCELLED" None, Note, Settings, [Retry],
        "It was cancelled.",
        "Start it again when it suits.";
    LocalClock "RPL-LOCAL-CLOCK" None, Warning, Computer, [Retry],
        "This computer's clock is wrong.",
        "Set the clock to automatic in the system settings.";
    LocalPortTaken "RPL-LOCAL-PORT-TAKEN" None, Error, Computer, [Retry, EditSettings],
        "The callback port is used by another program.",
        "Close that program, or choose another port in the settings.";
    LocalBrowser "RPL-LOCAL-BROWSER" None, Error, Computer, [SignIn],
        "No browser could be opened.",
        "Copy the link and open it in a browser.";
    NetOffline "RPL-NET-OFFLINE" None, Warning, Network, [Retry],
        "This computer is offline.",
        "Connect to a network; the last verdict is kept until then.";
    NetNameUnknown "RPL-NET-NAME-UNKNOWN" Some(Failed), Error, Network, [Retry, EditSettings],
        "The server's name cannot be found.",
        "Check the address for a typing mistake, and the network connection.";
    NetUnreachable "RPL-NET-UNREACHABLE" Some(Failed), Error, Network, [Retry],
        "Nothing answers at this address.",
        "Check the network and the address; the server may be switched off.";
    NetTimeout "RPL-NET-TIMEOUT" Some(Failed), Error, Network, [Retry],
        "The answer took too long.",
        "Try again later; the server or the network is slow.";
    NetInterrupted "RPL-NET-INTERRUPTED" Some(Failed), Error, Network, [Retry],
        "The connection broke off in the middle of an answer.",
        "Try again; if it stays, something between here and the server cuts connections.";
    NetAddressRefused "RPL-NET-ADDRESS-REFUSED" Some(Failed), Error, Settings, [Allow, AskOwner],
        "The server points to an address inside a private network, and Replug does not follow it there.",
        "Allow private sign-in services for this connector if that is right.";
    TlsInvalid "RPL-TLS-INVALID" Some(Failed), Error, Server, [Retry, AskOwner],
        "The server's certificate is not valid.",
        "Ask the server's owner to renew it; do not send anything until then.";
    TlsIntercepted "RPL-TLS-INTERCEPTED" Some(Failed), Error, Network, [Retry],
        "Something between here and the server opens encrypted traffic.",
        "Ask whoever runs this network for the root certificate, and install it.";
    HttpBlockedPage "RPL-HTTP-BLOCKED-PAGE" Some(Failed), Error, Network, [Retry, AskOwner],
        "A firewall's web page came back where data was expected.",
        "Try another network, or ask the service to let this app through; your sign-in is kept.";
    HttpForbidden "RPL-HTTP-FORBIDDEN" Some(Failed), Error, Server, [Retry, AskOwner],
        "The server refuses access without giving a reason.",
        "Ask the server's owner whether this computer or account may use it; your sign-in is kept.";
    HttpRedirectsAway "RPL-HTTP-REDIRECTS-AWAY" Some(Failed), Error, Settings, [FixAddress, EditSettings],
        "The server has moved to another address.",
        "Use the new address; nothing secret was sent there.";
    HttpServerError "RPL-HTTP-SERVER-ERROR" Some(Failed), Error, Server, [Retry],
        "The server has an error of its own.",
        "Try again later; your sign-in is kept.";
    HttpRateLimited "RPL-HTTP-RATE-LIMITED" Some(Failed), Error, Server, [Retry],
        "The server asks to wait before the next try.",
        "Wait a while and try again; your sign-in is kept.";
    HttpNotFound "RPL-HTTP-NOT-FOUND" Some(Failed), Error, Settings, [EditSettings],
        "There is nothing at this address.",
        "Check the path of the address in the server's documentation.";
    HttpTooLarge "RPL-HTTP-TOO-LARGE" Some(Failed), Error, Server, [AskOwner, Retry],
        "The answer is larger than Replug accepts.",
        "Tell the server's owner.";
    HttpUnexpected "RPL-HTTP-UNEXPECTED" Some(Failed), Error, Server, [Retry, AskOwner],
        "The server gave an answer Replug does not understand.",
        "Look at the diagnosis for what it sent, and ask the server's owner.";
    HttpKeyNeeded "RPL-HTTP-KEY-NEEDED" Some(NeedsSetup), Error, Settings, [EditSettings],
        "The server wants a key of its own, not a browser sign-in.",
        "Enter the key as a header in the settings.";
    HttpKeyRefused "RPL-HTTP-KEY-REFUSED" Some(NeedsSetup), Error, Settings, [EditSettings],
        "The server refuses the key in the settings.",
        "Enter a new key; the old one may have ended.";
    McpNotMcp "RPL-MCP-NOT-MCP" Some(Failed), Error, Settings, [EditSettings],
        "There is no MCP server at this address.",
        "Check the address in the server's documentation; many end in /mcp or /sse.";
    McpVersion "RPL-MCP-VERSION" Some(Failed), Error, Server, [AskOwner, Retry],
        "The server speaks only versions of the protocol that Replug does not know.",
        "Update Replug, or ask the server's owner which versions it speaks.";
    McpHandshake "RPL-MCP-HANDSHAKE" Some(Failed), Error, Server, [Retry, AskOwner],
        "The server answered the greeting with an error.",
        "Try again; if it stays, send the diagnosis to the server's owner.";
    McpNoTools "RPL-MCP-NO-TOOLS" Some(ConnectedNoTools), Warning, Server, [Retry, SignIn, AskOwner],
        "The server answers, but offers no tools.",
        "Check that your account may use its tools, or ask the server's owner.";
    McpToolsBroken "RPL-MCP-TOOLS-BROKEN" Some(ConnectedNoTools), Warning, Server, [Retry, AskOwner],
        "The server answers, but its tool list cannot be read.",
        "Send the diagnosis to the server's owner.";
    McpToolsIncomplete "RPL-MCP-TOOLS-INCOMPLETE" Some(ConnectedNoTools), Warning, Server, [Retry, AskOwner],
        "The tool list breaks off before its end.",
        "Try again; if it stays, send the diagnosis to the server's owner.";
    McpSchema "RPL-MCP-SCHEMA" Some(Connected), Warning, Server, [AskOwner],
        "A tool has a broken description, and some apps hide all tools because of it.",
        "Send the name of the tool to the server's owner.";
    McpPublicList "RPL-MCP-PUBLIC-LIST" Some(Connected), Note, Server, [SignIn],
        "The list of tools is public, but using them asks for a sign-in.",
        "Sign in when you want to use them.";
    MetaNone "RPL-META-NONE" Some(Failed), Error, Server, [Retry, AskOwner, EditSettings],
        "The server asks for a sign-in but does not say where.",
        "Ask its owner to publish protected resource metadata, or enter a key as a header.";
    MetaNotJson "RPL-META-NOT-JSON" Some(Failed), Error, SignInService, [Retry, AskOwner],
        "The description of the sign-in is a web page, not data.",
        "Tell the server's owner which address answers with a page.";
    MetaBlocked "RPL-META-BLOCKED" Some(Failed), Error, SignInService, [Retry, AskOwner],
        "The description of the sign-in is itself locked away.",
        "Tell the server's owner that it must be readable without a sign-in.";
    MetaIssuerMismatch "RPL-META-ISSUER-MISMATCH" Some(Failed), Error, SignInService, [EditSettings, AskOwner],
        "The sign-in service names itself differently from what the server says.",
        "Tell the owner; if you know the right one, enter it as the expected issuer.";
    MetaResourceMismatch "RPL-META-RESOURCE-MISMATCH" Some(Failed), Error, Server, [FixAddress, EditSettings, AskOwner],
        "The server describes itself under a different address.",
        "Use the address it names, or report it to its owner.";
    MetaPkceUnlisted "RPL-META-PKCE-UNLISTED" Some(Failed), Error, SignInService, [Allow, AskOwner],
        "The sign-in service does not say that it protects the sign-in (PKCE).",
        "Allow it for this connector if you trust the service; Replug sends the protection all the same.";
    MetaPkceUnsupported "RPL-META-PKCE-UNSUPPORTED" Some(Failed), Error, SignInService, [AskOwner],
        "The sign-in service does not support the required protection (PKCE S256).",
        "Ask the service's owner to support it.";
    MetaUnsafeAddress "RPL-META-UNSAFE-ADDRESS" Some(Failed), Error, SignInService, [AskOwner],
        "The sign-in service names an address that is not safe to open.",
        "Do not sign in; tell the server's owner.";
    MetaRedirected "RPL-META-REDIRECTED" Some(Failed), Error, SignInService, [Retry, AskOwner],
        "The site sends the sign-in address on to another page.",
        "Tell the owner to leave the sign-in addresses alone, often a language setting of the site.";
    MetaIncomplete "RPL-META-INCOMPLETE" Some(Failed), Error, SignInService, [AskOwner, Retry],
        "The sign-in service leaves out what a sign-in needs.",
        "Tell the service's owner which part of its description is missing.";
    RegNameRefused "RPL-REG-NAME-REFUSED" Some(NeedsSetup), Error, SignInService, [EditSettings, AskOwner],
        "The sign-in service refuses the app's name.",
        "Enter the name it wants, or a client ID you were given.";
    RegMetadataRefused "RPL-REG-METADATA-REFUSED" Some(NeedsSetup), Error, SignInService, [EditSettings, AskOwner],
        "The sign-in service refuses the registration.",
        "Enter a client ID you were given, or ask the service what it wants.";
    RegNotOffered "RPL-REG-NOT-OFFERED" Some(NeedsSetup), Error, SignInService, [EditSettings],
        "The service wants a client ID.",
        "Create an app at the service with the address shown, and enter its client ID.";
    RegNotAdvertised "RPL-REG-NOT-ADVERTISED" Some(NeedsSetup), Error, SignInService, [EditSettings, AskOwner],
        "The service says nothing about itself, and the usual registration address does not answer.",
        "Enter a client ID you were given, or ask the server's owner.";
    RegBlocked "RPL-REG-BLOCKED" Some(NeedsSetup), Error, SignInService, [EditSettings, Retry, AskOwner],
        "Something blocks the registration at the sign-in service.",
        "Try another network, or enter a client ID you were given.";
    RegNotApproved "RPL-REG-NOT-APPROVED" Some(NeedsSetup), Error, SignInService, [EditSettings, AskOwner],
        "The sign-in service admits only apps it has approved.",
        "Ask the service to approve Replug, or enter a client ID you were given.";
    RegRateLimited "RPL-REG-RATE-LIMITED" Some(Failed), Error, SignInService, [Retry],
        "The sign-in service limits registrations.",
        "Wait until the time it names, then try again.";
    RegServerError "RPL-REG-SERVER-ERROR" Some(Failed), Error, SignInService, [Retry, AskOwner],
        "The registration failed inside the sign-in service.",
        "Try again later.";
    RegForgotten "RPL-REG-FORGOTTEN" Some(NeedsSignIn), Error, SignInService, [ForgetAndRetry, SignIn],
        "The sign-in service forgot this app.",
        "Sign in again; Replug registers anew.";
    RegClientRefused "RPL-REG-CLIENT-REFUSED" Some(NeedsSetup), Error, Settings, [EditSettings],
        "The sign-in service does not accept the client ID or secret from the settings.",
        "Correct the client ID and the secret.";
    RegRedirectRefused "RPL-REG-REDIRECT-REFUSED" Some(NeedsSetup), Error, SignInService, [EditSettings],
        "The sign-in service refuses the address the browser comes back to.",
        "Enter the callback address at the service, or set the one it has in the settings.";
    AuthNever "RPL-AUTH-NEVER" Some(NeedsSignIn), Error, Settings, [SignIn],
        "Nobody has signed in yet.",
        "Sign in through the browser.";
    AuthDenied "RPL-AUTH-DENIED" Some(NeedsSignIn), Error, Settings, [SignIn],
        "The sign-in was denied in the browser.",
        "Sign in again and allow access.";
    AuthTimeout "RPL-AUTH-TIMEOUT" Some(NeedsSignIn), Error, Settings, [SignIn, ForgetAndRetry],
        "The browser did not come back in time.",
        "Sign in again; if the browser showed an error page instead, forget the registration and retry.";
    AuthIssuerMismatch "RPL-AUTH-ISSUER-MISMATCH" Some(NeedsSignIn), Error, SignInService, [SignIn, AskOwner],
        "The answer came from another sign-in service than the one that was asked.",
        "Nothing was accepted; try again, and tell the owner if it stays.";
    AuthIssuerMissing "RPL-AUTH-ISSUER-MISSING" Some(NeedsSignIn), Error, SignInService, [SignIn, AskOwner],
        "The sign-in service promises to name itself in its answer, and does not.",
        "Tell the service's owner.";
    AuthIssuerChanged "RPL-AUTH-ISSUER-CHANGED" Some(NeedsSignIn), Warning, Server, [SignIn, AskOwner],
        "The server now names another sign-in service.",
        "Check that the new one is right, then sign in again; nothing of the old one is sent there.";
    AuthScopeRefused "RPL-AUTH-SCOPE-REFUSED" Some(NeedsSignIn), Error, SignInService, [EditSettings, SignIn],
        "The sign-in service refuses the permissions that were asked for.",
        "Change the permissions in the settings, and sign in again.";
    AuthRefused "RPL-AUTH-REFUSED" Some(NeedsSignIn), Error, SignInService, [SignIn, AskOwner],
        "The sign-in service broke off the sign-in.",
        "Look at what the service said, and sign in again.";
    AuthServiceError "RPL-AUTH-SERVICE-ERROR" Some(NeedsSignIn), Error, SignInService, [SignIn],
        "The sign-in service has an error of its own.",
        "Try to sign in again later.";
    AuthStateMismatch "RPL-AUTH-STATE-MISMATCH" None, Warning, Settings, [SignIn],
        "This address does not belong to the sign-in that is waiting.",
        "Copy the whole address from the newest browser tab, or sign in again.";
    TokenDead "RPL-TOKEN-DEAD" Some(NeedsSignIn), Error, SignInService, [SignIn],
        "The sign-in has ended and the service does not renew it.",
        "Sign in again.";
    TokenExpired "RPL-TOKEN-EXPIRED" Some(NeedsSignIn), Error, SignInService, [SignIn],
        "The sign-in has ended, and the service gave nothing to renew it with.",
        "Sign in again.";
    TokenNotRenewable "RPL-TOKEN-NOT-RENEWABLE" Some(Connected), Note, SignInService, [AskOwner],
        "This sign-in cannot be renewed.",
        "It works until the time shown; then you sign in again.";
    TokenRefusedByServer "RPL-TOKEN-REFUSED-BY-SERVER" Some(NeedsSignIn), Error, Server, [SignIn, AskOwner],
        "You are signed in, but the server refuses the token.",
        "Sign in again; if it stays, send the diagnosis to the server's owner.";
    TokenScope "RPL-TOKEN-SCOPE" Some(NeedsSignIn), Error, SignInService, [SignIn],
        "The server asks for more permission than this sign-in has.",
        "Sign in again, and Replug asks for it.";
    TokenRefused "RPL-TOKEN-REFUSED" Some(NeedsSignIn), Error, SignInService, [SignIn, AskOwner],
        "The sign-in service refused to hand out a token.",
        "Sign in again; if it stays, look at what the service said.";
    TokenUnreadable "RPL-TOKEN-UNREADABLE" Some(Failed), Error, SignInService, [Retry, AskOwner],
        "The sign-in service's token answer cannot be read.",
        "Try again; if it stays, send the diagnosis to the service's owner.";
    TokenServiceDown "RPL-TOKEN-SERVICE-DOWN" Some(Failed), Error, SignInService, [Retry],
        "The sign-in service cannot hand out tokens right now.",
        "Wait a while; a sign-in that is stored is kept, and Replug tries again.";
    TokenHeaderHides "RPL-TOKEN-HEADER-HIDES" None, Warning, Settings, [EditSettings],
        "A fixed Authorization header hides the sign-in.",
        "Remove the header, or do without the sign-in.";
    KeyLocked "RPL-KEY-LOCKED" None, Error, Computer, [Retry],
        "The keychain is locked.",
        "Unlock the keychain and try again.";
    KeyMissing "RPL-KEY-MISSING" None, Error, Computer, [Retry],
        "This computer has no keychain that Replug can use.",
        "Choose a passphrase for an encrypted file, or keep sign-ins until Replug ends.";
    KeyDenied "RPL-KEY-DENIED" None, Error, Computer, [Retry],
        "The keychain does not let Replug in.",
        "Allow Replug in the keychain's own window.";
    KeyBusy "RPL-KEY-BUSY" None, Warning, Computer, [Retry],
        "The keychain does not answer.",
        "Look for a window of the keychain that asks something.";
    KeyWriteLost "RPL-KEY-WRITE-LOST" None, Error, Computer, [Retry],
        "The keychain did not keep what was saved.",
        "Run the keychain self-test in the settings.";
    KeyUnreadable "RPL-KEY-UNREADABLE" None, Error, Computer, [SignIn],
        "What the keychain holds for this connector cannot be read.",
        "Sign in again to replace it.";
    KeyFailed "RPL-KEY-FAILED" None, Error, Computer, [Retry],
        "The keychain reported an error.",
        "Try again; if it stays, run the keychain self-test in the settings.";
    KeyPassphrase "RPL-KEY-PASSPHRASE" None, Error, Computer, [Retry],
        "The passphrase is wrong.",
        "Enter the passphrase that was chosen for the encrypted file.";
}
