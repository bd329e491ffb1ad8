// Encryption at rest: round trips, rotation, and what a wrong key says.
import { describe, expect, test } from 'vitest';
import { OperatorError } from '../../src/lib/errors.ts';
import { createVault, plainVault, vaultOf } from '../../src/lib/vault.ts';

const OLD = Buffer.alloc(32, 1).toString('base64');
const NEW = Buffer.alloc(32, 2).toString('hex');
const TEXT = Buffer.from('ann@example.com bought a lamp');
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe.each([
  ['plain', plainVault],
  ['encrypted', createVault([OLD])],
])('a %s vault', (_, vault) => {
  test.each([0, 1, 16, 10_000])('gives %i bytes back', (length) => {
    const bytes = Uint8Array.from({ length }, (_, index) => index % 256);
    expect([...vault.open(vault.seal(bytes))]).toEqual([...bytes]);
  });
});

test('a sealed value shows nothing of what is inside and differs each time', () => {
  const vault = createVault([OLD]);
  const [first, second] = [vault.seal(TEXT), vault.seal(TEXT)];
  expect(text(first)).not.toContain('ann');
  expect(Buffer.compare(first, second)).not.toBe(0);
});

test('after rotation the old key still opens and the new one seals', () => {
  const sealedBefore = createVault([OLD]).seal(TEXT);
  const rotated = createVault([NEW, OLD]);
  expect(text(rotated.open(sealedBefore))).toBe(text(TEXT));
  expect(text(createVault([NEW]).open(rotated.seal(TEXT)))).toBe(text(TEXT));
});

test('what was kept before encryption was turned on still opens', () => {
  expect(text(createVault([NEW]).open(plainVault.seal(TEXT)))).toBe(text(TEXT));
});

test('a key that is missing or another one is an operator’s mistake that names the key, not the secret', () => {
  const sealed = createVault([OLD]).seal(TEXT);
  for (const vault of [plainVault, createVault([NEW])]) {
    expect(() => vault.open(sealed)).toThrow(OperatorError);
    expect(() => vault.open(sealed)).toThrow(/encrypted with key [0-9a-f]{8}/);
  }
});

test.each([0, 1, 5, 17, 33, 40])('a value changed in byte %i does not open', (index) => {
  const vault = createVault([OLD]);
  const sealed = Uint8Array.from(vault.seal(TEXT));
  sealed[index] = (sealed[index] ?? 0) ^ 0x41;
  expect(() => vault.open(sealed)).toThrow();
});

test('a key of the wrong length is refused by its place in the list', () => {
  expect(() => createVault([OLD, 'c2hvcnQ='])).toThrow(/key 2 is not 32 bytes/);
  expect(() => createVault([])).toThrow(OperatorError);
});

test('the setting may name several keys, or none for plain', () => {
  const sealed = createVault([OLD]).seal(TEXT);
  expect(text(vaultOf(`${NEW}, ${OLD}`).open(sealed))).toBe(text(TEXT));
  expect(vaultOf(undefined)).toBe(plainVault);
});

test('a mark is the same for the same text and key, differs without the key, and outlives rotation', () => {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const vault = createVault([OLD]);
  const mark = hex(vault.mark('email ann@example.com'));
  expect(mark).toMatch(/^[0-9a-f]{32}$/);
  expect(hex(createVault([OLD]).mark('email ann@example.com'))).toBe(mark);
  for (const other of [plainVault.mark('email ann@example.com'), createVault([NEW]).mark('email ann@example.com')])
    expect(hex(other)).not.toBe(mark);
  const found = createVault([NEW, OLD]).marks('email ann@example.com').map(hex);
  expect(found[0]).toBe(hex(createVault([NEW]).mark('email ann@example.com')));
  expect(found).toContain(mark);
  expect(found).toContain(hex(plainVault.mark('email ann@example.com')));
});
