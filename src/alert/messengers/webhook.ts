// A webhook for programs of the operator, signed as Standard Webhooks says (standardwebhooks.com, specification 1.0.0).
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { jsonRequest, type Messenger } from '../messenger.ts';

const PREFIX = 'whsec_';
const Secret = z
  .string()
  .refine((secret) => keyOf(secret).length >= 24, 'is too short: use whsec_ and at least 24 bytes in base64');
const Settings = z.strictObject({
  url: z.url().describe('Where each notice is posted as JSON'),
  secrets: z
    .array(Secret)
    .min(1)
    .describe('Keys of the signature, whsec_ and 24 to 64 bytes in base64; several while one is changed'),
});

const keyOf = (secret: string): Buffer =>
  Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');

export const webhook: Messenger<z.infer<typeof Settings>> = {
  name: 'webhook',
  title: 'Webhook',
  settings: Settings,
  batch: 1,
  build: ([notice], { url, secrets }, { id, at }) => {
    const seconds = String(Math.floor(at / 1000));
    const type = `incident.${notice?.phase === 'end' ? 'ended' : notice?.phase === 'test' ? 'test' : 'began'}`;
    const iso = (time: number | undefined) => (time === undefined ? undefined : new Date(time).toISOString());
    const data = notice && { ...notice, since: iso(notice.since), ended_at: iso(notice.ended_at) };
    const request = jsonRequest(url, { type, timestamp: iso(at), data });
    const sign = (secret: string) =>
      `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.${request.body}`).digest('base64')}`;
    const signature = secrets.map(sign).join(' ');
    const headers = { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature };
    return { ...request, headers: { ...request.headers, ...headers } };
  },
};
