// Discord, by a webhook of a channel: docs.discord.com/developers/resources/webhook#execute-webhook.
import { z } from 'zod';
import { jsonRequest, type Messenger, markOf, type Notice, toneOf } from '../messenger.ts';

const Settings = z.strictObject({ url: z.url().describe('The address of a webhook of a channel') });
const COLOURS = { open: 0xd92d20, end: 0x12915a, past: 0x6b7280, test: 0x1452b8 } as const;

const inert = (text: string): string => text.replace(/[\\`*_~|<>#[\]()-]/g, '\\$&');

function embed(notice: Notice) {
  const { title, detail, todo, link, since, ended_at } = notice;
  const lines = [inert(detail), ...(todo === undefined ? [] : [`**What to do:** ${inert(todo)}`])];
  return {
    title: `${markOf(notice)} ${inert(title)}`.slice(0, 256),
    description: lines.join('\n\n').slice(0, 2_000),
    color: COLOURS[toneOf(notice)],
    timestamp: new Date(ended_at ?? since).toISOString(),
    ...(link !== undefined && { url: link }),
  };
}

export const discord: Messenger<z.infer<typeof Settings>> = {
  name: 'discord',
  title: 'Discord',
  settings: Settings,
  // All texts of the embeds of one message together may have 6,000 characters.
  batch: 2,
  build: (notices, { url }) =>
    jsonRequest(url, { username: 'tagbridge', allowed_mentions: { parse: [] }, embeds: notices.map(embed) }),
};
