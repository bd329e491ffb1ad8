// People in the lines of the audit: known by who knows them, read by nobody, and few however many ids they have.
import { expect, test } from 'vitest';
import type { Person } from '../../src/keep/person.ts';
import { fingerprints } from '../../src/keep/questions/audit.ts';

const nobody: Person = { emails: [], phones: [], customers: [], orders: [] };

test('a person: by every kind of id: stands there as fingerprints that do not say who they are', () => {
  const line = fingerprints({
    emails: ['ann@example.com'],
    phones: [{ e164: '+31612345678', national: '612345678' }],
    customers: ['77'],
    orders: ['1042'],
  });
  expect(line).toMatch(/^email:[0-9a-f]{12} phone:[0-9a-f]{12} customer:[0-9a-f]{12} order:[0-9a-f]{12}$/);
});

test('an e-mail address: in capitals and with spaces around it: has the same fingerprint, and none of another kind', () => {
  const ann = fingerprints({ ...nobody, emails: ['ann@example.com'] });
  expect(fingerprints({ ...nobody, emails: [' Ann@Example.com'] })).toBe(ann);
  const digits = (text: string) => text.split(':')[1];
  expect(digits(fingerprints({ ...nobody, orders: ['77'] }))).not.toBe(
    digits(fingerprints({ ...nobody, customers: ['77'] })),
  );
});

test('a person with many orders: five stand there, the others are counted', () => {
  const orders = Array.from({ length: 8 }, (_, index) => `${1042 + index}`);
  expect(fingerprints({ ...nobody, orders })).toMatch(/^(order:[0-9a-f]{12} ){5}and 3 more$/);
  expect(fingerprints({ ...nobody, orders: orders.slice(0, 5) })).toMatch(/^(order:[0-9a-f]{12} ?){5}$/);
});
