// The pages of people who sell on the phone: enter an order or a lead, see what becomes of it, take it back.
import type { Desk, Kind, Listed } from '../../phone/desk.ts';
import { typedIn } from '../../phone/form.ts';
import type { Clock } from '../../types.ts';
import { type Html, html } from '../html.ts';
import { MANY_STORES } from '../lists/list-view.ts';
import { type Answer, type Asked, type Audit, page, type Route, redirect, SELLING } from '../route.ts';
import { ago, complaint, link, told } from '../view/parts.ts';
import { entryForm, type FormState, outlookView } from './form-view.ts';
import { listView, savedView } from './list-view.ts';

export type PhonePagesParts = { desk: Desk; audit: Audit; now: Clock; newId: () => string };

const PATHS: Record<Kind, string> = { order: '/phone', lead: '/phone/leads' };
const TITLES: Record<Kind, string> = { order: 'Phone orders', lead: 'Phone leads' };
const SHOWN = 10;
const undone = (kind: Kind): Html =>
  told(
    'good',
    html`Taken back: nothing of it was sent, and nothing will be. It stands in the form again: correct and save it, or <a href="${PATHS[kind]}">begin with an empty form</a>.`,
  );
const TOO_LATE =
  'It is too late to take it back: work on it has begun, another one was saved in its place, or it is not yours. Look at the list below, and tell an admin.';

/** Whose entries a person sees and may take back: their own; everybody's as an admin. */
const reachOf = ({ visitor: { user } }: Asked): string | undefined => (user.role === 'admin' ? undefined : user.id);

const tabs = (kind: Kind): Html =>
  html`<nav class="tabs" aria-label="What to enter">${(['order', 'lead'] as const).map(
    (one) =>
      html`<a href="${PATHS[one]}"${one === kind && html` aria-current="page"`}>${one === 'order' ? 'Orders' : 'Leads'}</a>`,
  )}<a href="/phone/import">From a file</a></nav>`;

/** Links, not a list beside the form: what is chosen there and not shown yet would be saved for another store. */
function storesToChoose(kind: Kind, stores: readonly { name: string; title: string }[], chosen: string): Html {
  const links = html`<nav class="tabs" aria-label="Stores">${stores.map(
    ({ name, title }) =>
      html`<a href="${link(PATHS[kind], { store: name })}"${name === chosen && html` aria-current="page"`}>${title}</a>`,
  )}</nav>`;
  if (stores.length <= MANY_STORES) return links;
  const { title } = stores.find(({ name }) => name === chosen) ?? { title: chosen };
  return html`<details class="tabs"><summary>Of <strong>${title}</strong>; another store…</summary>${links}</details>`;
}

/** Until when a typing mistake can be mended, and why not later. */
const lasts = (hold: number): string =>
  `${hold === 0 ? 'Once saved' : `An order can be taken back for ${ago(hold)}. After that`} it stays as it was entered; a corrected one would count beside it.`;

const keyIn = (form: URLSearchParams): string | undefined => form.get('key')?.slice(0, 100);
const kindIn = (form: URLSearchParams): Kind => (form.get('kind') === 'lead' ? 'lead' : 'order');

export function phoneRoutes({ desk, audit, now, newId }: PhonePagesParts): Route[] {
  const note = (asked: Asked, what: string, store: string, hook: string) =>
    audit({ actor: asked.visitor.user.email, action: what, store, detail: `hook ${hook}` });

  /** The store that is asked for, else the one of the latest entry, else the first. */
  const storeFor = async (asked: Asked, latest: Listed | undefined, store: string | undefined) => {
    const stores = desk.stores();
    const wanted = store ?? asked.form.get('store') ?? asked.query.get('store') ?? latest?.entered.store;
    return stores.find(({ name }) => name === wanted) ?? stores[0];
  };

  type Shown = Partial<Pick<FormState, 'store' | 'typed' | 'key' | 'outlook' | 'asked' | 'instead'>> & {
    said?: Html | undefined;
    /** What the title begins with. */
    head?: string;
    status?: number;
    /** The address of the form, where the one that was asked does not tell it. */
    of?: string;
  };
  const show = async (
    asked: Asked,
    kind: Kind,
    { said, status = 200, head = status < 400 ? '' : 'Not saved: ', of, ...state }: Shown = {},
  ): Promise<Answer> => {
    const before = asked.query.get('before') ?? '';
    const rows = await desk.list(reachOf(asked), kind, before, SHOWN + 1);
    const shown = rows.slice(0, SHOWN);
    const store = await storeFor(asked, rows[0], state.store);
    if (store === undefined)
      return page(
        TITLES[kind],
        html`<h1>${TITLES[kind]}</h1><p class="notice">No store takes phone orders: mappings/phone.yaml is missing, or a source has its name.</p>`,
      );
    const stores = desk.stores();
    const titles = stores.map(({ name, settings }) => ({ name, title: settings.title ?? name }));
    const currencyOf = (wanted: string): string | undefined =>
      stores.find(({ name }) => name === wanted)?.settings.currency ??
      rows.find(({ entered, body }) => entered.store === wanted && body?.currency !== undefined)?.body?.currency;
    const currency = currencyOf(store.name);
    const form = {
      kind,
      currency,
      typed: {},
      key: newId(),
      asked: false,
      instead: [],
      now: now(),
      ...state,
      store: store.name,
    };
    const last = shown.at(-1);
    const more = rows.length > SHOWN && last ? link(PATHS[kind], { before: last.entered.hook_id }) : undefined;
    return page(
      head + TITLES[kind],
      html`${tabs(kind)}<h1>${TITLES[kind]}</h1>${said}
${before === '' && titles.length > 1 && storesToChoose(kind, titles, store.name)}
${before === '' && entryForm(asked.visitor, form)}
<h2>${reachOf(asked) === undefined ? 'Everybody’s' : 'Your'} ${kind}s</h2>
${kind === 'order' && shown.length > 0 && html`<p class="quiet">${lasts(desk.hold)}</p>`}
${listView(asked.visitor, kind, shown, { key: form.key, currencyOf }, more)}`,
      { status, ...(of !== undefined && { of }) },
    );
  };

  const first = (kind: Kind) => async (asked: Asked) => {
    const saved = asked.query.get('saved');
    const one = saved === null ? undefined : await desk.find(saved, reachOf(asked));
    if (one?.entered.undone === true) return redirect(link(PATHS[kind], { store: one.entered.store, done: 'undone' }));
    return show(asked, kind, one && { said: savedView(asked.visitor, one), head: 'Saved: ' });
  };

  const save =
    (kind: Kind) =>
    async (asked: Asked): Promise<Answer> => {
      const { form, visitor } = asked;
      const typed = typedIn(form);
      const key = keyIn(form) ?? newId();
      const store = form.get('store') ?? '';
      const sure = (form.get('sure') ?? '').split(' ');
      const instead = form.get('instead') ?? undefined;
      const reach = reachOf(asked);
      const saved = await desk.save(store, kind, typed, { user: visitor.user.id, key, sure, instead, reach });
      if (saved === undefined)
        return show(asked, kind, { typed, said: complaint('This store takes no phone orders any more.'), status: 404 });
      if (saved.kind !== 'saved') {
        const { outlook } = saved;
        if (saved.kind === 'undone') return show(asked, kind, { typed, outlook, said: undone(kind), status: 409 });
        const isAsked = saved.kind === 'asked';
        return show(asked, kind, {
          typed,
          key,
          outlook,
          asked: isAsked,
          instead: desk.replaceable(outlook, reach),
          said: saved.kind === 'late' ? complaint(TOO_LATE) : undefined,
          status: saved.kind === 'mistakes' ? 400 : 409,
        });
      }
      const { kept } = saved;
      if (kept.kind === 'kept' && instead !== undefined) await note(asked, `phone ${kind} taken back`, store, instead);
      if (kept.kind === 'kept') await note(asked, `phone ${kind} kept`, store, kept.hook_id);
      return redirect(link(PATHS[kind], { store, saved: kept.hook_id }));
    };

  const undo = async (asked: Asked): Promise<Answer> => {
    const id = asked.form.get('id') ?? '';
    const one = await desk.find(id, reachOf(asked));
    const kind = one?.entered.kind ?? 'order';
    const done = redirect(link(PATHS[kind], { done: 'undone' }));
    if (one?.entered.undone === true) return done;
    const of = PATHS[kind];
    if (one === undefined || !(await desk.undo(id, reachOf(asked))))
      return show(asked, kind, { said: complaint(TOO_LATE), status: 409, of });
    await note(asked, `phone ${kind} taken back`, one.entered.store, id);
    const typed = desk.typedBy(asked.visitor.user.id, one);
    if (typed === undefined) return done;
    const { store } = one.entered;
    const outlook = await desk.look(store, kind, typed);
    return show(asked, kind, { store, typed, ...(outlook && { outlook }), said: undone(kind), of });
  };

  const next = async (asked: Asked): Promise<Answer> => {
    const { form, visitor } = asked;
    const lead = await desk.find(form.get('id') ?? '', reachOf(asked));
    if (lead === undefined)
      return show(asked, 'lead', { said: complaint('There is no such lead of yours.'), status: 404 });
    const typed = typedIn(form);
    const moved = await desk.move(
      lead,
      { stage: typed.stage ?? '', typed },
      { user: visitor.user.id, key: keyIn(form) ?? newId() },
    );
    if ('mistakes' in moved) {
      const said = moved.mistakes.map(({ field, message }) => `${field} ${message}`.trim()).join('; ');
      return show(asked, 'lead', { said: complaint(`Nothing is saved: ${said}.`), status: 400 });
    }
    const { kept } = moved;
    if (kept.kind === 'kept') await note(asked, 'phone lead kept', lead.entered.store, kept.hook_id);
    return redirect(link(PATHS.lead, { saved: kept.hook_id }));
  };

  const look = async ({ form }: Asked): Promise<Answer> => {
    const typed = typedIn(form);
    const outlook = await desk.look(form.get('store') ?? '', kindIn(form), typed);
    const content = outlook === undefined ? html`` : outlookView(outlook, now(), typed.agreed_at === undefined);
    return { kind: 'part', content };
  };

  const get = { method: 'get', roles: SELLING } as const;
  const post = { method: 'post', roles: SELLING } as const;
  return [
    { ...get, path: PATHS.order, answer: first('order') },
    { ...get, path: PATHS.lead, answer: first('lead') },
    { ...post, path: '/phone/orders', answer: save('order') },
    { ...post, path: '/phone/leads', answer: save('lead') },
    { ...post, path: '/phone/leads/next', answer: next },
    { ...post, path: '/phone/undo', answer: undo },
    { ...post, path: '/phone/look', answer: look },
  ];
}
