// Log lines: plain JSON, and never a credential.
import { expect, test } from 'vitest';
import { createLog } from '../../src/lib/log.ts';

const logged = (fields: object): unknown => {
  const lines: string[] = [];
  createLog('info', { write: (line: string) => void lines.push(line) }).info(fields, 'hook.received');
  const { time, ...line } = JSON.parse(lines.join(''));
  expect(time).toMatch(/^\d{4}-\d\d-\d\dT/);
  return line;
};

test('a line has its level, its name and the fields given', () => {
  const line = logged({ store: 'shop', status: 200, problems: ['a'] });
  expect(line).toEqual({ level: 'info', msg: 'hook.received', store: 'shop', status: 200, problems: ['a'] });
});

test('credentials are left out at any depth, and what stands beside them stays', () => {
  const settings = { access_token: 'x', pixel_id: '1', inner: { secrets: ['x'], name: 'ga4' } };
  expect(logged({ authorization: 'x', password: 'x', settings })).toEqual({
    level: 'info',
    msg: 'hook.received',
    settings: { pixel_id: '1', inner: { name: 'ga4' } },
  });
});
