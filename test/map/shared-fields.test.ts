// Fields that all rules of a platform share, and what a store says over them.
import { describe, expect, test } from 'vitest';
import { type Files, mistakes, tryIn } from '../support/yaml.ts';

const CRM = `platform: crm
title: A CRM
verify: [{ scheme: query }, { scheme: bearer }]
hook: {}
fields:
  lead_id: $string(id)
  event_time: $received_at
  gclid: click.gclid
  lead_source: source
events:
  generate_lead: { key: $string(id) }
  working_lead:
    key: $string(id)
    fields: { lead_source: "'by hand'" }
`;
const store = (more: string) => `store: acme
sources:
  crm:
    platform: crm
    secrets: [ \${SHOP_SECRET} ]
${more}
destinations: {}
`;
const files = (more = '', crm = CRM): Files => ({ 'crm.yaml': crm, 'stores/acme.yaml': store(more) });
const LEAD = { id: 1, source: 'form', click: { gclid: 'Cj0K', other: 'AbC' } };
const made = async (more = '') => {
  const { events } = await tryIn(files(more), LEAD, { source: 'crm' });
  return Object.fromEntries(events.map(({ name, gclid, lead_source }) => [name, [gclid, lead_source]]));
};

describe('fields that all rules share', () => {
  test('are in every rule, behind what the rule says itself', async () =>
    expect(await made()).toEqual({ generate_lead: ['Cj0K', 'form'], working_lead: ['Cj0K', 'by hand'] }));

  test('can be changed by the store for all rules, and for one', async () => {
    const gclid = '    fields: { gclid: click.other }';
    expect(await made(gclid)).toMatchObject({ generate_lead: ['AbC', 'form'], working_lead: ['AbC', 'by hand'] });
    expect(await made('    events: { working_lead: { fields: { gclid: click.other } } }')).toEqual({
      generate_lead: ['Cj0K', 'form'],
      working_lead: ['AbC', 'by hand'],
    });
  });

  test('can be taken away by the store from all rules, and from one', async () => {
    expect(await made('    fields: { gclid: off }')).toEqual({
      generate_lead: [undefined, 'form'],
      working_lead: [undefined, 'by hand'],
    });
    expect(await made('    events: { working_lead: { fields: { gclid: off } } }')).toMatchObject({
      generate_lead: ['Cj0K', 'form'],
      working_lead: [undefined, 'by hand'],
    });
  });

  test('give way to a constant of the store', async () =>
    expect(await made('    events: { generate_lead: { set: { lead_source: fair } } }')).toMatchObject({
      generate_lead: ['Cj0K', 'fair'],
    }));

  test('are in rules that only the store has', async () =>
    expect(await made('    events: { demo: { key: $string(id), fields: { lead_source: "\'call\'" } } }')).toMatchObject(
      {
        demo: ['Cj0K', 'call'],
      },
    ));

  test('with mistakes are told once, where they are written', () => {
    const wrong = CRM.replace('click.gclid', '$gcl(').replace('lead_source: source', 'lead_sorce: source');
    expect(mistakes({ 'crm.yaml': wrong })).toEqual([
      expect.stringMatching(/^crm\.yaml:8:\d+ /),
      'crm.yaml:9:15 INVALID fields.lead_sorce: unknown field lead_sorce, did you mean lead_source?',
    ]);
    expect(mistakes(files('    fields: { gclid: $glc(click) }'))).toEqual([
      'stores/acme.yaml:6:22 UNKNOWN_FUNCTION there is no function $glc, did you mean $gcl?',
    ]);
    expect(mistakes(files('    events: { working_lead: { fields: { gclid: $glc(click) } } }'))).toEqual([
      'stores/acme.yaml:6:48 UNKNOWN_FUNCTION there is no function $glc, did you mean $gcl?',
    ]);
  });
});

test('another way to verify in the store leaves nothing of the platform’s', () => {
  const crm = CRM.replace('[{ scheme: query }, { scheme: bearer }]', '{ scheme: header, header: x-secret }');
  expect(mistakes(files('    verify: { scheme: query }', crm))).toEqual([]);
});
