// What people without a right to personal data see of a request, of every destination: neither a buyer nor where they live.
import { describe, expect, it } from 'vitest';
import { maskRequest } from '../../src/admin/trace/mask.ts';
import { destinations } from '../../src/destinations/index.ts';
import { ga4Settings, googleAdsSettings, metaSettings, NOW, sgtmSettings, tiktokSettings } from './example.ts';
import { webOrder } from './tiktok-example.ts';

const SETTINGS: Record<string, () => unknown> = {
  ga4: ga4Settings,
  meta: metaSettings,
  sgtm: sgtmSettings,
  google_ads: googleAdsSettings,
  tiktok: tiktokSettings,
};
const address = {
  first_name: 'Mila',
  last_name: "O'Neill-Vos",
  street: 'Berkenlaan 5',
  city: '’s-Gravenhage',
  region: 'Zuid-Holland',
  postal_code: '2511 BT',
  country: 'NL',
};
const person = { email_address: 'Mila.Vos@example.com', phone_number: '+31612345678', address };
const event = webOrder({ user_data: person, ip_override: '203.0.113.99', external_id: 'c-4711', user_id: 'c-4711' });
/** The event's own texts, as the pages know them. */
const OWN = [...Object.values(address), person.email_address, person.phone_number, '203.0.113.99'];

describe.each(destinations)('a masked request to $name', ({ name, build }) => {
  it('says nothing of the buyer, however the receiver wants it written', () => {
    const settings = SETTINGS[name];
    if (settings === undefined) throw new Error(`give settings for ${name}`);
    const request = build([event], settings(), NOW);
    const masked = JSON.stringify(maskRequest(JSON.parse(request.body), OWN));
    expect(masked).not.toMatch(/mila|neill|berkenlaan|gravenhage|holland|2511|bt"|612345678|203\.0|[0-9a-f]{64}/i);
  });
});
