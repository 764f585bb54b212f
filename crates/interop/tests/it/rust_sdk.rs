//! The Rust SDK's own server, in this process, in both eras. It needs nothing from npm.

use std::borrow::Cow;
use std::sync::Arc;

use replug_core::{State, Transport};
use replug_engine::Elicitation;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResult, ContentBlock, Implementation, ListToolsResult, PaginatedRequestParams,
    ProtocolVersion, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use crate::bench::Bench;

/// A server with one tool that speaks one revision.
#[derive(Clone)]
struct Echo(ProtocolVersion);

impl ServerHandler for Echo {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("echo", "1.0.0"))
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Owned(vec![self.0.clone()])
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, rmcp::ErrorData> {
        let schema = serde_json::json!({"type": "object", "properties": {"text": {"type": "string"}}});
        let schema = Arc::new(schema.as_object().cloned().unwrap());
        Ok(ListToolsResult::with_all_items(vec![Tool::new("echo", "Says it again", schema)]))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<rmcp::model::CallToolResponse, rmcp::ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let text = arguments.get("text").and_then(|text| text.as_str()).unwrap_or_default();
        Ok(CallToolResult::success(vec![ContentBlock::text(text)]).into())
    }
}

async fn start(revision: ProtocolVersion) -> String {
    let service: StreamableHttpService<Echo, LocalSessionManager> = StreamableHttpService::new(
        move || Ok(Echo(revision.clone())),
        Arc::default(),
        StreamableHttpServerConfig::default(),
    );
    let router = axum::Router::new().nest_service("/mcp", service);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/mcp", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

#[tokio::test]
async fn the_rust_sdk_is_green_in_both_eras_and_its_tool_answers() {
    for (revision, protocol) in
        [(ProtocolVersion::V_2026_07_28, "2026-07-28"), (ProtocolVersion::V_2025_11_25, "2025-11-25")]
    {
        let test = Bench::start().await;
        let (id, _) = test.add(&start(revision).await).await;
        let connector = test.check(&id).await;
        assert_eq!(connector.health.state, State::Connected, "{protocol}: {:?}", connector.health);
        let spoken = (connector.transport, connector.protocol.as_deref());
        assert_eq!(spoken, (Some(Transport::StreamableHttp), Some(protocol)));
        assert_eq!(test.tools(&id).await, ["echo"]);
        let arguments = serde_json::value::to_raw_value(&serde_json::json!({"text": "again"})).unwrap();
        let called = test.engine.call_tool(&id, "echo", &arguments, Elicitation::Decline).await.unwrap();
        assert!(
            matches!(&called, replug_engine::Called::Result(result) if result.get().contains("again")),
            "{called:?}"
        );
    }
}
