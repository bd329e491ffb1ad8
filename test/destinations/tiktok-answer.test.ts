// What TikTok's answers mean: by their code, which nearly always comes with HTTP 200.
import { describe, expect, it } from 'vitest';
import { tiktok } from '../../src/destinations/tiktok.ts';
import type { Event } from '../../src/event.ts';
import { order } from './example.ts';
import { webOrder } from './tiktok-example.ts';

const judge = (body: unknown, { status = 200, headers = {}, events = [webOrder()] as Event[] } = {}) =>
  tiktok.judge({ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) }, events);
const said = (code: number, message = 'Some text') => ({ code, message, request_id: 'R', data: {} });

describe('TikTok answers', () => {
  it('0: delivered', () => {
    expect(judge(said(0, 'OK'))).toEqual({ kind: 'delivered' });
  });

  it('that it took a part of several: rejected, so that the bad one is searched for; those that it took it knows again', () => {
    expect(judge(said(20001), { events: [webOrder(), webOrder()] })).toMatchObject({ kind: 'rejected' });
  });

  it('that it took a part of several that it may not know again: the end is unknown', () => {
    const outcome = judge(said(20001), { events: [order(), order()] });
    expect(outcome).toMatchObject({ kind: 'retry', ambiguous: true });
  });

  it('that it took a part of one: delivered, with a note', () => {
    expect(judge(said(20001))).toMatchObject({ kind: 'delivered', note: expect.stringContaining('a part of it') });
  });

  it.each([40101, 40102, 40104, 40105])('%d: waits until there is another token, and says where to get one', (code) => {
    expect(judge(said(code, 'Access token is incorrect'))).toMatchObject({
      kind: 'retry',
      pause: true,
      reason: expect.stringMatching(/access token; create a new one in TikTok Events Manager/),
    });
  });

  it('that nobody may send to this pixel, or that it is none: waits until somebody acts', () => {
    const blamed = ['event_source_id: Not a valid value', 'event_source: Not a valid choice'];
    for (const answer of [said(40001), ...blamed.map((message) => said(40002, message))])
      expect(judge(answer)).toMatchObject({ kind: 'retry', pause: true, reason: expect.stringContaining('pixel_id') });
  });

  it('that it is throttled: waits minutes, or as long as it says', () => {
    const outcome = judge(said(40100));
    expect(outcome).toMatchObject({ kind: 'retry', after: 300_000 });
    expect(outcome).not.toHaveProperty('pause');
    expect(judge(said(40100), { headers: { 'retry-after': '900' } })).toMatchObject({ after: 900_000 });
  });

  it.each([40000, 40002])('%d: rejected, with the field at fault and none of the text', (code) => {
    const outcome = judge(said(code, 'data.0.properties.contents.0.content_id: jane@example.com is no valid string'));
    expect(outcome).toEqual({
      kind: 'rejected',
      reason: `TikTok rejects the event (code ${code}, field contents, content_id)`,
    });
    expect(judge(said(code, 'No'))).toEqual({ kind: 'rejected', reason: `TikTok rejects the event (code ${code})` });
  });

  it.each([50000, 51021, 60001, 12345, 41000])('%d: tries again', (code) => {
    const outcome = judge(said(code));
    expect(outcome).toMatchObject({ kind: 'retry' });
    expect(outcome).not.toHaveProperty('pause');
  });

  it.each([
    [200, '<html>Sorry</html>'],
    [403, '<html>Sorry</html>'],
    [503, ''],
    [200, '{}'],
    [200, 'null'],
    [400, '{"code":"text"}'],
  ])('%d with the body %s: tries again', (status, body) => {
    expect(judge(body, { status })).toMatchObject({ kind: 'retry' });
  });

  it.each([
    [200, '', true],
    [200, '{"code":0,"mess', true],
    [504, '<html>Gateway time-out</html>', true],
    [520, '', true],
    [524, '', true],
    [200, '<html>Log in</html>', undefined],
    [503, '', undefined],
  ])('%d with the body %s: says whether it may have arrived', (status, body, ambiguous) => {
    const outcome = judge(body, { status });
    expect('ambiguous' in outcome ? outcome.ambiguous : undefined).toBe(ambiguous);
  });

  it('that the request is too large: rejected, so that the batch is split', () => {
    expect(judge('<html></html>', { status: 413 })).toMatchObject({ kind: 'rejected' });
  });

  it('nothing at all: tries again, and says that it may have arrived where it was sent', () => {
    const outcome = tiktok.judge({ failure: 'timeout', detail: 'x', sent: true }, [webOrder()]);
    expect(outcome).toMatchObject({ kind: 'retry', ambiguous: true });
  });
});
