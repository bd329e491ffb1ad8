// The shape of `alerts:` in a store file: whom to tell about this store, and what not to tell.
import { z } from 'zod';
import { KIND_NAMES } from './kinds.ts';
import { discord } from './messengers/discord.ts';
import { email } from './messengers/email.ts';
import { slack } from './messengers/slack.ts';
import { teams } from './messengers/teams.ts';
import { webhook } from './messengers/webhook.ts';

export const AlertSettings = z
  .strictObject({
    slack: slack.settings.optional(),
    discord: discord.settings.optional(),
    teams: teams.settings.optional(),
    email: email.settings.optional(),
    webhook: webhook.settings.optional(),
    ignore: z.array(z.enum(KIND_NAMES)).default([]).describe('Kinds of alerts that nobody is told about'),
  })
  .describe('Whom to tell what goes wrong with this store, and what not to tell');
export type AlertSettings = z.infer<typeof AlertSettings>;
