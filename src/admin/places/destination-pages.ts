// Destinations with their state: paused or not, failing or not, what they say of what they got; and the buttons of an admin.
import type { Clock } from '../../types.ts';
import { type Html, html } from '../html.ts';
import { chosenOf, storeFilter } from '../lists/list-view.ts';
import { ADMIN, type Asked, type Audit, LOOKING, page, type Route, redirect } from '../route.ts';
import { action, ago, count, csrfField, folded, link, time } from '../view/parts.ts';
import { noDestination, type Probing, probeForms, probeRoutes } from './probe-pages.ts';
import { type AccountQuality, qualitySection } from './quality-view.ts';
import { type PlaceRecounts, recountLine, recountRoutes } from './recount-pages.ts';

export type AccountFacts = {
  account: string;
  title: string;
  /** Where store files name it: `store/name`. */
  names: { store: string; destination: string }[];
  paused: { reason: string; since: number } | undefined;
  delivered: number;
  failed: number;
  waiting: number;
  oldest: number | undefined;
  /** Of the places whose report is asked. */
  recounts: readonly PlaceRecounts[];
  /** What it says of its events, where it is asked. */
  quality: AccountQuality | undefined;
};
export type DestinationPagesParts = {
  accounts: () => Promise<AccountFacts[]>;
  recounts: () => Promise<PlaceRecounts[]>;
  pause: (account: string, reason: string) => Promise<void>;
  resume: (account: string) => Promise<void>;
  probing: Probing;
  audit: Audit;
  now: Clock;
};

function stateOf({ paused, delivered, failed, waiting }: AccountFacts): Html {
  if (paused !== undefined) return html`<span class="badge bad">paused</span>`;
  if (failed > 0 && delivered === 0) return html`<span class="badge bad">failing</span>`;
  if (failed > 0) return html`<span class="badge wait">some fail</span>`;
  if (delivered > 0) return html`<span class="badge good">working</span>`;
  return waiting > 0
    ? html`<span class="badge wait">waiting</span>`
    : html`<span class="badge calm">nothing sent lately</span>`;
}

function accountView(facts: AccountFacts, asked: Asked, probing: Probing, now: number): Html {
  const { account, title, names, paused, delivered, failed, waiting, oldest } = facts;
  const [first] = names;
  const { visitor } = asked;
  const isAdmin = visitor.user.role === 'admin';
  return html`<section class="card"><h2>${title} <code>${account}</code> ${stateOf(facts)}</h2>
  <p>Used as ${names.map(({ store, destination }, index) => html`${index > 0 && ', '}<a href="${link('/deliveries', { store, destination })}">${store}/${destination}</a>`)}.</p>
  <p>In the last two hours <strong>${count(delivered)}</strong> arrived and <strong>${count(failed)}</strong> ${failed === 1 ? 'try' : 'tries'} failed.
    ${first && html`<a href="${link('/deliveries', { store: first.store, destination: first.destination, kind: 'waiting' })}">${count(waiting)} wait</a>`}${waiting > 0 && oldest !== undefined && `, the oldest for ${ago(now - oldest)}`}.
    ${first && html`<a href="${link('/deliveries', { store: first.store, destination: first.destination, kind: 'skipped' })}">What was not sent, and why</a>`}</p>
  ${facts.recounts.map(recountLine)}
  ${qualitySection(facts.quality, now, names.length)}
  ${paused && html`<p class="notice bad">Paused since ${time(paused.since)}: ${paused.reason}</p>`}
  ${
    isAdmin &&
    (paused === undefined
      ? action(visitor, {
          to: '/destinations/pause',
          label: 'Pause',
          fields: { account },
          sure: 'Nothing is sent there until somebody resumes it. Orders are kept and wait; what grows too old for the destination is lost to it.',
        })
      : html`<form method="post" action="/destinations/resume">${csrfField(visitor)}<input type="hidden" name="account" value="${account}">
          <button class="primary">Resume</button></form>`)
  }
  ${isAdmin && probeForms(asked, names, probing.find)}
</section>`;
}

export function destinationRoutes(parts: DestinationPagesParts): Route[] {
  const { accounts, recounts, pause, resume, probing, audit, now } = parts;
  const change = async (
    { form, visitor }: Asked,
    done: 'paused' | 'resumed',
    act: (account: string) => Promise<void>,
  ) => {
    const account = form.get('account') ?? '';
    if (!(await accounts()).some((one) => one.account === account)) return noDestination();
    await act(account);
    await audit({ actor: visitor.user.email, action: done, detail: account });
    return redirect(`/destinations?done=${done}`);
  };
  return [
    ...probeRoutes({ probing, audit }),
    ...recountRoutes({ recounts }),
    {
      method: 'get',
      path: '/destinations',
      roles: LOOKING,
      answer: async (asked) => {
        const { store: chosen } = chosenOf(asked.query, ['store']);
        const all = await accounts();
        const shown = all.filter(({ names }) => chosen === undefined || names.some(({ store }) => store === chosen));
        return page(
          'Destinations',
          html`<h1>Destinations</h1><p class="quiet">Where events go. What several stores share is paused for all of them.</p>
${storeFilter(
  '/destinations',
  all.flatMap(({ names }) => names),
  chosen,
)}
${folded('accounts', shown, (some) => html`${some.map((facts) => accountView(facts, asked, probing, now()))}`)}`,
        );
      },
    },
    {
      method: 'post',
      path: '/destinations/pause',
      roles: ADMIN,
      answer: (asked) => change(asked, 'paused', (account) => pause(account, 'an admin paused it on this page')),
    },
    {
      method: 'post',
      path: '/destinations/resume',
      roles: ADMIN,
      answer: (asked) => change(asked, 'resumed', resume),
    },
  ];
}
