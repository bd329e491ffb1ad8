// E-mail, as plain text and simple HTML; which server sends it is a setting of the program.
import { z } from 'zod';
import { headline, type Messenger, markOf, type Notice } from '../messenger.ts';

const Settings = z.strictObject({ to: z.array(z.email()).min(1).max(20).describe('Who gets the e-mails') });

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const inert = (text: string): string => text.replace(/[&<>"]/g, (char) => ESCAPES[char] ?? char);

const asText = (notice: Notice): string =>
  [
    `${markOf(notice)} ${notice.title}`,
    notice.detail,
    ...(notice.todo === undefined ? [] : [`What to do: ${notice.todo}`]),
    ...(notice.link === undefined ? [] : [notice.link]),
  ].join('\n');

const asHtml = (notice: Notice): string =>
  [
    `<p><strong>${markOf(notice)} ${inert(notice.title)}</strong><br>${inert(notice.detail)}</p>`,
    ...(notice.todo === undefined ? [] : [`<p>What to do: ${inert(notice.todo)}</p>`]),
    ...(notice.link === undefined ? [] : [`<p><a href="${inert(notice.link)}">Open in tagbridge</a></p>`]),
  ].join('\n');

export const email: Messenger<z.infer<typeof Settings>> = {
  name: 'email',
  title: 'E-mail',
  settings: Settings,
  batch: 50,
  build: (notices, { to }) => ({
    to,
    subject: headline(notices),
    text: `${notices.map(asText).join('\n\n')}\n`,
    html: notices.map(asHtml).join('\n<hr>\n'),
  }),
};
