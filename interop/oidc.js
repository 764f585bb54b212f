// A certified OpenID provider (oidc-provider) and beside it a small MCP server that takes its tokens, both on ports the system
// chose. Everything a test asks about is written to stdout, one line for each event; no token is.
import { createServer } from 'node:http';

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import Provider from 'oidc-provider';

const PERMISSION = 'mcp:tools';
const HOUR = 3600;

const say = (...words) => console.log(words.join(' '));

/** Starts a server on a free port of this computer, and returns it with its origin. */
async function listen() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, origin: `http://127.0.0.1:${server.address().port}` };
}

/** The sign-in service: registration with management, rotation, tokens for one named resource. */
function signInService(issuer, resource) {
  const provider = new Provider(issuer, {
    scopes: ['openid', 'offline_access', PERMISSION],
    ttl: { AccessToken: HOUR, RefreshToken: 24 * HOUR, Grant: 24 * HOUR, Session: HOUR, Interaction: HOUR },
    rotateRefreshToken: true,
    features: {
      devInteractions: { enabled: true },
      registration: { enabled: true },
      registrationManagement: { enabled: true, rotateRegistrationAccessToken: false },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: PERMISSION,
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: HOUR,
        }),
        useGrantedResource: () => true,
      },
    },
  });
  const kind = (ctx) => ctx.oidc?.params?.grant_type ?? 'unknown';
  provider.on('registration_create.success', () => say('client made'));
  provider.on('registration_delete.success', () => say('client deleted'));
  provider.on('grant.success', (ctx) => say('granted', kind(ctx)));
  provider.on('grant.error', (ctx, error) => say('refused', kind(ctx), error.message));
  provider.on('grant.revoked', () => say('family revoked'));
  provider.on('server_error', (_ctx, error) => say('server error', error.stack));
  return provider;
}

/** An MCP server with one tool. */
function toolServer() {
  const server = new McpServer({ name: 'guarded', version: '1.0.0' });
  server.registerTool('whoami', { description: 'Says who is signed in' }, () => ({
    content: [{ type: 'text', text: 'a person' }],
  }));
  return server;
}

/** The resource server (RFC 9728, RFC 6750) in front of the tools. */
function resourceServer(origin, issuer) {
  const resource = `${origin}/mcp`;
  const metadata = `${origin}/.well-known/oauth-protected-resource/mcp`;
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const verifyAccessToken = async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, { issuer, audience: resource });
      return {
        token,
        clientId: String(payload.client_id),
        scopes: String(payload.scope ?? '').split(' '),
        expiresAt: payload.exp,
      };
    } catch (error) {
      throw new InvalidTokenError(error.message);
    }
  };
  const app = express();
  app.get('/.well-known/oauth-protected-resource/mcp', (_request, response) => {
    response.json({ resource, authorization_servers: [issuer], scopes_supported: [PERMISSION] });
  });
  const guard = requireBearerAuth({
    verifier: { verifyAccessToken },
    requiredScopes: [PERMISSION],
    resourceMetadataUrl: metadata,
  });
  app.all('/mcp', guard, express.json(), async (request, response) => {
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    response.on('close', () => transport.close());
    await toolServer().connect(transport);
    await transport.handleRequest(request, response, request.body);
  });
  return app;
}

const [service, mcp] = await Promise.all([listen(), listen()]);
const provider = signInService(service.origin, `${mcp.origin}/mcp`);
service.server.on('request', provider.callback());
mcp.server.on('request', resourceServer(mcp.origin, service.origin));
say('ready', `${mcp.origin}/mcp`, service.origin);
