// A made-up sender of thin hooks, whose look-ups go to the API a test names.
import { formatProblem, type Problem } from '../../src/map/files/files.ts';
import { type Loaded, loadMappings } from '../../src/map/files/load.ts';
import type { Source } from '../../src/map/files/source.ts';
import { mappingParts } from '../../src/mapping-parts.ts';
import { merge } from './stores.ts';

type Table = Record<string, unknown>;
export const TOKEN = 'token-of-the-crm';
export const NOW = Date.UTC(2026, 0, 15, 12);

export const THIN = {
  platform: 'thin',
  title: 'Thin CRM',
  hook: { topic: 'topic' },
  split: 'records',
  settings: {
    api_token: { help: 'A token' },
    client_id: { help: 'The id of an app' },
    client_secret: { help: 'Its secret' },
    refresh_token: { help: 'Its grant' },
    region: { help: 'The data centre' },
  },
  events: {
    generate_lead: {
      topics: ['contact.new'],
      key: '$string(id)',
      fields: {
        lead_id: '$string(id)',
        event_time: '$received_at',
        'user_data.email_address': '$lookup.contact.email',
        gclid: '$lookup.contact.gclid',
      },
    },
  },
};

/** What its events read, for platforms that are about something else: nobody is asked. */
const NEVER_ASKED = { contact: { about: 'the contact', url: 'https://api.crm.example/contacts/{nothing}' } };

/** The platform with `over` laid over it, and a source `crm` with these settings; every mistake is in `problems`. */
export function loadThin(over: Table, settings: Table = { api_token: '${CRM_TOKEN}' }): Loaded {
  const store = {
    store: 'shop',
    sources: { crm: { platform: 'thin', secrets: ['${CRM_SECRET}'], ...settings } },
    destinations: {},
  };
  const file = (name: string, value: unknown) => ({ file: name, text: JSON.stringify(value) });
  const platform = merge('lookups' in over ? THIN : { ...THIN, lookups: NEVER_ASKED }, over);
  const texts = { platforms: [file('thin.yaml', platform)], stores: [file('stores/shop.yaml', store)] };
  return loadMappings(texts, mappingParts({ CRM_SECRET: 'secret-of-the-crm', CRM_TOKEN: TOKEN }));
}

export function thinSource(over: Table, settings?: Table): Source {
  const { stores, problems } = loadThin(over, settings);
  const source = stores.get('shop')?.sources.get('crm');
  if (source === undefined) throw new Error(problems.map(formatProblem).join('\n'));
  return source;
}

export const messages = (problems: readonly Problem[]) => problems.map(({ message }) => message);

/** The look-up of a contact at `origin`. */
export const contactLookup = (origin: string, parts: Table = {}): Table => ({
  about: 'the e-mail and the click id',
  url: `${origin}/contacts/{id}`,
  auth: { bearer: 'api_token' },
  take: 'properties',
  ...parts,
});

/** A hook that names these contacts and says nothing about them. */
export const thinHook = (...ids: (string | number)[]) => ({
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify({ topic: 'contact.new', records: ids.map((id) => ({ id })) })),
  received_at: NOW,
});
