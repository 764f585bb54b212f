//! A server nobody here wrote: the official Rust SDK, in both eras.

use std::borrow::Cow;
use std::sync::Arc;

use replug_mcp::{Era, ListEnd};
use rmcp::ServerHandler;
use rmcp::model::{
    Implementation, ListToolsResult, PaginatedRequestParams, ProtocolVersion, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use crate::Client;

/// A server with one tool that speaks the given revisions.
#[derive(Clone)]
struct OneTool(Vec<ProtocolVersion>);

impl ServerHandler for OneTool {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("one-tool", "1.0.0"))
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Owned(self.0.clone())
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, rmcp::ErrorData> {
        let schema = serde_json::json!({"type": "object"});
        let schema = schema.as_object().cloned().unwrap();
        Ok(ListToolsResult::with_all_items(vec![Tool::new("echo", "Says it again", Arc::new(schema))]))
    }
}

async fn start(versions: Vec<ProtocolVersion>, json: bool) -> String {
    let config = StreamableHttpServerConfig::default().with_json_response(json);
    let service: StreamableHttpService<OneTool, LocalSessionManager> =
        StreamableHttpService::new(move || Ok(OneTool(versions.clone())), Arc::default(), config);
    let router = axum::Router::new().nest_service("/mcp", service);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test]
async fn the_official_sdk_is_understood_in_both_eras() {
    let modern = vec![ProtocolVersion::V_2026_07_28];
    let legacy = vec![ProtocolVersion::V_2025_11_25];
    for (versions, era, protocol) in [(modern, Era::Modern, "2026-07-28"), (legacy, Era::Legacy, "2025-11-25")] {
        for json in [true, false] {
            let url = start(versions.clone(), json).await;
            let client = Client::of(&url);
            let mut session = client.probe().await.unwrap();
            let spoken = session.spoken();
            assert_eq!((spoken.era, spoken.protocol.as_str()), (era, protocol));
            assert_eq!(session.server().name, "one-tool");
            let list = session.list_tools().await.unwrap();
            assert_eq!((list.total, &list.end), (1, &ListEnd::Complete), "{protocol}");
            assert!(list.tools[0].get().contains("\"echo\""));
            session.close().await;
        }
    }
}
