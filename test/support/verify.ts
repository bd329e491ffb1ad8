// Asks the verify stage about requests in tests: a source from YAML-like entries, and a world in which nothing can be fetched.
import { type Credentials, type VerifyParts, VerifySettings, verify } from '../../src/verify/verify.ts';

export const NOW = Date.UTC(2026, 0, 31, 12);

/** A source that verifies by these entries. */
export const sourceOf = (
  entries: object | object[],
  secrets: string[],
  settings: Record<string, unknown> = {},
): Credentials => ({
  verify: [entries].flat().map((entry) => VerifySettings.parse(entry)),
  secrets,
  settings,
});

export type Asked = { method?: string; url?: string; headers?: Record<string, string>; body?: Uint8Array | string };
export const requestOf = ({ method = 'POST', url = '/hooks/shop/lamps', headers = {}, body = '' }: Asked) => ({
  method,
  url,
  headers,
  body: Buffer.from(body),
});

/** Why the request is kept out, or `in`. */
export async function ask(source: Credentials, asked: Asked, parts: Partial<VerifyParts> = {}): Promise<string> {
  const verdict = await verify(source, requestOf(asked), {
    now: NOW,
    publicUrl: undefined,
    fetchKey: async () => ({ problem: 'nothing can be fetched here', temporary: true }),
    readBody: async () => undefined,
    check: async () => false,
    ...parts,
  });
  return verdict.ok ? 'in' : `${verdict.later === true ? 'later: ' : ''}${verdict.reason}`;
}
