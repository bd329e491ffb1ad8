// The trace of one hook or one order, and what admins can do about it: look at personal data, map again, send again.
import type { ListedDelivery } from '../../keep/questions/ends.ts';
import type { TracedHook } from '../../keep/questions/trace.ts';
import type { Clock } from '../../types.ts';
import { type Html, html } from '../html.ts';
import { traceLink } from '../lists/list-view.ts';
import { ADMIN, type Answer, type Asked, type Audit, LOOKING, page, type Route, redirect } from '../route.ts';
import { badge, refused, table, time } from '../view/parts.ts';
import { eventView, type Shown } from './event-view.ts';
import type { EventTrace, HookTrace } from './facts.ts';
import { hookView, isUnderWay } from './hook-view.ts';

export type TraceParts = {
  hook: (id: string) => Promise<HookTrace | undefined>;
  order: (store: string, order_id: string) => Promise<{ hooks: TracedHook[]; events: EventTrace[] }>;
  mapAgain: (ids: readonly string[]) => Promise<void>;
  /** How a delivery ended; undefined while it is not finished. */
  findEnd: (event_id: string, destination: string) => Promise<ListedDelivery | undefined>;
  /** Answers how many are sent again: those whose destination the store files still name. */
  sendAgain: (deliveries: readonly ListedDelivery[]) => Promise<number>;
  audit: Audit;
  now: Clock;
};

const notFound = (what: string): Answer =>
  refused('Not found', `There is no ${what} here, or it is older than what is kept.`, 404, {
    href: '/search',
    text: 'To the search',
  });

/** Names the order, so that several open traces can be told apart. */
const titleOf = ({ hook: { store, source }, orders: [told], events }: HookTrace): string => {
  const made = events.find(({ order_id }) => order_id !== undefined)?.order_id;
  const order = told?.order_number ?? made ?? told?.order_id;
  return order === undefined ? `Hook of ${store}/${source}` : `Order ${order}, hook of ${store}/${source}`;
};

export function traceRoutes({ hook, order, mapAgain, findEnd, sendAgain, audit, now }: TraceParts): Route[] {
  const shown = ({ visitor }: Asked, showData = false): Shown => ({ visitor, showData, now: now() });
  const withHook = (answer: (asked: Asked, trace: HookTrace) => Promise<Answer> | Answer) => async (asked: Asked) => {
    const trace = await hook(asked.params.id ?? '');
    return trace === undefined ? notFound('hook with this id') : answer(asked, trace);
  };
  /** As it is now; the stream of a hook that was forgotten meanwhile says nothing. */
  const partOf = async (asked: Asked): Promise<Html> => {
    const trace = await hook(asked.params.id ?? '');
    return trace === undefined ? html`` : hookView(trace, shown(asked));
  };
  return [
    {
      method: 'get',
      path: '/hooks/:id',
      roles: LOOKING,
      answer: withHook((asked, trace) => {
        const view = hookView(trace, shown(asked));
        const live = `/hooks/${trace.hook.id}/live`;
        return page(
          titleOf(trace),
          isUnderWay(trace) ? html`<div data-part="${live}" data-stream="${live}/stream">${view}</div>` : view,
        );
      }),
    },
    {
      method: 'get',
      path: '/hooks/:id/live',
      roles: LOOKING,
      answer: async (asked) => ({ kind: 'part', content: await partOf(asked) }),
    },
    {
      method: 'get',
      path: '/hooks/:id/live/stream',
      roles: LOOKING,
      answer: (asked) => ({ kind: 'stream', part: () => partOf(asked) }),
    },
    {
      method: 'post',
      path: '/hooks/:id/unmask',
      roles: ADMIN,
      answer: withHook(async (asked, trace) => {
        const { store, id } = trace.hook;
        await audit({ actor: asked.visitor.user.email, action: 'personal data shown', store, detail: `hook ${id}` });
        return page(titleOf(trace), hookView(trace, shown(asked, true)));
      }),
    },
    {
      method: 'post',
      path: '/hooks/:id/map',
      roles: ADMIN,
      answer: withHook(async ({ visitor }, { hook: { store, id } }) => {
        await mapAgain([id]);
        await audit({ actor: visitor.user.email, action: 'mapped again', store, detail: `hook ${id}` });
        return redirect(`/hooks/${id}?done=mapped`);
      }),
    },
    {
      method: 'post',
      path: '/deliveries/send',
      roles: ADMIN,
      answer: async ({ form, visitor }) => {
        const end = await findEnd(form.get('event') ?? '', form.get('destination') ?? '');
        // The copy says which end the person saw: of two people who press the button one is enough.
        if (end === undefined || String(end.copy) !== form.get('copy') || (await sendAgain([end])) === 0)
          return page(
            'Not sent',
            html`<h1>Not sent</h1><p>It is on its way already, or its destination is gone from the store file.</p>`,
            { status: 409 },
          );
        const { store, event_id, destination, hook_id } = end;
        await audit({
          actor: visitor.user.email,
          action: 'sent again',
          store,
          detail: `event ${event_id} to ${destination}`,
        });
        return redirect(`/hooks/${hook_id}?done=sent`);
      },
    },
    {
      method: 'get',
      path: '/orders',
      roles: LOOKING,
      answer: async (asked) => {
        const [store, id] = [asked.query.get('store') ?? '', asked.query.get('order') ?? ''];
        const { hooks, events } = await order(store, id);
        if (hooks.length + events.length === 0) return notFound('order with this id');
        return page(
          `Order ${id}`,
          html`<h1>Order ${id} of ${store}</h1>
<p><button type="button" data-copy="">Copy the link</button></p>
<h2>What came in</h2>
${table(
  'Hooks of this order',
  ['Received', 'Source', 'State', 'Why', ''],
  hooks.map((one) => [time(one.received_at), one.source, badge(one.state), one.reason, traceLink(one.id)]),
)}
<ol class="steps">${events.map((event) => eventView(event, [], store, shown(asked)))}</ol>`,
        );
      },
    },
  ];
}
