// Testing the connection to a destination: what is asked for, and what came of it in words.
import type { Probe, ProbeAsk, Probed } from '../../types.ts';
import { type Html, html } from '../html.ts';
import { ADMIN, type Asked, type Audit, page, type Route } from '../route.ts';
import { complaint, csrfField, told } from '../view/parts.ts';

type Tested = Pick<Probe<never>, 'help' | 'asks'>;
/** A request with its secrets masked. */
type Shown = { method: string; url: string; headers: Record<string, string>; body: unknown };
export type ProbeResult = Probed & { status: number | undefined; request: Shown };
/** Both answer undefined for what is no destination of a store. */
export type Probing = {
  find: (store: string, destination: string) => Tested | undefined;
  run: (store: string, destination: string, given: Record<string, string>) => Promise<ProbeResult | undefined>;
};
export type ProbePagesParts = { probing: Probing; audit: Audit };

type Place = { store: string; destination: string };

const field = ({ name, label, help, pattern }: ProbeAsk, value: string): Html => html`<label>${label}
  <input name="${name}" value="${value}" pattern="${pattern.source}" autocomplete="off" required></label><p class="quiet">${help}</p>`;

/** What is asked for, and the button. */
const form = (
  { visitor }: Asked,
  { store, destination }: Place,
  { help, asks }: Tested,
  given: Readonly<Record<string, string>> = {},
): Html =>
  html`<form method="post" action="/destinations/test" class="stack">${csrfField(visitor)}
  <input type="hidden" name="store" value="${store}"><input type="hidden" name="destination" value="${destination}">
  <p>${help}</p>${asks.map((ask) => field(ask, given[ask.name] ?? ''))}
  <button class="primary">Test the connection</button></form>`;

/** For the places where one destination is used: with several, each is named, as each may have a token of its own. */
export const probeForms = (asked: Asked, places: readonly Place[], find: Probing['find']): Html[] =>
  places.flatMap((place) => {
    const probe = find(place.store, place.destination);
    const name = places.length > 1 && ` as ${place.store}/${place.destination}`;
    return probe === undefined
      ? []
      : [
          html`<details class="confirm"><summary>Test the connection${name}…</summary>${form(asked, place, probe)}</details>`,
        ];
  });

const requestView = ({ method, url, headers, body }: Shown): Html => html`<details><summary>What was sent</summary>
<pre translate="no" tabindex="0">${method} ${url}
${Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`)}
${JSON.stringify(body, undefined, 2)}</pre></details>`;

const resultView = ({
  ok,
  text,
  details,
  status,
  request,
}: ProbeResult): Html => html`${ok ? told('good', text) : complaint(text)}
${details.length > 0 && html`<ul>${details.map((line) => html`<li>${line}</li>`)}</ul>`}
<p class="quiet">${status === undefined ? 'Nothing was answered.' : `The answer had status ${status}.`} This test is in no list and no sum.</p>
${requestView(request)}`;

/** For what no store file names any more. */
export const noDestination = () =>
  page('Unknown', html`<h1>There is no such destination any more</h1>`, { status: 404 });

export function probeRoutes({ probing, audit }: ProbePagesParts): Route[] {
  return [
    {
      method: 'post',
      path: '/destinations/test',
      roles: ADMIN,
      answer: async (asked) => {
        const text = (name: string) => (asked.form.get(name) ?? '').trim();
        const place = { store: text('store'), destination: text('destination') };
        const probe = probing.find(place.store, place.destination);
        if (probe === undefined) return noDestination();
        const name = `${place.store}/${place.destination}`;
        const given = Object.fromEntries(probe.asks.map((ask) => [ask.name, text(ask.name)]));
        const show = (content: Html, status = 200) =>
          page(
            `Test of ${name}`,
            html`<h1>Test of ${name}</h1>${content}<section class="card">${form(asked, place, probe, given)}</section>
<p><a href="/destinations">To all destinations</a></p>`,
            { status },
          );
        const wrong = probe.asks.find((ask) => !ask.pattern.test(given[ask.name] ?? ''));
        if (wrong !== undefined) return show(complaint(`${wrong.label}: this does not look like one.`), 400);
        const result = await probing.run(place.store, place.destination, given);
        if (result === undefined) return noDestination();
        const detail = `${place.destination}: ${result.ok ? 'works' : 'fails'}`;
        await audit({ actor: asked.visitor.user.email, action: 'connection tested', store: place.store, detail });
        return show(resultView(result));
      },
    },
  ];
}
