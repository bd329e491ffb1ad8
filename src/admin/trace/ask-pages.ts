// Asking a receiver what became of something it took: the button on a trace, and the answer in words.
import type { Probed } from '../../types.ts';
import { type Html, html } from '../html.ts';
import { LOOKING, page, type Route, type Visitor } from '../route.ts';
import { complaint, csrfField, told } from '../view/parts.ts';

/** Undefined for what was not taken, is no longer known, or whose receiver cannot be asked. */
export type Asking = (event_id: string, destination: string) => Promise<(Probed & { title: string }) | undefined>;

export const askForm = (
  visitor: Visitor,
  asked: { event: string; hook: string; destination: string; help: string },
): Html =>
  html`<form method="post" action="/deliveries/ask">${csrfField(visitor)}
  <input type="hidden" name="event" value="${asked.event}"><input type="hidden" name="hook" value="${asked.hook}"><input type="hidden" name="destination" value="${asked.destination}">
  <button>Ask what became of it</button> <span class="quiet">${asked.help}</span></form>`;

const unknown = () =>
  page(
    'Not known',
    html`<h1>Not known</h1><p>It was not taken there, is older than what is kept, or this destination cannot be asked.</p>`,
    { status: 404 },
  );

export const askRoutes = ({ ask }: { ask: Asking }): Route[] => [
  {
    method: 'post',
    path: '/deliveries/ask',
    roles: LOOKING,
    answer: async ({ form }) => {
      const answer = await ask(form.get('event') ?? '', form.get('destination') ?? '');
      if (answer === undefined) return unknown();
      const { title, ok, text, details } = answer;
      const of = `/hooks/${encodeURIComponent(form.get('hook') ?? '')}`;
      return page(
        `What ${title} says`,
        html`<h1>What ${title} says</h1>${ok ? told('good', text) : complaint(text)}
${details.length > 0 && html`<ul>${details.map((line) => html`<li>${line}</li>`)}</ul>`}
<p class="quiet">It tells of all events that went in the same request.</p><p><a href="${of}">Back to the trace</a></p>`,
        { of },
      );
    },
  },
];
