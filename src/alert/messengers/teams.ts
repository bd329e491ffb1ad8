// Microsoft Teams, by a workflow with the trigger "When a Teams webhook request is received", which takes adaptive cards:
// learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
import { z } from 'zod';
import { headline, jsonRequest, type Messenger, markOf, type Notice, toneOf } from '../messenger.ts';

const Settings = z.strictObject({
  url: z.url().describe('The address of a workflow that posts cards to a channel; it must let anyone trigger it'),
});

const COLOURS = { open: 'Attention', end: 'Good', past: 'Default', test: 'Accent' } as const;

/** Text runs are shown as they are; text blocks would read them as Markdown. */
const text = (value: string, more: object = {}) => ({
  type: 'RichTextBlock',
  inlines: [{ type: 'TextRun', text: value, ...more }],
});

function container(notice: Notice) {
  const { title, detail, todo, link } = notice;
  return {
    type: 'Container',
    separator: true,
    items: [
      text(`${markOf(notice)} ${title}`, {
        weight: 'Bolder',
        size: 'Medium',
        color: COLOURS[toneOf(notice)],
      }),
      text(detail),
      ...(todo === undefined ? [] : [text(`What to do: ${todo}`, { isSubtle: true })]),
      ...(link === undefined
        ? []
        : [{ type: 'ActionSet', actions: [{ type: 'Action.OpenUrl', title: 'Open in tagbridge', url: link }] }]),
    ],
  };
}

export const teams: Messenger<z.infer<typeof Settings>> = {
  name: 'teams',
  title: 'Microsoft Teams',
  settings: Settings,
  batch: 10,
  build: (notices, { url }) =>
    jsonRequest(url, {
      type: 'message',
      summary: headline(notices),
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          contentUrl: null,
          content: {
            $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
            type: 'AdaptiveCard',
            version: '1.4',
            msteams: { width: 'Full' },
            body: notices.map(container),
          },
        },
      ],
    }),
};
