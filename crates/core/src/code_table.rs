//! The words of every code: what is wrong, who can mend it, what to do and what can be pressed.
//! One table for the window, the command line, the bridge and `docs/errors.md`; the rules that choose a code are elsewhere.

use crate::ActionId::{
    Allow, AskOwner, ClearCache, EditSettings, FixAddress, FixEntry, ForgetAndRetry, Retry, SignIn, UseBridge,
};
use crate::CodeInfo;
use crate::Owner::{App, Computer, Network, Server, Settings, SignInService};
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
    UseNoSuchSource "RPL-USE-NO-SUCH-SOURCE" None, Error, Settings, [],
        "Nothing that was found has this name.",
        "Look at what a scan finds for the right name.";
    UseNoSuchChange "RPL-USE-NO-SUCH-CHANGE" None, Error, Settings, [],
        "There is no change with this name to take back.",
        "A change that was taken back, or whose backup is too old, is gone; look at the list of changes.";
    UseNoSuchCode "RPL-USE-NO-SUCH-CODE" None, Error, Settings, [],
        "There is no such code.",
        "Codes look like RPL-AUTH-DENIED; they stand beside the sentence they explain.";
    UseSettingInvalid "RPL-USE-SETTING-INVALID" None, Error, Settings, [EditSettings],
        "One of the settings cannot be used.",
        "Correct the setting that is named, and save again.";
    UseSecretInArgument "RPL-USE-SECRET-IN-ARGUMENT" None, Error, Settings, [],
        "A secret was given as an argument.",
        "Other programs can read arguments; give only the name, and type the value on standard input.";
    UseFileUnreadable "RPL-USE-FILE-UNREADABLE" None, Error, Settings, [],
        "The file cannot be read as an export of Replug.",
        "Choose a file that Replug exported.";
    UseFileExists "RPL-USE-FILE-EXISTS" None, Error, Settings, [],
        "There is another file of this name.",
        "It was left as it is; choose another name, or move that file away.";
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
        "Replug's database cannot be used.",
        "Check that the disk has room and the data folder can be written.";
    LocalDatabaseNewer "RPL-LOCAL-DATABASE-NEWER" None, Error, Computer, [],
        "The data folder is from a newer Replug.",
        "Update Replug on this computer, or choose another data folder.";
    LocalDatabaseDamaged "RPL-LOCAL-DATABASE-DAMAGED" None, Error, Computer, [],
        "The database was damaged and has been rebuilt.",
        "What could be read is there. Look through the list; the damaged file was kept beside the new one.";
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
    NetProxySignIn "RPL-NET-PROXY-SIGN-IN" Some(Failed), Error, Network, [Retry],
        "The proxy wants a sign-in of its own.",
        "Enter its user name and password in the system's proxy settings, or ask whoever runs this network.";
    NetTimeout "RPL-NET-TIMEOUT" Some(Failed), Error, Network, [Retry],
        "The answer took too long.",
        "Try again later; the server or the network is slow.";
    NetInterrupted "RPL-NET-INTERRUPTED" Some(Failed), Error, Network, [Retry],
        "The connection broke off.",
        "Try again; if it stays, something between here and the server cuts answers short.";
    NetAddressRefused "RPL-NET-ADDRESS-REFUSED" Some(Failed), Error, Settings, [Allow, AskOwner],
        "The server points into a private network.",
        "Replug did not follow; allow private sign-in services for this connector if that is right.";
    TlsInvalid "RPL-TLS-INVALID" Some(Failed), Error, Server, [Retry, AskOwner],
        "The server's certificate is not valid.",
        "Ask the server's owner to put it right; nothing was sent.";
    TlsIntercepted "RPL-TLS-INTERCEPTED" Some(Failed), Error, Network, [Retry],
        "Something on the way opens encrypted traffic.",
        "Ask whoever runs this network for the root certificate, and install it.";
    TlsHandshake "RPL-TLS-HANDSHAKE" Some(Failed), Error, Server, [Retry, EditSettings, AskOwner],
        "The server offers no encrypted connection.",
        "Check the port of the address; if it is right, ask the server's owner.";
    HttpBlockedPage "RPL-HTTP-BLOCKED-PAGE" Some(Failed), Error, Network, [Retry, AskOwner],
        "A firewall's page came back, not data.",
        "Try another network, or ask the service to let this app through; your sign-in is kept.";
    HttpForbidden "RPL-HTTP-FORBIDDEN" Some(Failed), Error, Server, [Retry, AskOwner],
        "The server refuses access without a reason.",
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
        "Replug does not understand the answer.",
        "Look at the diagnosis for what it sent, and ask the server's owner.";
    HttpKeyNeeded "RPL-HTTP-KEY-NEEDED" Some(NeedsSetup), Error, Settings, [EditSettings],
        "The server wants a key, not a sign-in.",
        "Enter the key as a header in the settings.";
    HttpKeyRefused "RPL-HTTP-KEY-REFUSED" Some(NeedsSetup), Error, Settings, [EditSettings],
        "The server refuses the key in the settings.",
        "Enter a new key; the old one may have ended.";
    McpNotMcp "RPL-MCP-NOT-MCP" Some(Failed), Error, Settings, [EditSettings],
        "There is no MCP server at this address.",
        "Check the address in the server's documentation; many end in /mcp or /sse.";
    McpVersion "RPL-MCP-VERSION" Some(Failed), Error, Server, [AskOwner, Retry],
        "The server speaks an unknown version of MCP.",
        "Update Replug, or ask the server's owner which versions it speaks.";
    McpHandshake "RPL-MCP-HANDSHAKE" Some(Failed), Error, Server, [Retry, AskOwner],
        "The server refuses the handshake.",
        "Try again; if it stays, send the diagnosis to the server's owner.";
    McpNoTools "RPL-MCP-NO-TOOLS" Some(ConnectedNoTools), Warning, Server, [Retry, SignIn, AskOwner],
        "The server answers, but offers no tools.",
        "Check that your account may use its tools, or ask the server's owner.";
    McpToolsBroken "RPL-MCP-TOOLS-BROKEN" Some(ConnectedNoTools), Warning, Server, [Retry, AskOwner],
        "The tool list cannot be read.",
        "Send the diagnosis to the server's owner.";
    McpToolsIncomplete "RPL-MCP-TOOLS-INCOMPLETE" Some(ConnectedNoTools), Warning, Server, [Retry, AskOwner],
        "The tool list breaks off before its end.",
        "Try again; if it stays, send the diagnosis to the server's owner.";
    McpSchema "RPL-MCP-SCHEMA" Some(Connected), Warning, Server, [AskOwner],
        "A tool has a broken description.",
        "Some apps hide all tools because of it; send the name of the tool to the server's owner.";
    McpPublicList "RPL-MCP-PUBLIC-LIST" Some(Connected), Note, Server, [SignIn],
        "Using the tools asks for a sign-in.",
        "Their list is public; sign in when you want to use them.";
    MetaNone "RPL-META-NONE" Some(Failed), Error, Server, [Retry, AskOwner, EditSettings],
        "The server does not say where to sign in.",
        "Ask its owner to publish protected resource metadata, or enter a key as a header.";
    MetaNotJson "RPL-META-NOT-JSON" Some(Failed), Error, SignInService, [Retry, AskOwner],
        "The sign-in is described by a web page.",
        "Tell the server's owner which address answers with a page where data belongs.";
    MetaBlocked "RPL-META-BLOCKED" Some(Failed), Error, SignInService, [Retry, AskOwner],
        "The sign-in's description is locked away.",
        "Tell the server's owner that it must be readable without a sign-in.";
    MetaIssuerMismatch "RPL-META-ISSUER-MISMATCH" Some(Failed), Error, SignInService, [EditSettings, AskOwner],
        "The sign-in service goes by another name.",
        "It is not the one the server names. Tell the owner; if you know the right one, enter it in the settings.";
    MetaResourceMismatch "RPL-META-RESOURCE-MISMATCH" Some(Failed), Error, Server, [FixAddress, EditSettings, AskOwner],
        "The server names another address as its own.",
        "Use the address it names, or report it to its owner.";
    MetaPkceUnlisted "RPL-META-PKCE-UNLISTED" Some(Failed), Error, SignInService, [Allow, AskOwner],
        "The sign-in service does not list PKCE.",
        "PKCE protects a sign-in, and Replug uses it all the same; allow this if you trust the service.";
    MetaPkceUnsupported "RPL-META-PKCE-UNSUPPORTED" Some(Failed), Error, SignInService, [AskOwner],
        "The sign-in service does not support PKCE.",
        "Ask the service's owner to support S256, which protects the sign-in.";
    MetaUnsafeAddress "RPL-META-UNSAFE-ADDRESS" Some(Failed), Error, SignInService, [AskOwner],
        "The sign-in address is not safe to open.",
        "Do not sign in; tell the server's owner.";
    MetaRedirected "RPL-META-REDIRECTED" Some(Failed), Error, SignInService, [Retry, AskOwner],
        "The sign-in address leads to another page.",
        "Tell the owner to leave the sign-in addresses alone, often a language setting of the site.";
    MetaIncomplete "RPL-META-INCOMPLETE" Some(Failed), Error, SignInService, [AskOwner, Retry],
        "The sign-in service's description has gaps.",
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
        "The service does not say how to register.",
        "The usual address does not answer; enter a client ID you were given, or ask the server's owner.";
    RegBlocked "RPL-REG-BLOCKED" Some(NeedsSetup), Error, SignInService, [EditSettings, Retry, AskOwner],
        "Something blocks the registration.",
        "Try another network, or enter a client ID you were given.";
    RegNotApproved "RPL-REG-NOT-APPROVED" Some(NeedsSetup), Error, SignInService, [EditSettings, AskOwner],
        "The service admits only apps it approved.",
        "Ask the service to approve Replug, or enter a client ID you were given.";
    RegRateLimited "RPL-REG-RATE-LIMITED" Some(Failed), Error, SignInService, [Retry],
        "The sign-in service limits registrations.",
        "Wait until the time it names, then try again.";
    RegServerError "RPL-REG-SERVER-ERROR" Some(Failed), Error, SignInService, [Retry, AskOwner],
        "The registration failed at the service.",
        "Try again later.";
    RegForgotten "RPL-REG-FORGOTTEN" Some(NeedsSignIn), Error, SignInService, [ForgetAndRetry, SignIn],
        "The sign-in service forgot this app.",
        "Sign in again; Replug registers anew.";
    RegClientRefused "RPL-REG-CLIENT-REFUSED" Some(NeedsSetup), Error, Settings, [EditSettings],
        "The service refuses the client ID or secret.",
        "Correct both in the settings.";
    RegRedirectRefused "RPL-REG-REDIRECT-REFUSED" Some(NeedsSetup), Error, SignInService, [EditSettings],
        "The service refuses the redirect address.",
        "Enter the redirect address at the service, or set the one it has in the settings.";
    RegDocumentRefused "RPL-REG-DOCUMENT-REFUSED" Some(NeedsSetup), Error, SignInService, [EditSettings, AskOwner],
        "The service refuses Replug's client document.",
        "Check that the document can be read at its address and names that address, or enter a client ID.";
    RegSecretEnds "RPL-REG-SECRET-ENDS" Some(Connected), Note, SignInService, [SignIn],
        "The registration ends soon, and cannot be renewed.",
        "Sign in again when it suits you; Replug registers anew.";
    AuthNever "RPL-AUTH-NEVER" Some(NeedsSignIn), Error, Settings, [SignIn],
        "Nobody has signed in yet.",
        "Sign in through the browser.";
    AuthDenied "RPL-AUTH-DENIED" Some(NeedsSignIn), Error, Settings, [SignIn],
        "The sign-in was denied in the browser.",
        "Sign in again and allow access.";
    AuthTimeout "RPL-AUTH-TIMEOUT" Some(NeedsSignIn), Error, Settings, [SignIn, ForgetAndRetry],
        "The browser did not come back in time.",
        "Sign in again; if the browser showed an error page instead, forget the registration and retry.";
    AuthNoDevice "RPL-AUTH-NO-DEVICE" None, Error, SignInService, [SignIn],
        "This service has no sign-in on another device.",
        "Sign in through the browser of this computer.";
    AuthIssuerMismatch "RPL-AUTH-ISSUER-MISMATCH" Some(NeedsSignIn), Error, SignInService, [SignIn, AskOwner],
        "Another sign-in service answered.",
        "Nothing was accepted; try again, and tell the owner if it stays.";
    AuthIssuerMissing "RPL-AUTH-ISSUER-MISSING" Some(NeedsSignIn), Error, SignInService, [SignIn, AskOwner],
        "The sign-in service did not name itself.",
        "Tell the service's owner.";
    AuthIssuerChanged "RPL-AUTH-ISSUER-CHANGED" Some(NeedsSignIn), Warning, Server, [SignIn, AskOwner],
        "The server now names another sign-in service.",
        "Check that the new one is right; then sign in again, or enter it as the expected issuer. It gets nothing of the old one.";
    AuthScopeRefused "RPL-AUTH-SCOPE-REFUSED" Some(NeedsSignIn), Error, SignInService, [EditSettings, SignIn],
        "The sign-in service refuses the permissions.",
        "Change the permissions in the settings, and sign in again.";
    AuthRefused "RPL-AUTH-REFUSED" Some(NeedsSignIn), Error, SignInService, [SignIn, AskOwner],
        "The sign-in service broke off the sign-in.",
        "Look at what the service said, and sign in again.";
    AuthServiceError "RPL-AUTH-SERVICE-ERROR" Some(NeedsSignIn), Error, SignInService, [SignIn],
        "The sign-in service has an error of its own.",
        "Try to sign in again later.";
    AuthStateMismatch "RPL-AUTH-STATE-MISMATCH" None, Warning, Settings, [SignIn],
        "This address belongs to another sign-in.",
        "Copy the whole address from the newest browser tab, or sign in again.";
    TokenDead "RPL-TOKEN-DEAD" Some(NeedsSignIn), Error, SignInService, [SignIn],
        "The sign-in has ended at the service.",
        "The service does not renew it; sign in again.";
    TokenExpired "RPL-TOKEN-EXPIRED" Some(NeedsSignIn), Error, SignInService, [SignIn],
        "The sign-in has ended.",
        "The service gave nothing to renew it with; sign in again.";
    TokenNotRenewable "RPL-TOKEN-NOT-RENEWABLE" Some(Connected), Note, SignInService, [AskOwner],
        "This sign-in cannot be renewed.",
        "It works until the time shown; then you sign in again.";
    TokenRefusedByServer "RPL-TOKEN-REFUSED-BY-SERVER" Some(NeedsSignIn), Error, Server, [SignIn, AskOwner],
        "The server refuses the sign-in.",
        "You are signed in, but that is not accepted. Sign in again; if it stays, send the diagnosis to the server's owner.";
    TokenScope "RPL-TOKEN-SCOPE" Some(NeedsSignIn), Error, SignInService, [SignIn],
        "The server asks for more permission.",
        "This sign-in does not have it; sign in again, and Replug asks for it.";
    TokenScopeEndless "RPL-TOKEN-SCOPE-ENDLESS" Some(NeedsSetup), Error, Server, [EditSettings, AskOwner],
        "The server never has enough permission.",
        "Signing in again did not satisfy it; ask its owner which permissions it needs, and enter them in the settings.";
    TokenRefused "RPL-TOKEN-REFUSED" Some(NeedsSignIn), Error, SignInService, [SignIn, AskOwner],
        "The sign-in service gave no token.",
        "Sign in again; if it stays, look at what the service said.";
    TokenUnreadable "RPL-TOKEN-UNREADABLE" Some(Failed), Error, SignInService, [Retry, AskOwner],
        "The service's token answer cannot be read.",
        "Try again; if it stays, send the diagnosis to the service's owner.";
    TokenServiceDown "RPL-TOKEN-SERVICE-DOWN" Some(Failed), Error, SignInService, [Retry],
        "The sign-in service is not working now.",
        "Wait a while; a sign-in that is stored is kept, and Replug tries again.";
    TokenUnsure "RPL-TOKEN-UNSURE" Some(Failed), Error, Network, [SignIn, Retry],
        "The sign-in's renewal was not answered.",
        "Nobody knows whether it still works. Replug asks again once an hour; sign in again to use it at once.";
    TokenHeaderHides "RPL-TOKEN-HEADER-HIDES" None, Warning, Settings, [EditSettings],
        "A fixed Authorization header hides the sign-in.",
        "Remove the header, or do without the sign-in.";
    KeyLocked "RPL-KEY-LOCKED" None, Error, Computer, [Retry],
        "The keychain is locked.",
        "Unlock the keychain and try again.";
    KeyMissing "RPL-KEY-MISSING" None, Error, Computer, [Retry],
        "This computer has no usable keychain.",
        "Keep sign-ins in a file that a passphrase encrypts, or in memory for this run.";
    KeyDenied "RPL-KEY-DENIED" None, Error, Computer, [Retry],
        "The keychain does not let Replug in.",
        "Allow Replug in the keychain's own window.";
    KeyBusy "RPL-KEY-BUSY" None, Warning, Computer, [Retry],
        "The keychain does not answer.",
        "Look for a window of the keychain that asks something.";
    KeyWriteLost "RPL-KEY-WRITE-LOST" None, Error, Computer, [Retry],
        "The keychain did not keep what was saved.",
        "Run the keychain self-test in the settings.";
    KeyUnsaved "RPL-KEY-UNSAVED" None, Error, Computer, [Retry],
        "A renewed sign-in could not be stored before Replug ended.",
        "It may be lost; run the keychain self-test, then check the connector that is named.";
    KeyOtherAddress "RPL-KEY-OTHER-ADDRESS" Some(NeedsSetup), Error, Settings, [EditSettings],
        "The stored keys belong to another address.",
        "They were not sent. Enter the address again, together with its keys; the last change was cut off.";
    KeyUnreadable "RPL-KEY-UNREADABLE" None, Error, Computer, [SignIn],
        "The stored sign-in cannot be read.",
        "Sign in again to replace it.";
    KeyFailed "RPL-KEY-FAILED" None, Error, Computer, [Retry],
        "The keychain reported an error.",
        "Try again; if it stays, run the keychain self-test in the settings.";
    KeyFileLocked "RPL-KEY-FILE-LOCKED" None, Error, Computer, [Retry],
        "Your sign-ins are locked.",
        "Unlock them with the passphrase of the encrypted file.";
    KeyPassphrase "RPL-KEY-PASSPHRASE" None, Error, Computer, [Retry],
        "The passphrase is wrong.",
        "Enter the passphrase that was chosen for the encrypted file.";
    KeyPlaceWorks "RPL-KEY-PLACE-WORKS" None, Warning, Settings, [],
        "The place of your sign-ins can be used.",
        "They stay where they are; nothing was changed.";
    KeyPlaceUnknown "RPL-KEY-PLACE-UNKNOWN" None, Error, Computer, [],
        "Where your sign-ins are kept cannot be read.",
        "Start Replug with `--secrets keychain` or `--secrets file`, and choose the place anew in the settings.";
    KeyElsewhere "RPL-KEY-ELSEWHERE" None, Error, Computer, [Retry],
        "This sign-in is kept in another place.",
        "Choose that place in the settings, or start Replug with `--secrets` and its name; then try again.";
    AppFileUnreadable "RPL-APP-FILE-UNREADABLE" None, Error, App, [],
        "This app's file cannot be read.",
        "Open the file at the place that is named and mend it; Replug does not change a file it cannot read.";
    AppFileReadOnly "RPL-APP-FILE-READ-ONLY" None, Note, App, [],
        "Replug only reads this file.",
        "Copy the lines shown, and paste them into the file yourself.";
    AppEntryUnclear "RPL-APP-ENTRY-UNCLEAR" None, Error, Settings, [FixEntry],
        "This entry names neither an address nor a program.",
        "Give it the server's address, or remove it.";
    AppEntryDisablesAll "RPL-APP-ENTRY-DISABLES-ALL" None, Error, App, [FixEntry],
        "This entry makes the app refuse its whole file.",
        "Take the member that is named out of the entry; the app's other servers come back too.";
    AppLocalOnly "RPL-APP-LOCAL-ONLY" None, Error, App, [UseBridge],
        "This app does not connect to addresses in its file.",
        "Put the bridge in its place, or add the server in the app's own settings.";
    AppTypeMissing "RPL-APP-TYPE-MISSING" None, Error, Settings, [FixEntry],
        "The app wants to know the type of this server.",
        "Add the type that is named.";
    AppTypeUnknown "RPL-APP-TYPE-UNKNOWN" None, Error, Settings, [FixEntry],
        "The app does not know this type of server.",
        "Use the type that is named.";
    AppHeaderHidesSignIn "RPL-APP-HEADER-HIDES-SIGN-IN" None, Warning, Settings, [FixEntry, UseBridge],
        "A fixed Authorization header hides the app's sign-in.",
        "Remove the header if the server offers a sign-in; the app then asks for it.";
    AppBearerDoubled "RPL-APP-BEARER-DOUBLED" None, Error, Settings, [FixEntry],
        "The Authorization header says Bearer twice.",
        "Keep the word once.";
    AppBearerMissing "RPL-APP-BEARER-MISSING" None, Warning, Settings, [FixEntry],
        "The Authorization header names no scheme.",
        "Most servers want the word Bearer and a space before the key.";
    AppWhiteSpace "RPL-APP-WHITE-SPACE" None, Warning, Settings, [FixEntry],
        "There is white space around a value of this entry.",
        "Take it out; it often comes along when a key is copied.";
    AppVariableUnset "RPL-APP-VARIABLE-UNSET" None, Warning, Settings, [],
        "This entry uses a variable that is not set here.",
        "Set the variable where the app is started; Replug cannot see that environment.";
    AppDuplicateDropped "RPL-APP-DUPLICATE-DROPPED" None, Warning, App, [FixEntry],
        "The app uses only one of several entries.",
        "Remove the others, or give them names of their own.";
    AppEntriesDiffer "RPL-APP-ENTRIES-DIFFER" None, Note, Settings, [],
        "Apps reach this server with different settings.",
        "Look at what differs; Replug uses the settings of the entry it found first.";
    AppNameRefused "RPL-APP-NAME-REFUSED" None, Error, App, [FixEntry],
        "The app refuses the name of this entry.",
        "Use 1 to 60 letters, digits, hyphens and underscores.";
    AppSwitchedOff "RPL-APP-SWITCHED-OFF" None, Note, App, [FixEntry],
        "This server is switched off in the app.",
        "Switch it on in the app when it should be used.";
    AppReadableByOthers "RPL-APP-READABLE-BY-OTHERS" None, Warning, Computer, [FixEntry],
        "Other users of this computer can read the app's tokens.",
        "Replug can take that permission away; nothing else in the file changes.";
    AppNotApproved "RPL-APP-NOT-APPROVED" Some(Paused), Note, Settings, [Allow],
        "This came with a project folder.",
        "Look at what it says and allow it; until then Replug does not contact the server.";
    AppNoClientId "RPL-APP-NO-CLIENT-ID" None, Error, App, [FixEntry, UseBridge],
        "The app stored this sign-in without its client ID.",
        "It cannot be renewed like that; Replug can write the configured ID beside it.";
    AppHalfRegistered "RPL-APP-HALF-REGISTERED" None, Warning, App, [ClearCache],
        "The app began a sign-in here and never finished it.",
        "Clear what was left, then sign in again in the app.";
    AppSignInEnded "RPL-APP-SIGN-IN-ENDED" None, Warning, App, [ClearCache, UseBridge],
        "The app's sign-in has ended and cannot be renewed.",
        "Sign in again in the app.";
    AppAddressChanged "RPL-APP-ADDRESS-CHANGED" None, Warning, App, [ClearCache],
        "The app's sign-in belongs to an earlier address.",
        "Clear it and sign in again in the app; the new address has none.";
    AppRedirectBroken "RPL-APP-REDIRECT-BROKEN" None, Warning, App, [ClearCache],
        "The app registered a callback it no longer uses.",
        "Clear the registration; the app makes a new one at the next sign-in.";
    AppCoolDown "RPL-APP-COOL-DOWN" None, Warning, App, [ClearCache],
        "The app remembers a failure and does not try again.",
        "Clear that note; the app then connects at its next start.";
    AppOrphan "RPL-APP-ORPHAN" None, Note, App, [ClearCache],
        "This stored sign-in appears unused.",
        "Clear it if nothing uses it; a backup is kept.";
    AppCannotVerify "RPL-APP-CANNOT-VERIFY" None, Note, App, [],
        "Replug cannot tell which sign-in this entry uses.",
        "It depends on variables of the shell that starts the app.";
    AppBusy "RPL-APP-BUSY" None, Error, App, [Retry],
        "The app is writing this file.",
        "Quit the app and try again; nothing was changed.";
    AppChangedMeanwhile "RPL-APP-CHANGED-MEANWHILE" None, Error, App, [Retry],
        "The file changed since it was shown.",
        "Look at the difference again; nothing was changed.";
    AppNotYours "RPL-APP-NOT-YOURS" None, Error, Computer, [],
        "This file belongs to somebody else.",
        "Ask whoever owns it; nothing was changed.";
}
