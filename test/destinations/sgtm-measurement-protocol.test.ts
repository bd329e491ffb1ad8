// The sGTM destination where a container is to get Measurement Protocol requests.
import { describe, expect, it } from 'vitest';
import { bodyOf, order } from './example.ts';
import { reason, request } from './sgtm-example.ts';

describe('a Measurement Protocol request to a container', () => {
  const mp = {
    format: 'measurement_protocol',
    url: 'https://sst.shop.example',
    measurement_id: 'G-ABC',
    api_secret: 's',
  };

  it('has the session of its stream', () => {
    const event = order({ session_id: '1795009001', session_ids: 'ABC=1795009000,OTHER1=1795009001' });
    expect(bodyOf(request(event, mp)).events).toMatchObject([{ params: { session_id: '1795009000' } }]);
  });

  it('is Google’s, with the container’s address', () => {
    const made = request(order(), mp);
    expect(made.url).toBe('https://sst.shop.example/mp/collect?measurement_id=G-ABC&api_secret=s');
    expect(bodyOf(made)).toMatchObject({
      client_id: '1380133182.1764792191',
      timestamp_micros: 1795010605000000,
      ip_override: '0.0.0.0',
      user_agent: 'tagbridge',
      events: [
        {
          name: 'purchase',
          params: { transaction_id: '1001', event_id: '1001', event_time: 1795010605, action_source: 'phone_call' },
        },
      ],
    });
  });

  it('of a store with many parameters of its own has no more than Google’s 25', () => {
    const custom = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`own_${n}`, n]));
    expect(Object.keys(bodyOf(request(order({ custom }), mp)).events[0].params)).toHaveLength(25);
  });

  it('is not made of what is denied for analytics, which only the Data Client can be told', () => {
    const denied = order({ consent: { analytics_storage: 'denied', ad_user_data: 'granted' } });
    expect(reason(denied, mp)).toContain('analytics_storage is denied');
    expect(reason(denied)).toBeUndefined();
  });

  it('obeys Google’s rules', () => {
    expect(reason(order({ name: 'session_start' }), mp)).toContain('keeps the event name');
    expect(reason(order({ transaction_id: undefined, order_id: undefined }), mp)).toContain('transaction id');
  });
});
