// Addresses in Meta's Graph API, with the token and where there is an app secret its proof.
// https://developers.facebook.com/docs/graph-api/guides/secure-requests
import { hmacSha256 } from '../lib/hash.ts';

const ORIGIN = 'https://graph.facebook.com';

type Access = {
  access_token: string;
  app_secret?: string | undefined;
  api_version: string;
  endpoint?: string | undefined;
};

/** Nobody may see it: the token is in it. */
export function graphAddress(
  { access_token, app_secret, api_version, endpoint }: Access,
  path: string,
  more: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams({ ...more, access_token });
  if (app_secret !== undefined) query.set('appsecret_proof', hmacSha256(app_secret, access_token));
  return `${endpoint ?? ORIGIN}/${api_version}/${path}?${query}`;
}
