// What of a receiver's words may be kept.
import { describe, expect, it } from 'vitest';
import { redact } from '../../src/deliver/redact.ts';

describe('redact', () => {
  it.each([
    ['user anna.meier+x@shop.example not found', 'user [e-mail] not found'],
    ['em=anna%40shop.example', 'em=[e-mail]'],
    ['"em":"anna\\u0040shop.example"', '"em":"[e-mail]"'],
    ['Malformed access token EAAGm0PX4ZCpsBAKZCZBq1ZA9', 'Malformed access token [secret]'],
    ['Authorization: Bearer abc.def', 'Authorization: Bearer [secret]'],
    ['POST /mp/collect?api_secret=xY7_z&v=2', 'POST /mp/collect?api_secret=[secret]&v=2'],
    ['{"access_token": "short1"}', '{"access_token": "[secret]"}'],
    ['hash b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9', 'hash [secret]'],
    ['phone +49 (151) 234-567-89 is invalid', 'phone [number] is invalid'],
    ['caller 4915123456789', 'caller [number]'],
    ['client 203.0.113.77 blocked', 'client [address] blocked'],
    ['client 2001:db8:0:1:2:3:4:5 blocked', 'client [address] blocked'],
  ])('S75 makes %j into %j', (text, kept) => {
    expect(redact(text)).toBe(kept);
  });

  it.each([
    'Meta rejects the event: the event is too old (code 100/2804003, field event_time)',
    'Meta does not accept the access token: it has expired; create a new one in Events Manager',
    'older than 72 hours, GA4 would count it on a wrong day',
    'the host is a private address; set ALLOW_PRIVATE_DESTINATIONS=true if it is meant',
    'answered 503',
  ])('leaves %j as it is', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('keeps 300 characters at most, and one line', () => {
    expect(redact('word '.repeat(1_000))).toHaveLength(300);
    expect(redact('a\r\n\tb\u001b[31mc\u202ed')).toBe('a b [31mc d');
  });

  it('S75 hides a secret that begins before the cut', () => {
    expect(redact(`${'x '.repeat(140)}anna.meier.from.the.very.long.name@shop.example`)).not.toContain('anna');
  });

  it.each(['@', 'a@', '1 ', '1-', 'a1', 'token=', 'token', 'a:', '%40', '-', 'secret:"'])(
    'takes no time over a megabyte of %j',
    (piece) => {
      expect(redact(piece.repeat(500_000)).length).toBeLessThanOrEqual(300);
    },
  );
});
