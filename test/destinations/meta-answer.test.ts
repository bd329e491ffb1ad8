// What Meta's answers mean: by error code, whatever the HTTP status.
import { describe, expect, it } from 'vitest';
import { meta } from '../../src/destinations/meta.ts';
import { phoneOrder } from './example.ts';

const judge = (status: number, body: unknown, headers: Record<string, string> = {}, count = 1) =>
  meta.judge(
    { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) },
    Array.from({ length: count }, () => phoneOrder),
  );
const failed = (code: number, error_subcode?: number, more: object = {}) => ({
  error: { message: 'Texte localisé', type: 'OAuthException', code, error_subcode, fbtrace_id: 'A', ...more },
});

describe('Meta answers', () => {
  it('with the number of events it received: delivered', () => {
    expect(judge(200, { events_received: 1, messages: [], fbtrace_id: 'A' })).toEqual({ kind: 'delivered' });
  });

  it('with warnings: delivered, with a note', () => {
    expect(judge(200, { events_received: 1, messages: ['careful'] })).toMatchObject({
      note: expect.stringContaining('warnings'),
    });
  });

  it.each([1, 3])('with none of %d events: tries again, because nothing arrived', (count) => {
    expect(judge(200, { events_received: 0, messages: [] }, {}, count)).toMatchObject({ kind: 'retry' });
  });

  it('with fewer events than were sent: delivered, with a note', () => {
    expect(judge(200, { events_received: 2, messages: [] }, {}, 3)).toMatchObject({
      note: 'Meta counted 2 of 3 events',
    });
  });

  it.each([
    [190, undefined],
    [190, 460],
    [190, 463],
    [190, 467],
    [10, undefined],
    [3, undefined],
    [200, undefined],
    [299, undefined],
    [294, undefined],
    [102, undefined],
    [104, undefined],
    [100, 33],
    [2635, undefined],
  ])('%s/%s: waits until somebody acts', (code, subcode) => {
    expect(judge(400, failed(code, subcode))).toMatchObject({ kind: 'retry', pause: true });
  });

  it('that a token is expired: says so and where to get a new one', () => {
    expect(judge(401, failed(190, 463))).toMatchObject({
      reason: expect.stringMatching(/access token: it has expired; create a new one in Events Manager/),
    });
  });

  it.each([
    [400, 4, 1504022],
    [500, 17, 2446079],
    [400, 32, undefined],
    [400, 341, undefined],
    [400, 613, 1487742],
    [400, 80000, undefined],
    [400, 80014, undefined],
  ])('%d with code %d/%s: waits minutes', (status, code, subcode) => {
    const outcome = judge(status, failed(code, subcode));
    expect(outcome).toMatchObject({ kind: 'retry', after: 300_000 });
    expect(outcome).not.toHaveProperty('pause');
  });

  it('that it is throttled, with a time: waits that long', () => {
    expect(judge(400, failed(4), { 'retry-after': '900' })).toMatchObject({ after: 900_000 });
  });

  it('that the account is blocked: waits an hour', () => {
    expect(judge(400, failed(368))).toMatchObject({ kind: 'retry', after: 3_600_000 });
  });

  it.each([1, 2, 5000, 21009])('code %d: tries again', (code) => {
    const outcome = judge(500, failed(code));
    expect(outcome).toMatchObject({ kind: 'retry' });
    expect(outcome).not.toHaveProperty('pause');
  });

  it('that an error is transient: tries again even where the code says otherwise', () => {
    expect(judge(400, failed(100, undefined, { is_transient: true }))).toMatchObject({ kind: 'retry' });
  });

  it.each([
    [100, undefined],
    [100, 2804003],
    [100, 2804009],
    [100, 2804050],
    [100, 2804066],
    [105, undefined],
    [2655, undefined],
    [1487301, undefined],
  ])('%d/%s: rejected', (code, subcode) => {
    expect(judge(400, failed(code, subcode))).toMatchObject({ kind: 'rejected' });
  });

  it('with a code that nobody knows: tries again', () => {
    expect(judge(400, failed(987654))).toMatchObject({ kind: 'retry' });
  });

  it('with the field at fault, as an object or as JSON text: names it', () => {
    const error_data = { blame_field_specs: [['data', '0', 'event_time']] };
    expect(judge(400, failed(100, 2804003, { error_data }))).toMatchObject({
      reason: expect.stringContaining('field event_time'),
    });
    expect(judge(400, failed(100, 2804003, { error_data: JSON.stringify(error_data) }))).toMatchObject({
      reason: expect.stringContaining('field event_time'),
    });
    expect(judge(400, failed(100, 2804003, { error_data: '{broken' }))).toMatchObject({ kind: 'rejected' });
  });

  it('whose message quotes a token: keeps it to itself', () => {
    const outcome = judge(401, failed(190, undefined, { message: 'Malformed access token EAAsecret' }));
    expect(JSON.stringify(outcome)).not.toContain('EAAsecret');
  });

  it.each([504, 520, 524])('of a proxy that got none from Meta, %d: says that it may have arrived', (status) => {
    expect(judge(status, '<html>Sorry</html>')).toMatchObject({ kind: 'retry', ambiguous: true });
    expect(judge(503, '<html>Sorry</html>')).not.toHaveProperty('ambiguous');
  });

  it.each([
    [200, '<html>Sorry</html>'],
    [400, '<html>Sorry</html>'],
    [503, '<html>Sorry</html>'],
    [502, ''],
    [200, '{}'],
    [200, 'null'],
    [400, '{"error":"text"}'],
  ])('%d with the body %s: tries again', (status, body) => {
    expect(judge(status, body)).toMatchObject({ kind: 'retry' });
  });

  it('that the request is too large: rejected, so that the batch is split', () => {
    expect(judge(413, '<html></html>')).toMatchObject({ kind: 'rejected' });
  });
});
