// The API of a shop after a day of orders, and a token that may do all; what its lists and refusals look like.
import { vi } from 'vitest';
import { z } from 'zod';
import { type Client, createClient, makeToken } from './api.ts';
import { auditedIn } from './audited.ts';
import { type Browser, becomeAdmin } from './browser.ts';
import { type Rig, startRig } from './service.ts';
import { makeDay, traceOf } from './shop.ts';

export type ApiDay = { rig: Rig; admin: Browser; token: string; client: Client; hook: string };

export async function startApiDay(): Promise<ApiDay> {
  const rig = await startRig({ PUBLIC_URL: 'https://hooks.lamps.example' });
  const admin = await becomeAdmin(rig);
  await makeDay(rig, admin);
  const hook = (await traceOf(admin, '1042')).slice('/hooks/'.length);
  const token = await makeToken(admin, { name: 'all of it', scopes: ['read', 'act', 'personal_data', 'audit'] });
  return { rig, admin, token, client: createClient(rig, token), hook };
}

/** No time passes, in which more would be let in: a busy machine takes long for many requests. */
export const stopClock = () => void vi.spyOn(Date, 'now').mockReturnValue(Date.now());

/** Audit rows as they are kept, the oldest first. */
export async function auditLines(rig: Rig, action: string): Promise<string[]> {
  return (await auditedIn(rig, action)).map(({ actor, detail }) => `${actor}: ${detail}`);
}
export const Items = z.object({ items: z.array(z.looseObject({})), next: z.string().optional() });
export const Problem = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  detail: z.string().min(10),
  errors: z.array(z.object({ field: z.string(), detail: z.string() })).optional(),
});
