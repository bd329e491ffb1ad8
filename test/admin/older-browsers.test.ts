// Phones are kept for years: scripts and stylesheet of the pages have no words that Safari 15 and Firefox 115 do not know.
import { transform } from 'rolldown/experimental';
import { expect, test } from 'vitest';
import { EDITOR } from '../../src/admin/mappings/editor.ts';
import { DRAFT_SCRIPT } from '../../src/admin/phone/draft-script.ts';
import { IMPORT_SCRIPT } from '../../src/admin/phone/import-script.ts';
import { CHART_SCRIPT } from '../../src/admin/view/chart-script.ts';
import { SCRIPT } from '../../src/admin/view/script.ts';
import { STYLE } from '../../src/admin/view/style.ts';

const OLD = ['safari15', 'firefox115'];
const SCRIPTS = { SCRIPT, DRAFT_SCRIPT, IMPORT_SCRIPT, CHART_SCRIPT, EDITOR };
/** Of Safari 16.4 and newer: looking back in an expression, and names that are not there. */
const NEWER = /\(\?<[=!]|structuredClone|\b(toSorted|toReversed|findLast|groupBy|requestIdleCallback|withResolvers)\b/;

test.each(Object.entries(SCRIPTS))('%s', async (_, script) => {
  const { code, errors } = await transform('script.js', script, { target: OLD });
  const { code: same } = await transform('script.js', script, { target: 'esnext' });
  expect(errors).toEqual([]);
  expect(code).toBe(same);
  expect(script).not.toMatch(NEWER);
});

test('the stylesheet gives colours that they know, and no rules inside of rules', () => {
  expect(STYLE).not.toMatch(/light-dark\(|color-mix\(|oklch\(|@layer|@container|@scope/);
  const outside = STYLE.replace(/[^{}]*\{[^{}]*\}/g, '');
  expect(outside.match(/[^{}]*\{/g)?.filter((rule) => !rule.trim().startsWith('@media'))).toEqual([]);
});
