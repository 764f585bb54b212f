//! The table of sign-in services. Only what was seen on the wire or is in a service's own documents stands here; how it is
//! used is the parent's business.

use replug_core::CallbackHost;

use super::{Profile, Value};

const DESKTOP_APP: &str = "Choose a desktop or native app where there is a choice, so that no secret is needed.";
const CALLBACK: &str = "Enter the callback address shown here, letter by letter.";
const COPY: &str = "Copy the client ID, and the client secret if there is one, into this connector's settings.";

/// A service nothing is known about.
pub(super) static ANY_SERVICE: Profile = Profile {
    guide: &["Create an app (an OAuth client) in the service's settings for developers.", DESKTOP_APP, CALLBACK, COPY],
    ..PLAIN
};

const PLAIN: Profile = Profile {
    name: "",
    hosts: &[],
    path: None,
    params: &[],
    callback_host: CallbackHost::Literal,
    takes_resource: true,
    guide: &[],
};

/// By name. Where nothing but a name stands, the service registers clients and does as the specifications say; it is listed
/// so that a test says so.
pub(super) static PROFILES: [Profile; 16] = [
    Profile {
        // Its clients come from a list of approved addresses, by number.
        name: "Atlassian",
        hosts: &["auth.atlassian.com", "mcp.atlassian.com", "cf.mcp.atlassian.com"],
        ..PLAIN
    },
    Profile {
        // It ignores `resource` and gives a token for its own use without an audience.
        name: "Auth0",
        hosts: &["*.auth0.com", "*.*.auth0.com"],
        params: &[("audience", Value::Resource)],
        ..PLAIN
    },
    Profile { name: "Calendly", hosts: &["calendly.com", "auth.calendly.com", "mcp.calendly.com"], ..PLAIN },
    Profile {
        name: "Cloudflare",
        hosts: &["dash.cloudflare.com", "bindings.mcp.cloudflare.com", "observability.mcp.cloudflare.com"],
        ..PLAIN
    },
    Profile {
        name: "Amazon Cognito",
        hosts: &["cognito-idp.*.amazonaws.com", "cognito-idp.*.amazonaws.com.cn"],
        guide: &[
            "Ask whoever runs the user pool to add an app client without a secret to it.",
            "The app client has to allow the authorization code grant.",
            CALLBACK,
            COPY,
        ],
        ..PLAIN
    },
    Profile {
        name: "Figma",
        hosts: &["figma.com", "www.figma.com", "api.figma.com", "mcp.figma.com"],
        guide: &[
            "Figma admits only apps it has approved, and Replug does not pose as one of them.",
            "Use the server that Figma's own desktop app offers, or enter a client ID that Figma gave you.",
        ],
        ..PLAIN
    },
    Profile {
        name: "GitHub",
        hosts: &["github.com"],
        guide: &[
            "On GitHub, open Settings, Developer settings, OAuth Apps, and create a new one.",
            "Enter the callback address shown here as the authorization callback URL.",
            "Generate a client secret.",
            COPY,
        ],
        ..PLAIN
    },
    Profile {
        name: "Google",
        hosts: &["accounts.google.com"],
        // Without both there is no refresh token.
        params: &[("access_type", Value::Text("offline")), ("prompt", Value::Text("consent"))],
        guide: &[
            "In the Google Cloud console, create an OAuth client of the type Desktop app.",
            "Publish the app there: sign-ins of an app in testing end after seven days.",
            COPY,
        ],
        ..PLAIN
    },
    Profile {
        // Software that runs anywhere; its issuers end in the realm.
        name: "Keycloak",
        hosts: &[],
        path: Some("/realms/"),
        guide: &[
            "Ask whoever runs this Keycloak to trust this computer's address for registration, or to create a public client.",
            "The client needs the standard flow, and the callback address shown here as a valid redirect URI.",
            COPY,
        ],
        ..PLAIN
    },
    Profile { name: "Linear", hosts: &["linear.app", "mcp.linear.app"], ..PLAIN },
    Profile {
        name: "Microsoft Entra",
        hosts: &[
            "login.microsoftonline.com",
            "login.microsoftonline.us",
            "login.partner.microsoftonline.cn",
            "login.windows.net",
            "sts.windows.net",
            "*.ciamlogin.com",
            "*.b2clogin.com",
        ],
        // AADSTS9010010: it compares `resource` with the app that the scopes belong to.
        takes_resource: false,
        guide: &[
            "In the Microsoft Entra admin center, open App registrations and create a new one.",
            "Under Authentication, add the platform Mobile and desktop applications with the callback address shown here.",
            "Copy the application (client) ID into this connector's settings.",
        ],
        ..PLAIN
    },
    Profile { name: "Notion", hosts: &["mcp.notion.com", "api.notion.com"], ..PLAIN },
    Profile {
        name: "Okta",
        hosts: &["*.okta.com", "*.oktapreview.com", "*.okta-emea.com"],
        guide: &["Ask whoever runs this Okta to create an app for Replug.", DESKTOP_APP, CALLBACK, COPY],
        ..PLAIN
    },
    Profile {
        name: "Salesforce",
        hosts: &["login.salesforce.com", "test.salesforce.com", "*.my.salesforce.com", "*.sandbox.my.salesforce.com"],
        callback_host: CallbackHost::Localhost,
        guide: &[
            "In Salesforce Setup, open External Client App Manager and create a new app with OAuth enabled.",
            "Enter the callback address shown here, and add the scopes mcp_api and refresh_token.",
            "Require PKCE, do not require a secret, and have tokens issued as JSON Web Tokens.",
            "Copy the consumer key into this connector's settings as the client ID.",
        ],
        ..PLAIN
    },
    Profile {
        name: "Slack",
        hosts: &["slack.com", "mcp.slack.com"],
        callback_host: CallbackHost::Localhost,
        guide: &[
            "On Slack's page for your apps, create an app, or open one that belongs to your workspace.",
            "Under Agents & AI Apps, switch on Model Context Protocol.",
            "Under OAuth & Permissions, add the callback address shown here and the user token scopes you need.",
            "Copy the client ID and the client secret from Basic Information into this connector's settings.",
        ],
        ..PLAIN
    },
    Profile { name: "Supabase", hosts: &["api.supabase.com", "mcp.supabase.com"], ..PLAIN },
];

/// Error numbers (whole words) and set phrases, with what they mean.
pub(super) static WORDS: [(&str, &str); 11] = [
    ("AADSTS50011", "Microsoft does not know the callback address of this app."),
    ("AADSTS50105", "Microsoft says that this account is not assigned to the app."),
    ("AADSTS65001", "Microsoft wants somebody to consent to the app first, perhaps an administrator."),
    (
        "AADSTS650053",
        "Microsoft does not know one of the permissions: name it with the address of the app it belongs to.",
    ),
    ("AADSTS700016", "Microsoft does not know this client ID in this directory."),
    ("AADSTS700025", "Microsoft has this app down as public: remove the client secret from the settings."),
    (
        "AADSTS7000218",
        "Microsoft wants a client secret: enter one, or register the callback address for mobile and desktop apps.",
    ),
    ("AADSTS9010010", "Microsoft finds that the permissions belong to another app than the server names."),
    ("AADSTS90009", "Microsoft wants the permissions to be named with the address of the app they belong to."),
    ("loopback flow has been blocked", "Google wants a client of the type Desktop app for a program on a computer."),
    (
        "no connections enabled for the client",
        "Auth0 lets registered apps use no way to sign in: its administrator has to promote a connection to domain level.",
    ),
];
