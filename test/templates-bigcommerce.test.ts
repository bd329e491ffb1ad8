// What goes into a shop of BigCommerce: the script that tells orders, as a page runs it, and the body that makes its webhook.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { guidesOf } from './support/connect.ts';
import { MAPPINGS } from './support/stores.ts';

const template = (name: string) => readFileSync(join(MAPPINGS, 'templates', name), 'utf8');

describe('the script for BigCommerce', () => {
  const [, script = ''] = /<script>\n([\s\S]*)<\/script>/.exec(template('bigcommerce-visits.html')) ?? [];
  const toldOn = (filledIn: string): unknown => {
    const page = createContext({});
    page.window = page;
    runInContext(script.replace('{{checkout.order.id}}', filledIn), page);
    return runInContext('window.tagbridge && tagbridge.q.map((one) => [...one])', page);
  };
  test('tells the order of the page that says thank you, and nothing of other pages', () => {
    expect(toldOn('1042')).toEqual([['order', '1042']]);
    for (const other of ['', '{{checkout.order.id}}']) expect(toldOn(other)).toBeUndefined();
  });
  test('asks for the webhook at the address of the source', () => {
    const [{ steps = [] } = {}] = guidesOf('bigcommerce');
    const { destination, ...asked } = JSON.parse(template('bigcommerce-webhook.json'));
    expect(asked).toEqual({ scope: 'store/order/*', is_active: true });
    expect(steps.join('\n')).toContain(`\`${destination}\``);
  });
});
