"""A server of the MCP SDK for Python on a port it is told, with the SDK's own sign-in service over a store in memory, or
without one. Every grant is written to stdout, one line each; no token is."""

import secrets
import sys
import time
from typing import Annotated

import uvicorn
from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    OAuthAuthorizationServerProvider,
    RefreshToken,
    construct_redirect_uri,
)
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions, RevocationOptions
from mcp.server.mcpserver import Elicit, MCPServer, Resolve
from mcp.shared.auth import OAuthToken
from pydantic import BaseModel

HOUR = 3600
PERMISSION = "tools"


class Memory(OAuthAuthorizationServerProvider):
    """Everything is allowed, codes count once, and refresh tokens are replaced at each use."""

    def __init__(self):
        self.clients, self.codes, self.access, self.refresh = {}, {}, {}, {}

    async def get_client(self, client_id):
        return self.clients.get(client_id)

    async def register_client(self, client_info):
        self.clients[client_info.client_id] = client_info
        say("client made")

    async def authorize(self, client, params):
        code = secrets.token_urlsafe(32)
        self.codes[code] = AuthorizationCode(
            code=code,
            scopes=params.scopes or [PERMISSION],
            expires_at=time.time() + 60,
            client_id=client.client_id,
            code_challenge=params.code_challenge,
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            resource=params.resource,
        )
        return construct_redirect_uri(str(params.redirect_uri), code=code, state=params.state)

    async def load_authorization_code(self, client, authorization_code):
        return self.codes.get(authorization_code)

    async def exchange_authorization_code(self, client, authorization_code):
        del self.codes[authorization_code.code]
        return self.grant("code", client, authorization_code.scopes, authorization_code.resource)

    async def load_refresh_token(self, client, refresh_token):
        return self.refresh.get(refresh_token)

    async def exchange_refresh_token(self, client, refresh_token, scopes):
        del self.refresh[refresh_token.token]
        return self.grant("renewal", client, scopes or refresh_token.scopes, refresh_token.resource)

    async def load_access_token(self, token):
        return self.access.get(token)

    async def revoke_token(self, token):
        say("revoked")
        self.access.pop(token.token, None)
        self.refresh.pop(token.token, None)

    def grant(self, what, client, scopes, resource):
        say("granted", what)
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        about = {"client_id": client.client_id, "scopes": scopes, "resource": resource}
        self.access[access] = AccessToken(token=access, expires_at=int(time.time()) + HOUR, **about)
        self.refresh[refresh] = RefreshToken(token=refresh, **about)
        return OAuthToken(access_token=access, expires_in=HOUR, scope=" ".join(scopes), refresh_token=refresh)


class Name(BaseModel):
    name: str = "Ada"


async def ask() -> Elicit[Name]:
    return Elicit("Who is there?", Name)


async def greet(who: Annotated[Name, Resolve(ask)]) -> str:
    """Greets whoever says a name."""
    return f"Hello, {who.name}"


def say(*words):
    print(*words, flush=True)


def server(origin, guarded):
    if not guarded:
        return MCPServer("python-sdk")
    auth = AuthSettings(
        issuer_url=origin,
        resource_server_url=f"{origin}/mcp",
        validate_token_resource=True,
        required_scopes=[PERMISSION],
        client_registration_options=ClientRegistrationOptions(
            enabled=True, valid_scopes=[PERMISSION], default_scopes=[PERMISSION]
        ),
        revocation_options=RevocationOptions(enabled=True),
    )
    return MCPServer("python-sdk", auth_server_provider=Memory(), auth=auth)


def main(port, mode):
    mcp = server(f"http://127.0.0.1:{port}", guarded=mode == "guarded")
    mcp.add_tool(greet)
    app = mcp.sse_app() if mode == "sse" else mcp.streamable_http_app()
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="info")


main(*sys.argv[1:])
