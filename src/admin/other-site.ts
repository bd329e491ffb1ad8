// Tells whether a browser says that a page of another site asks.
import type { IncomingHttpHeaders } from 'node:http';

/** Without an `adminUrl` our own site is whatever the browser took us for. Programs that are no browser name no origin. */
export function isOtherSite({ origin, host }: IncomingHttpHeaders, adminUrl: string | undefined): boolean {
  if (origin === undefined) return false;
  return adminUrl === undefined ? URL.parse(origin)?.host !== host : origin !== new URL(adminUrl).origin;
}
