// All messengers there are.
import type { Messenger } from '../messenger.ts';
import { discord } from './discord.ts';
import { email } from './email.ts';
import { slack } from './slack.ts';
import { teams } from './teams.ts';
import { webhook } from './webhook.ts';

// Each is only ever given settings that its own schema made, so the list may forget their types.
export const messengers = [slack, discord, teams, email, webhook] as readonly Messenger[];
