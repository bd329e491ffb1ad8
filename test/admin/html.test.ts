// The html tag, the masks and the groups of causes: what is shown of text that others wrote.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { html } from '../../src/admin/html.ts';
import { safePath } from '../../src/admin/login/login-pages.ts';
import { causeOf } from '../../src/admin/problems/causes.ts';
import { eventView } from '../../src/admin/trace/event-view.ts';
import type { RouteTrace } from '../../src/admin/trace/facts.ts';
import { maskBody, maskRequest } from '../../src/admin/trace/mask.ts';

describe('the html tag', () => {
  test('leaves no character of a text that could end an element or an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '`', 'a', '\n') }), (text) => {
        expect(html`<a b="${text}">${[text]}</a>`.markup.slice(6, -4)).not.toMatch(/[<"'`](?!>[^<]*$)/);
      }),
    );
  });
  test('keeps markup of its own and escapes what only looks like it', () => {
    expect(html`<p>${html`<b>${'<i>'}</b>`}${undefined}${false}${0}</p>`.markup).toBe('<p><b>&lt;i&gt;</b>0</p>');
    expect(html`${{ markup: '<b>' }}`.markup).toBe('&lt;b&gt;');
  });
});

describe('a masked body', () => {
  const body = {
    id: 820982911946154500,
    email: 'mila@example.com',
    phone: 31612345678,
    financial_status: 'paid',
    total_price: '121.00',
    customer: { first_name: 'Mila', note: 'Call +31 6 1234 5678', id: 7 },
    note_attributes: [{ name: 'delivery', value: 'ring at number 5, mila@example.com' }],
    line_items: [{ title: 'Lamp', quantity: 2, sku: 'LAMP' }],
    status: 'mila@example.com',
  };
  test('shows what was bought and its state, and hides who bought it wherever it stands', () => {
    const text = JSON.stringify(maskBody(body));
    expect(text).not.toMatch(/mila|Mila|31612345678|5678|ring at/);
    expect(maskBody(body)).toMatchObject({
      financial_status: 'paid',
      total_price: '121.00',
      customer: { id: 7 },
      line_items: [{ title: 'Lamp', quantity: 2, sku: 'LAMP' }],
    });
  });
});

test('a masked request cuts hashes, and hides the person’s own texts under any name', () => {
  const request = { user_data: { em: ['a'.repeat(64)], country: 'nl' }, note: 'for Mila', transaction_id: '1042' };
  expect(maskRequest(request, ['Mila'])).toEqual({
    user_data: { em: ['aaaaaa… (hashed)'], country: '••• (2 characters)' },
    note: '••• (8 characters)',
    transaction_id: '1042',
  });
});

describe('an event of a trace', () => {
  const viewer = { id: 'ann', email: 'ann@shop.example', role: 'viewer', created_at: 0, ready: true } as const;
  const shown = { visitor: { user: viewer, token: '', csrf: '' }, showData: false, now: 0 };
  const to = (destination: string): RouteTrace => ({
    ...{ destination, known: true, attempts: [], delivery: undefined, refused: undefined, paused: undefined },
    ...{ inquiry: undefined, report: undefined },
    request: { method: 'POST', url: 'https://ads.example', headers: {}, body: { note: 'for mila@example.com' } },
  });
  /** The page of an event to so many destinations, and how often the lines of the order were read for it. */
  const viewOf = (...destinations: string[]) => {
    let reads = 0;
    const event = {
      ...{ name: 'purchase', event_time: '2026-11-20T12:00:00Z', user_data: { email_address: 'mila@example.com' } },
      get items() {
        reads += 1;
        return [{ item_id: 'LAMP' }];
      },
    } as const;
    const trace = { id: 'e', hook_id: 'h', name: 'purchase', order_id: undefined, event, routes: destinations.map(to) };
    return { markup: eventView(trace, [], 'shop', shown).markup, reads };
  };
  test('hides the person in the request to each destination, and reads the event as often for many as for one', () => {
    const many = viewOf('ga4', 'meta', 'sgtm');
    expect(many.markup.match(/&quot;note&quot;: &quot;••• /g)).toHaveLength(3);
    expect(many.markup).not.toContain('mila@');
    expect(many.reads).toBe(viewOf('ga4').reads);
  });
});

test('reasons about different orders are one cause, about different lines two', () => {
  const reason = (order: string, line: number) =>
    `stores/shop.yaml:${line}:176 purchase.total: "#${order}" is no amount`;
  expect(causeOf(reason('1042', 1))).toBe(causeOf(reason('1043', 1)));
  expect(causeOf(reason('1042', 1))).not.toBe(causeOf(reason('1042', 2)));
});

test('S102 only paths of this site are gone to after the login', () => {
  expect(safePath('/orders?store=shop&order=%231042')).toBe('/orders?store=shop&order=%231042');
  for (const path of [
    null,
    '',
    'x',
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/a\nb',
    '/\t/evil.example',
  ])
    expect(safePath(path)).toBe('/');
});
