// Who an identity provider says somebody is (OpenID Connect): code flow with PKCE, state and nonce, checked by openid-client.
import * as oidc from 'openid-client';
import { z } from 'zod';

export type IdentityParts = {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** The claim that names roles, where there is one. */
  roleClaim: string | undefined;
  /** Where the provider sends people back to. */
  redirectUri: () => string;
};
/** `roles` are the provider's own words. */
export type Identity = { email: string | undefined; roles: readonly string[] };
/** What the browser keeps until it comes back; nobody else can use the answer without it. */
export type Attempt = { state: string; nonce: string; verifier: string; next: string };

const TIMEOUT_SECONDS = 10;
const Words = z.union([z.string().transform((one) => [one]), z.array(z.string())]).catch([]);
const Claims = z.object({ email: z.string().optional().catch(undefined), email_verified: z.unknown().optional() });

export function createIdentity({ issuer, clientId, clientSecret, roleClaim, redirectUri }: IdentityParts) {
  let known: Promise<oidc.Configuration> | undefined;
  const discover = (): Promise<oidc.Configuration> => {
    const url = new URL(issuer);
    const execute = [
      oidc.enableNonRepudiationChecks,
      ...(url.protocol === 'http:' ? [oidc.allowInsecureRequests] : []),
    ];
    return oidc.discovery(url, clientId, clientSecret, undefined, { execute, timeout: TIMEOUT_SECONDS });
  };
  /** Asked for once; a provider that did not answer is asked again the next time. */
  const configuration = async (): Promise<oidc.Configuration> => {
    known ??= discover();
    try {
      return await known;
    } catch (error) {
      known = undefined;
      throw error;
    }
  };

  return {
    begin: async (next: string): Promise<{ to: string; attempt: Attempt }> => {
      const config = await configuration();
      const verifier = oidc.randomPKCECodeVerifier();
      const attempt = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier, next };
      const to = oidc.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri(),
        scope: 'openid email',
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state: attempt.state,
        nonce: attempt.nonce,
      });
      return { to: to.href, attempt };
    },

    /** Throws where the answer is not the one to this attempt, or is not the provider's. */
    finish: async (query: URLSearchParams, { state, nonce, verifier }: Attempt): Promise<Identity> => {
      const config = await configuration();
      const back = new URL(redirectUri());
      back.search = query.toString();
      const tokens = await oidc.authorizationCodeGrant(config, back, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('the identity provider sent no id token');
      // Some providers keep the e-mail out of the id token.
      const more =
        claims.email === undefined && config.serverMetadata().userinfo_endpoint !== undefined
          ? await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)
          : {};
      const said: Record<string, unknown> = { ...more, ...claims };
      const { email, email_verified } = Claims.parse(said);
      return {
        email: email_verified === false || email_verified === 'false' ? undefined : email,
        roles: roleClaim === undefined ? [] : Words.parse(said[roleClaim]),
      };
    },
  };
}
export type IdentityProvider = ReturnType<typeof createIdentity>;
