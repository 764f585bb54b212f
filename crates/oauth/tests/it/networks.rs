//! Addresses that a server or a sign-in service names, in every spelling, against a canary on this computer (T06): whatever
//! the way in, and whether by number, by name or by redirect, nobody is connected to who is out of reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use replug_core::{AuthMethod, Management, Redirect, Secret};
use replug_net::{Http, HttpOptions, LookedUp, Names, Reach};
use replug_oauth::{
    BearerChallenge, Context, DiscoveryPrefs, RegistrationRequest, ResourceFit, ResourceMetadata, ResourceSearch,
    delete_registration, find_resource_metadata, find_service_metadata, refresh, register, revoke,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::Url;

use crate::fakes::Surroundings;
use crate::parts::{redirect, registration, service, tokens};
use crate::server::{Reply, Server};

/// Where foreign words become an address that Replug contacts.
#[derive(Debug, Clone, Copy)]
enum Entry {
    Challenge,
    SignInService,
    Token,
    Registration,
    Revocation,
    Management,
}

const ENTRIES: [Entry; 6] =
    [Entry::Challenge, Entry::SignInService, Entry::Token, Entry::Registration, Entry::Revocation, Entry::Management];

impl Entry {
    /// Takes the step that contacts `address`, wherever it leads.
    async fn take(self, ctx: &Context<'_>, address: &str) -> bool {
        let server = Url::parse("https://mcp.example/mcp").unwrap();
        let mut client = registration(AuthMethod::None, None);
        match self {
            Self::Challenge => {
                let challenge = BearerChallenge { resource_metadata: Some(address.to_owned()), ..Default::default() };
                find_resource_metadata(ctx, &server, Some(&challenge)).await.is_ok()
            }
            Self::SignInService => {
                let search = ResourceSearch::Found(named(address));
                find_service_metadata(ctx, &server, &search, &DiscoveryPrefs::default()).await.is_ok()
            }
            Self::Token => {
                let mut tokens = tokens("https://auth.example");
                address.clone_into(&mut tokens.token_endpoint);
                refresh(ctx, &tokens, &client).await.is_ok()
            }
            Self::Registration => {
                let mut service = service("https://auth.example");
                service.registration_endpoint = Some(address.to_owned());
                register(ctx, &service, &request(redirect(4100))).await.is_ok()
            }
            Self::Revocation => {
                let mut tokens = tokens("https://auth.example");
                tokens.revocation_endpoint = Some(address.to_owned());
                revoke(ctx, &tokens, &client).await == replug_oauth::Revoked::Yes
            }
            Self::Management => {
                let token = Secret::new("management-canary".to_owned());
                client.management = Some(Management { token, address: address.to_owned() });
                delete_registration(ctx, &client).await == replug_oauth::Revoked::Yes
            }
        }
    }
}

fn named(identifier: &str) -> ResourceMetadata {
    ResourceMetadata {
        found_at: "https://mcp.example/".to_owned(),
        resource: "https://mcp.example/mcp".to_owned(),
        fit: ResourceFit::Exact,
        authorization_servers: vec![identifier.to_owned()],
        scopes: Vec::new(),
    }
}

fn request(redirect: Redirect) -> RegistrationRequest<'static> {
    RegistrationRequest {
        client_name: None,
        redirect,
        scope: None,
        other_redirects: &[],
        on_device: false,
        reductions: &[],
        at_most: replug_oauth::MOST_REQUESTS,
    }
}

/// Listens on this computer's own addresses and counts whoever connects.
struct Canary {
    port: u16,
    heard: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Canary {
    async fn start() -> Self {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = first.local_addr().unwrap().port();
        let mut listeners = vec![first];
        for other in [IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
            // Not every system has these; then nobody can be reached there either.
            listeners.extend(TcpListener::bind((other, port)).await);
        }
        let (heard, mut tasks) = (Arc::<AtomicUsize>::default(), JoinSet::new());
        for listener in listeners {
            let heard = Arc::clone(&heard);
            tasks.spawn(async move {
                while listener.accept().await.is_ok() {
                    heard.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        Self { port, heard, _tasks: tasks }
    }

    /// Ends a test early; whoever has just connected may not have been heard yet.
    fn is_silent(&self) -> bool {
        self.heard.load(Ordering::SeqCst) == 0
    }

    /// Shows that nobody connected until now, and that the canary does hear.
    async fn heard_nobody(&self) {
        let connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.unwrap();
        while self.is_silent() {
            tokio::task::yield_now().await;
        }
        assert_eq!(self.heard.load(Ordering::SeqCst), 1, "only the test itself");
        drop(connection);
    }
}

/// Machines that must be out of reach for a public connector; those marked are out of reach for everybody.
const TARGETS: &[(&str, bool)] = &[
    ("127.0.0.1", false),
    ("127.0.0.2", false),
    ("127.255.255.254", false),
    ("10.0.0.1", false),
    ("172.16.0.1", false),
    ("172.31.255.255", false),
    ("192.168.1.1", false),
    ("100.64.0.1", false),
    ("169.254.169.254", true),
    ("169.254.170.2", true),
    ("100.100.100.200", true),
    ("168.63.129.16", true),
    ("0.0.0.0", true),
    ("192.0.0.192", true),
    ("192.0.2.1", true),
    ("224.0.0.1", true),
    ("255.255.255.255", true),
];

/// The same for addresses that are no other address in disguise.
const PLAIN_V6: &[(&str, bool)] = &[
    ("::1", false),
    ("fd00::1", false),
    ("fc00::1", false),
    ("::", true),
    ("fe80::1", true),
    ("febf::1", true),
    ("fec0::1", true),
    ("fd00:ec2::254", true),
    ("fd20:ce::254", true),
    ("ff02::1", true),
    ("2001:db8::1", true),
    ("100::1", true),
    ("4000::1", true),
    ("5f00::1", true),
];

/// Names of this computer that no look-up decides about, and addresses that are none.
const OTHER_HOSTS: &[&str] = &[
    "localhost",
    "LOCALHOST",
    "localhost.",
    "%6cocalhost",
    "a.localhost",
    "a.b.localhost.",
    "[fe80::1%25lo]",
    "[fe80::1%lo]",
    "[::1%251]",
    "[::127.0.0.1",
    "127.0.0.1.",
    "１２７.0.0.1",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "ⓛocalhost",
    "0",
    "0x0",
    "00",
];

/// Every way to write an IPv4 address that a parser of web addresses takes.
fn spellings_v4(ip: Ipv4Addr) -> Vec<String> {
    let [a, b, c, d] = ip.octets();
    let (low16, low24, all) = (u32::from(c) << 8 | u32::from(d), u32::from(ip) & 0xff_ffff, u32::from(ip));
    let percent = |byte: u8| format!("%{byte:02x}");
    vec![
        ip.to_string(),
        format!("{ip}."),
        format!("{a}.{b}.{low16}"),
        format!("{a}.{low24}"),
        format!("{all}"),
        format!("0x{all:x}"),
        format!("0X{all:08X}"),
        format!("0{all:o}"),
        format!("000{all:o}"),
        format!("0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("0x{a:x}.{b}.0{c:o}.{d}"),
        format!("0x{a:x}.{low24}"),
        format!("{a}.0{low24:o}"),
        ip.to_string().bytes().map(percent).collect(),
        ip.to_string().replace('.', "%2e"),
    ]
}

/// Every way to carry an IPv4 address inside of an IPv6 one.
fn carriers(ip: Ipv4Addr) -> Vec<Ipv6Addr> {
    let [a, b, c, d] = ip.octets().map(u16::from);
    let [high, low] = [a << 8 | b, c << 8 | d];
    let [not_high, not_low] = [!high, !low];
    vec![
        Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, high, low),
        Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
        Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
        Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, high, low),
        Ipv6Addr::new(0x64, 0xff9b, 1, 0xabcd, 0, 0, high, low),
        Ipv6Addr::new(0x64, 0xff9b, 1, 0xabcd, a, b << 8 | c, d << 8, 0),
        Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 0),
        Ipv6Addr::new(0x2002, high, low, 1, 2, 3, 4, 5),
        Ipv6Addr::new(0x2001, 0, 0x0102, 0x0304, 0, 0, not_high, not_low),
        Ipv6Addr::new(0x2001, 0, 0, 0, 0x8000, 0xf227, not_high, not_low),
    ]
}

fn spellings_v6(ip: Ipv6Addr) -> [String; 3] {
    let groups = ip.segments().map(|segment| format!("{segment:04X}"));
    let [.., high, low] = ip.segments();
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    let head: Vec<String> = ip.segments()[..6].iter().map(|segment| format!("{segment:x}")).collect();
    [format!("[{ip}]"), format!("[{}]", groups.join(":")), format!("[{}:{a}.{b}.{c}.{d}]", head.join(":"))]
}

/// The machines, those out of reach for everybody only where that is asked for.
fn targets(only_never: bool) -> (Vec<Ipv4Addr>, Vec<Ipv6Addr>) {
    let wanted = |never: &bool| *never || !only_never;
    let v4: Vec<Ipv4Addr> = TARGETS.iter().filter(|(_, n)| wanted(n)).map(|(ip, _)| ip.parse().unwrap()).collect();
    let plain = PLAIN_V6.iter().filter(|(_, n)| wanted(n)).map(|(ip, _)| ip.parse().unwrap());
    let v6 = v4.iter().flat_map(|ip| carriers(*ip)).chain(plain).collect();
    (v4, v6)
}

/// Hosts as they stand in an address.
fn hosts(only_never: bool) -> Vec<String> {
    let (v4, v6) = targets(only_never);
    let others = OTHER_HOSTS.iter().filter(|_| !only_never).map(|host| (*host).to_owned());
    let v4 = v4.into_iter().flat_map(spellings_v4);
    v4.chain(v6.into_iter().flat_map(spellings_v6)).chain(others).collect()
}

/// Answers every question with what it was told last.
#[derive(Debug, Default)]
struct Told(Mutex<Vec<IpAddr>>);

impl Names for Told {
    fn look_up<'a>(&'a self, _name: &'a str) -> LookedUp<'a> {
        let told = self.0.lock().unwrap().clone();
        Box::pin(async { Ok(told) })
    }
}

#[tokio::test]
async fn the_canary_hears_every_way_in_when_it_is_allowed() {
    for entry in ENTRIES {
        let server = Server::start().await;
        entry.take(&Surroundings::new().context(), &server.at("/x")).await;
        assert!(!server.log().is_empty(), "{entry:?} leads nowhere, so it would prove nothing below");
    }
}

#[tokio::test]
async fn an_address_by_number_out_of_reach_is_never_contacted_in_whatever_spelling() {
    let (canary, surroundings) = (Canary::start().await, Surroundings::new());
    let mut cells = 0;
    let public = Context { reach: Reach::PUBLIC, loopback: false, ..surroundings.context() };
    let private = Context { reach: Reach { private: true, loopback: false }, ..public };
    for (ctx, only_never) in [(public, false), (private, true), (surroundings.context(), true)] {
        for host in hosts(only_never) {
            for entry in ENTRIES {
                let address = format!("https://{host}:{}/x", canary.port);
                assert!(!entry.take(&ctx, &address).await && canary.is_silent(), "{entry:?} {address}");
                cells += 1;
            }
        }
    }
    canary.heard_nobody().await;
    assert!(cells >= 5_000, "{cells} cells");
}

#[tokio::test]
async fn a_name_that_leads_out_of_reach_is_never_contacted() {
    let (canary, told) = (Canary::start().await, Arc::<Told>::default());
    let names: Arc<dyn Names> = told.clone();
    let http = Http::new(HttpOptions { names, ..HttpOptions::default() }).unwrap();
    let surroundings = Surroundings { http, ..Surroundings::new() };
    let mut cells = 0;
    let public = Context { reach: Reach::PUBLIC, loopback: false, ..surroundings.context() };
    let private = Context { reach: Reach { private: true, loopback: false }, ..public };
    let address = format!("https://auth.example:{}/x", canary.port);
    for (ctx, only_never) in [(public, false), (private, true), (surroundings.context(), true)] {
        let (v4, v6) = targets(only_never);
        let ips: Vec<IpAddr> = v4.into_iter().map(IpAddr::V4).chain(v6.into_iter().map(IpAddr::V6)).collect();
        for (index, ip) in ips.iter().enumerate() {
            // Alone, and beside another one that is no better.
            for answer in [vec![*ip], vec![*ip, ips[(index * 7 + 1) % ips.len()]]] {
                *told.0.lock().unwrap() = answer;
                for entry in ENTRIES {
                    assert!(!entry.take(&ctx, &address).await && canary.is_silent(), "{entry:?} {ip}");
                    cells += 1;
                }
            }
        }
    }
    canary.heard_nobody().await;
    assert!(cells >= 3_000, "{cells} cells");
}

#[tokio::test]
async fn a_redirect_leads_nowhere_else_whatever_it_says_and_whoever_may_be_reached() {
    let (canary, server, surroundings) = (Canary::start().await, Server::start().await, Surroundings::new());
    // Loopback is within reach here, so it is the redirect alone that must not be followed.
    let ctx = surroundings.context();
    let mut cells = 0;
    for (index, host) in hosts(false).into_iter().enumerate() {
        let scheme = ["http:", "https:", ""][index % 3];
        let location = format!("{scheme}//{host}:{}/x", canary.port);
        let status = [301, 302, 303, 307, 308][index % 5];
        for method in ["GET", "POST", "DELETE"] {
            for path in ["/x", "/.well-known/oauth-authorization-server/x", "/.well-known/openid-configuration/x"] {
                let location = location.clone();
                server.on(method, path, move |_| Reply::redirect(status, &location));
            }
        }
        for entry in ENTRIES {
            // One way in for each spelling of a machine, all of them for the shortest.
            if index % ENTRIES.len() != entry as usize && index % 16 != 0 {
                continue;
            }
            let taken = entry.take(&ctx, &server.at("/x")).await;
            assert!(!taken && canary.is_silent(), "{entry:?} {location}");
            cells += 1;
        }
    }
    canary.heard_nobody().await;
    assert!(cells >= 800, "{cells} cells");
}
