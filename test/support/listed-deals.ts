// Deals of made-up CRMs that are sales or leads: as their APIs list them, and as their webhooks tell of them.
import { HUBSPOT, PIPEDRIVE } from './list-apis.ts';
import { asHook, iso, type Platform, SECRET, type Told } from './listed-sales.ts';

/** A time in whole seconds, with its zone. */
const wholly = (at: number) => `${iso(at).slice(0, 19)}Z`;
const pipedriveDeal = (n: number, at: number, over: object, previous: object): Pick<Told, 'listed' | 'hook'> => {
  const deal = {
    id: n,
    title: 'Oak tables',
    person_id: 77,
    pipeline_id: 1,
    stage_id: 2,
    status: 'open',
    value: 36.3,
    currency: 'EUR',
    add_time: '2026-01-02T08:00:00Z',
    update_time: wholly(at),
    stage_change_time: null,
    won_time: null,
    lost_time: null,
    custom_fields: {},
    ...over,
  };
  const entity = { entity: 'deal', entity_id: String(n), id: crypto.randomUUID(), timestamp: iso(at) };
  const told = { meta: { action: 'change', ...entity }, data: deal, previous };
  const authorization = `Basic ${btoa(`tagbridge:${SECRET}`)}`;
  return { listed: [deal], hook: asHook('pipedrive', told, { authorization }) };
};
export const pipedrive: Platform = {
  platform: 'pipedrive',
  api: PIPEDRIVE,
  settings: {
    user: 'tagbridge',
    api_token: 'token-of-the-api',
    stages: { 3: 'qualify_lead' },
    events: { purchase: 'on' },
  },
  page: 200,
  sale: (n, at, made = at) => {
    const won = { status: 'won', won_time: wholly(made) };
    return { id: `deal-${n}`, known: String(n), ...pipedriveDeal(n, at, won, { status: 'open', won_time: null }) };
  },
  stage: (n, at, made = at) => {
    const moved = { stage_id: 3, ...(made === at ? { stage_change_time: wholly(at) } : { add_time: wholly(made) }) };
    return { id: String(n), known: String(n), ...pipedriveDeal(n, at, moved, { stage_id: 2 }) };
  },
};

const hubspotDeal = (n: number, at: number, made: number, stage: { dealstage: string } & Record<string, string>) => {
  const properties = {
    hs_object_id: String(n),
    amount: '36.3',
    deal_currency_code: 'EUR',
    createdate: '2026-01-02T08:00:00.000Z',
    hs_lastmodifieddate: iso(at),
    ...stage,
  };
  const change = {
    subscriptionType: 'deal.propertyChange',
    objectId: n,
    propertyName: 'dealstage',
    propertyValue: stage.dealstage,
    occurredAt: made,
    eventId: n,
    attemptNumber: 0,
  };
  const path = `/hooks/shop/hubspot?key=${SECRET}`;
  const listed = [{ id: String(n), properties, updatedAt: iso(at), archived: false }];
  return { known: String(n), listed, hook: { ...asHook('hubspot', [change], {}), path } };
};
export const hubspot: Platform = {
  platform: 'hubspot',
  api: HUBSPOT,
  settings: {
    api_token: 'token-of-the-api',
    stages: { qualifiedtobuy: 'qualify_lead' },
    events: { purchase: 'on' },
    verify: { scheme: 'query' },
  },
  page: 100,
  // Of a pipeline of the account's own, whose stages nobody named.
  sale: (n, at, made = at) => ({
    id: `deal-${n}`,
    ...hubspotDeal(n, at, made, {
      dealstage: '5678',
      hs_is_closed_won: 'true',
      hs_v2_date_entered_current_stage: iso(made),
    }),
  }),
  stage: (n, at, made = at) => ({
    id: String(n),
    ...hubspotDeal(n, at, made, {
      dealstage: 'qualifiedtobuy',
      hs_is_closed_won: 'false',
      // Not every account keeps when a deal came to its stage.
      ...(made === at ? { hs_v2_date_entered_current_stage: iso(at) } : { createdate: iso(made) }),
    }),
  }),
};
