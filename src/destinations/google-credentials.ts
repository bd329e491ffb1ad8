// By what Google knows the bridge: the key of a service account, or a refresh token that a person of the account gave.
import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { readJson } from '../lib/json.ts';
import type { Grant, GrantRefusal } from '../types.ts';
import { perSettings } from './per-settings.ts';
import { HttpUrl } from './settings.ts';

const ISSUER = 'https://accounts.google.com';
const TOKEN_ENDPOINT = 'https://oauth2.googleapis.com/token';
/** Stands for a secret where mapping files are only tried out. */
const UNSHOWN = '***';

const KeyFile = z.object({
  client_email: z.string().min(3),
  private_key: z.string().refine(isRsaKey),
  private_key_id: z.string().optional(),
});

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

/** The key file as Google hands it out, or the same in base64, which fits where quotes and braces do not. */
function readKeyFile(text: string): z.infer<typeof KeyFile> | undefined {
  const json = text.trim().startsWith('{') ? text : Buffer.from(text, 'base64').toString('utf8');
  return readJson(KeyFile, json);
}

const notEmpty = z.string().min(1, 'is empty');
/** Settings of a destination; `checkCredentials` says whether enough of them are there. */
export const Credentials = {
  service_account: z
    .string()
    .refine(
      (text) => text === UNSHOWN || readKeyFile(text) !== undefined,
      'is no key file of a service account; make one in Google Cloud under IAM, Service accounts, Keys, and give its whole text, or the text in base64',
    )
    .optional()
    .describe('The JSON key file of a service account, as text or in base64'),
  client_id: notEmpty
    .optional()
    .describe('In place of a service account: the OAuth client of your Google Cloud project'),
  client_secret: notEmpty.optional().describe('Its secret'),
  refresh_token: notEmpty.optional().describe('What a person with access to the account gave this client'),
  token_endpoint: HttpUrl.optional().describe('Address that replaces Google’s token server'),
};
export type Credentials = { [Key in keyof typeof Credentials]?: string | undefined };

/** What is missing, in words; undefined when it is right. */
export function checkCredentials({ service_account, client_id, client_secret, refresh_token }: Credentials) {
  const person = [client_id, client_secret, refresh_token].filter((value) => value !== undefined).length;
  if (service_account !== undefined && person === 0) return undefined;
  if (service_account !== undefined)
    return 'takes no client_id, client_secret and refresh_token beside it; choose one way';
  if (person === 3) return undefined;
  return 'is missing; give the key of a service account, or client_id, client_secret and refresh_token together';
}

const keyFileOf = perSettings(({ service_account = '' }: Credentials) => readKeyFile(service_account));

/** https://developers.google.com/identity/protocols/oauth2/service-account and …/oauth2/web-server#offline */
export function googleGrant(settings: Credentials, scope: string): Grant {
  const {
    client_id = '',
    client_secret = '',
    refresh_token = '',
    token_endpoint: endpoint = TOKEN_ENDPOINT,
  } = settings;
  const file = keyFileOf(settings);
  const giver = { endpoint, issuer: ISSUER };
  if (file === undefined) return { kind: 'refresh_token', ...giver, client_id, client_secret, refresh_token };
  const { client_email: client, private_key: key, private_key_id: key_id } = file;
  return { kind: 'assertion', ...giver, client, audience: TOKEN_ENDPOINT, scope, key, key_id };
}

/** https://developers.google.com/identity/protocols/oauth2/service-account#error-codes */
export function googleRefused({ error, status }: GrantRefusal, settings: Credentials): string {
  const isAccount = keyFileOf(settings) !== undefined;
  const code = `(${error}, HTTP ${status})`;
  if (error === 'invalid_grant' && isAccount)
    return `Google does not take the key of the service account: it was deleted or disabled, or this machine’s clock is wrong; make a new key in Google Cloud under IAM, Service accounts, and put it where service_account points to ${code}`;
  if (error === 'invalid_grant')
    return `Google does not take the refresh token: it has expired or was withdrawn, as those of an app in testing are after 7 days; let a person of the Google Ads account log in again, and put the new one where refresh_token points to ${code}`;
  if (error === 'invalid_client' || error === 'unauthorized_client')
    return `Google does not know this OAuth client or its secret; compare client_id and client_secret with Google Cloud, APIs and services, Credentials ${code}`;
  if (error === 'invalid_scope')
    return `Google gives no token for the Data Manager API; enable it in the Google Cloud project ${code}`;
  return `Google gives no token; check the credentials in the store file ${code}`;
}
