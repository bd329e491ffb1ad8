// Slack, by an incoming webhook: docs.slack.dev/messaging/sending-messages-using-incoming-webhooks.
import { z } from 'zod';
import { headline, jsonRequest, type Messenger, markOf, type Notice } from '../messenger.ts';

const Settings = z.strictObject({ url: z.url().describe('The address of an incoming webhook') });

/** What Slack would take for markup or for a mention. */
const inert = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function block(notice: Notice) {
  const { title, detail, todo, link } = notice;
  const lines = [
    `${markOf(notice)} *${inert(title).replaceAll('*', '∗')}*`,
    inert(detail),
    ...(todo === undefined ? [] : [`_What to do:_ ${inert(todo)}`]),
    ...(link === undefined ? [] : [`<${link}|Open in tagbridge>`]),
  ];
  return { type: 'section', text: { type: 'mrkdwn', text: lines.join('\n').slice(0, 3_000), verbatim: true } };
}

export const slack: Messenger<z.infer<typeof Settings>> = {
  name: 'slack',
  title: 'Slack',
  settings: Settings,
  batch: 20,
  build: (notices, { url }) =>
    jsonRequest(url, { text: inert(headline(notices)), unfurl_links: false, blocks: notices.map(block) }),
};
