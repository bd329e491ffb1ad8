// Settings of sources: what a platform file declares, what a store says, and what is told about mistakes.
import { describe, expect, test } from 'vitest';
import { type Files, mistakes, tryIn } from '../../support/yaml.ts';

const CRM = `platform: crm
title: A CRM
verify: { scheme: query }
hook: {}
settings:
  account: { required: true, help: the number in the address of the CRM }
  region: { default: eu, help: where the account is }
  stages: { type: stages, help: the stages and their events, default: { won: close_convert_lead, lost: close_unconvert_lead } }
events:
  stage:
    when: { "$attr($settings.stages, stage)": { exists: true } }
    key: $string(id)
    fields:
      event_time: $received_at
      lead_id: $string(id)
      lead_stage: $attr($settings.stages, stage)
      lead_source: $settings.region & ' ' & $settings.account
`;
const store = (more: string) => `store: acme
sources:
  crm: { platform: crm, secrets: [ \${SHOP_SECRET} ], ${more} }
destinations: {}
`;
const files = (more: string, crm = CRM): Files => ({ 'crm.yaml': crm, 'stores/acme.yaml': store(more) });
const becomes = async (stage: string, more: string) => {
  const { events } = await tryIn(files(more), { id: 1, stage }, { source: 'crm' });
  return events.map(({ lead_stage }) => lead_stage)[0];
};

describe('settings of a source', () => {
  test('without what the store says hold what the platform file says', async () => {
    const { events } = await tryIn(files('account: 7'), { id: 1, stage: 'won' }, { source: 'crm' });
    expect(events[0]?.lead_source).toBe('eu 7');
  });

  test.each(['https://acme.crm.example/', 'Acme.crm.example', 'acme'])('that are a domain are not %s', (given) => {
    const crm = CRM.replace('settings:', 'settings:\n  shop: { type: host, help: the domain }');
    expect(mistakes(files(`account: 7, shop: ${given}`, crm))).toEqual([
      'stores/acme.yaml:3:72 INVALID shop: write the domain alone, in small letters, such as acme.example',
    ]);
    expect(mistakes(files('account: 7, shop: acme.crm.example', crm))).toEqual([]);
  });

  test.each(['https://acme.crm.example/', 'acme.crm.example/', 'acme.crm.example/../nl', 'acme.crm.example/?a=1'])(
    'that are a site are not %s',
    (given) => {
      const crm = CRM.replace('settings:', 'settings:\n  shop: { type: site, help: the site }');
      expect(mistakes(files(`account: 7, shop: "${given}"`, crm))).toEqual([
        'stores/acme.yaml:3:72 INVALID shop: write the domain, and the folder if it lies in one, such as acme.example/shop',
      ]);
      expect(mistakes(files('account: 7, shop: acme.crm.example/nl/shop', crm))).toEqual([]);
    },
  );

  test('take the stages of the store beside those the platform knows', async () => {
    const stages = 'account: 7, stages: { 3: qualify_lead, lost: off, demo: demo_held }';
    expect(await becomes('3', stages)).toBe('qualify_lead');
    expect(await becomes('demo', stages)).toBe('demo_held');
    expect(await becomes('won', stages)).toBe('close_convert_lead');
    expect(await becomes('lost', stages)).toBe('off');
    expect(await becomes('won', 'account: 7, stages: { won: false }')).toBe('off');
    expect(await becomes('other', stages)).toBeUndefined();
  });

  test('that are required and missing are told with their help', () =>
    expect(mistakes(files('region: us'))).toEqual([
      'stores/acme.yaml:3:3 MISSING account is missing, the number in the address of the CRM',
    ]));

  test('nobody knows are told with the nearest one', () =>
    expect(mistakes(files('account: 7, stage: {}'))).toEqual([
      'stores/acme.yaml:3:66 UNKNOWN_KEY unknown key stage, did you mean stages?',
    ]));

  test('with an event that is nearly a standard one, or none at all, name both', () =>
    expect(mistakes(files('account: 7, stages: { demo: qualified_lead, call: "phone call" }'))).toEqual([
      'stores/acme.yaml:3:82 INVALID stages.demo: is no standard event: qualified_lead, did you mean qualify_lead?',
      'stores/acme.yaml:3:104 INVALID stages.call: is no event name: letters, digits and _, at most 40',
    ]));

  test('with the event in front of its stages are told how to turn it around', () => {
    const stages = 'account: 7, stages: { qualify_lead: Demo held, working_lead: [2, 3], refund: deal_refunded }';
    expect(mistakes(files(stages))).toEqual([
      'stores/acme.yaml:3:76 INVALID stages: qualify_lead is an event; the stage stands in front, the event behind, turn it around: { "Demo held": qualify_lead }',
      'stores/acme.yaml:3:101 INVALID stages: working_lead is an event; the stage stands in front, the event behind, turn it around: { 2: working_lead, 3: working_lead }',
    ]);
  });

  test('of another type than declared are refused', () =>
    expect(mistakes(files('account: [1, 2], stages: won')).map((line) => line.replace(/^\S+ /, ''))).toEqual([
      expect.stringMatching(/^INVALID account: /),
      expect.stringMatching(/^INVALID stages: /),
    ]));

  test('whose default does not fit their type are a mistake of the platform file', () => {
    const crm = CRM.replace('default: eu', 'default: { a: generate_lead }');
    expect(mistakes(files('account: 7', crm))).toContain(
      'crm.yaml:7:22 INVALID settings.region.default: is a table where the type is stages, and only there',
    );
  });
});
