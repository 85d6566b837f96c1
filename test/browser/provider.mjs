// An OpenID provider on this machine: npm's oidc-provider, which is certified,
// with its own login page. Everybody has the password that they type.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { Provider } from "oidc-provider";

const clientId = "latchkey";

// startProvider serves a provider with one client, whose logins end at the
// redirect URIs and which is told of sign-outs at logoutURI. A sub's address is
// SUB@example.com, verified unless the sub begins with "new".
export async function startProvider({ redirectUris, logoutUri, clientSecret }) {
  const server = http.createServer((...exchange) => handler(...exchange));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${server.address().port}`;
  let handler;

  // rotate has the provider sign by another key, and publish no other. It
  // forgets who is signed in there.
  function rotate() {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "ES256" };
    handler = new Provider(issuer, configuration(key)).callback();
  }

  const configuration = (key) => ({
    clients: [{
      client_id: clientId, client_secret: clientSecret, redirect_uris: redirectUris,
      id_token_signed_response_alg: "ES256", backchannel_logout_uri: logoutUri,
    }],
    jwks: { keys: [key] },
    cookies: { keys: ["of a test"] },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 3600, IdToken: 600, Interaction: 600, Session: 3600 },
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    features: { backchannelLogout: { enabled: true } },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({ sub, email: `${sub}@example.com`, email_verified: !sub.startsWith("new") }),
    }),
    // The dispatcher that it asks other servers by refuses loopback.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  });

  rotate();
  return {
    issuer, clientId, rotate,
    stop() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}
