// Alerts: what is open, whom it was told, what is watched with its figures of now, and what is over.
import type { Contact } from '../../alert/contacts.ts';
import type { Figure } from '../../alert/figures.ts';
import type { Finding } from '../../alert/finding.ts';
import type { Pulse } from '../../alert/heartbeat.ts';
import { overAt } from '../../alert/notice.ts';
import type { Sent } from '../../alert/send.ts';
import type { Incident, Outcome } from '../../keep/questions/incidents.ts';
import type { Notice } from '../../keep/questions/notices.ts';
import type { Clock } from '../../types.ts';
import { type Html, html } from '../html.ts';
import { csvLink, list, paged } from '../lists/list-view.ts';
import { ADMIN, type Asked, type Audit, LOOKING, page, type Route } from '../route.ts';
import { ago, complaint, csrfField, folded, link, table, time, told } from '../view/parts.ts';

export type AlertParts = {
  open: () => Promise<Incident[]>;
  ended: (before: string, limit: number) => Promise<Incident[]>;
  notices: (incident_ids: readonly string[]) => Promise<Notice[]>;
  /** What is the case now. */
  watched: () => Promise<{ findings: readonly Finding[]; figures: readonly Figure[] }>;
  contacts: () => readonly Contact[];
  /** What stores do not want to be told. */
  ignored: () => readonly { store: string; kinds: readonly string[] }[];
  test: (contact: Contact) => Promise<Sent>;
  /** Who hears that the bridge runs; undefined where nobody does. */
  pulse: () => Pulse | undefined;
  hasAdminUrl: boolean;
  audit: Audit;
  now: Clock;
};

/** Of what is over and was not mended. */
const ENDINGS: Partial<Record<Outcome, string>> = { left: 'not mended', unwatched: 'not watched any more' };

function toldText({ contact, phase, sent_at, due_at, problem }: Notice): Html {
  const what = phase === 'open' ? 'beginning' : 'end';
  if (sent_at !== undefined) return html`${contact} was told its ${what} at ${time(sent_at)}`;
  const tried = due_at === undefined ? 'and is not tried again' : html`tried again at ${time(due_at)}`;
  return problem === undefined
    ? html`${contact} is told its ${what} in a moment`
    : html`<strong>${contact} was not told its ${what}</strong>: ${problem}, ${tried}`;
}

function incidentView(incident: Incident, findings: readonly Finding[], notices: readonly Notice[], now: number): Html {
  const { id, subject, title, detail, todo, path, since, calm_since } = incident;
  const current = findings.find((finding) => finding.subject === subject);
  const own = notices.filter(({ incident_id }) => incident_id === id);
  return html`<li><p><a href="${path}">${title}</a> <span class="quiet">since ${time(since)}, for ${ago(now - since)}</span></p>
  <p>${current?.detail ?? detail}</p><p class="quiet">What to do: ${todo}</p>
  ${calm_since !== undefined && html`<p class="quiet">Nothing more was seen of it for ${ago(now - calm_since)}; it is over when that lasts.</p>`}
  <p class="quiet">${own.length === 0 ? 'Nobody was told.' : own.map((notice, index) => html`${index > 0 && html`<br>`}${toldText(notice)}`)}</p></li>`;
}

function contactRow({ id, store, messenger }: Contact, { visitor }: Asked) {
  return [
    html`<strong>${messenger.title}</strong><br><code>${id}</code>`,
    store === undefined ? 'everything' : `what concerns ${store}`,
    visitor.user.role === 'admin' &&
      html`<form method="post" action="/alerts/test">${csrfField(visitor)}<input type="hidden" name="contact" value="${id}">
        <button aria-label="Test ${id}">Test</button></form>`,
  ];
}

const nobody = html`<p class="notice wait">Nobody is told. Set ALERT_SLACK_URL, ALERT_DISCORD_URL, ALERT_TEAMS_URL, ALERT_EMAIL or ALERT_WEBHOOK_URL,
or write <code>alerts:</code> into a store file.</p>`;

const UNHEARD = 'Nobody is told when the bridge itself is down: set HEARTBEAT_URL.';

/** Who tells people that the bridge is down; of several replicas one is heard, which need not be this one. */
function pulseText({ host, heard_at, problem }: Pulse): Html {
  const how = html`<strong>${host}</strong> is called every minute to say that the bridge runs, and is to tell you when it hears nothing.`;
  if (problem !== undefined) return html`${how} <strong>It did not hear so the last time</strong>: ${problem}.`;
  return html`${how}${heard_at !== undefined && html` It last took the call at ${time(heard_at)}.`}`;
}

const ALERT = html`<span class="badge bad">alert</span>`;
const ODD = html`<span class="badge wait">worth a look</span>`;
const USUAL = html`<span class="badge good">as usual</span>`;

function stateOf({ subjects }: Figure, open: ReadonlySet<string>, findings: readonly Finding[]): Html {
  if (subjects.some((subject) => open.has(subject))) return ALERT;
  const isOdd = findings.some(({ subject, weight }) => weight !== 'holds' && subjects.includes(subject));
  return isOdd ? ODD : USUAL;
}

/** What is watched: what is not as usual comes first. */
function watchedView(figures: readonly Figure[], open: ReadonlySet<string>, findings: readonly Finding[]): Html {
  const byState = Map.groupBy(figures, (figure) => stateOf(figure, open, findings));
  const rows = [ALERT, ODD, USUAL].flatMap((state) =>
    (byState.get(state) ?? []).map(({ path, name, words }) => [html`<a href="${path}">${name}</a>`, state, words]),
  );
  return folded('watched', rows, (some) => table('What is watched', ['What', 'State', 'Now'], some));
}

export function alertRoutes(parts: AlertParts): Route[] {
  const { open, ended, notices, watched, contacts, ignored, test, pulse, hasAdminUrl, audit, now } = parts;

  const history = async (before: string): Promise<Html> => {
    const { rows, last } = await paged((limit) => ended(before, limit));
    const heads = ['From', 'To', 'What', 'How much', 'Lasted'];
    const cells = rows.map((one) => {
      const { since, title, detail, path, outcome = 'mended' } = one;
      return [
        time(since),
        time(overAt(one)),
        html`<a href="${path}">${title}</a> ${ENDINGS[outcome] !== undefined && html`<span class="badge wait">${ENDINGS[outcome]}</span>`}`,
        detail,
        ago(overAt(one) - since),
      ];
    });
    return list('Over', heads, cells, last && link('/alerts', { before: last.id }));
  };

  const show = async (asked: Asked, said?: Html) => {
    const before = asked.query.get('before') ?? '';
    const [incidents, { findings, figures }, over] = await Promise.all([open(), watched(), history(before)]);
    const told = await notices(incidents.map(({ id }) => id));
    const subjects = new Set(incidents.map(({ subject }) => subject));
    const all = contacts();
    const heard = pulse();
    return page(
      'Alerts',
      html`<h1>Alerts</h1>${said}
<section aria-labelledby="open"><h2 id="open">Open now</h2>
${incidents.length === 0 ? html`<p class="notice good">Nothing.</p>` : folded('open', incidents, (some) => html`<ul class="problems">${some.map((one) => incidentView(one, findings, told, now()))}</ul>`)}</section>
<section aria-labelledby="who"><h2 id="who">Who is told</h2>
<p class="quiet">Each is told once when something begins, and once when it is over.${!hasAdminUrl && ' Set ADMIN_URL, so that messages link to these pages.'}</p>
${
  all.length === 0
    ? nobody
    : table(
        'Who is told',
        ['By', 'Of', html`<span class="hidden">Test</span>`],
        all.map((contact) => contactRow(contact, asked)),
      )
}
${ignored().map(({ store, kinds }) => html`<p class="quiet">Of ${store} nobody is told: ${kinds.join(', ')}.</p>`)}
<p class="quiet">${heard === undefined ? UNHEARD : pulseText(heard)}</p></section>
<section aria-labelledby="watched"><h2 id="watched">What is watched</h2>
${watchedView(figures, subjects, findings)}</section>
<section aria-labelledby="over"><h2 id="over">Over</h2>${over}
${csvLink('alerts', {})}</section>`,
    );
  };

  return [
    { method: 'get', path: '/alerts', roles: LOOKING, answer: (asked) => show(asked) },
    {
      method: 'post',
      path: '/alerts/test',
      roles: ADMIN,
      answer: async (asked) => {
        const id = asked.form.get('contact') ?? '';
        const contact = contacts().find((one) => one.id === id);
        if (contact === undefined)
          return page('Unknown', html`<h1>There is no such contact any more</h1>`, { status: 404 });
        const sent = await test(contact);
        await audit({
          actor: asked.visitor.user.email,
          action: 'alert tested',
          ...(contact.store !== undefined && { store: contact.store }),
          detail: id,
        });
        return show(
          asked,
          sent.ok
            ? told('good', `${id} took the message. See whether it arrived there.`)
            : complaint(`${id} did not take the message: ${sent.problem}.`),
        );
      },
    },
  ];
}
