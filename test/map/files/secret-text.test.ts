// Mapping files as text for people: secrets typed into them are hidden, names of the environment are not.
import { expect, test } from 'vitest';
import { formatProblem } from '../../../src/map/files/files.ts';
import { withoutSecrets } from '../../../src/map/files/secret-text.ts';
import { ACME, ENV, load, SHOP } from '../../support/yaml.ts';

const hide = (text: string) => withoutSecrets(text, new Set(['api_secret', 'headers']));

test('secrets of sources and destinations are hidden, in every style of YAML, and their lines are told', () => {
  const { text, lines } = hide(`store: x
sources:
  a: { platform: s, secrets: [\${A}, typed-1], user: \${U}, apikey: typed-6, password: typed-7 }
  b:
    secrets:
      - |
        typed-2
        typed-2
      - "typed-3"
      - "\${B}"
destinations:
  ga4: { measurement_id: G-1, api_secret: typed-4 }
  sgtm: { url: http://x, headers: { x-a: \${T}, b: typed-5 } }
  number: { api_secret: 12345 }
`);
  expect(text).toBe(`store: x
sources:
  a: { platform: s, secrets: [\${A}, "***"], user: \${U}, apikey: "***", password: "***" }
  b:
    secrets:
      - "***"
      - "***"
      - "\${B}"
destinations:
  ga4: { measurement_id: G-1, api_secret: "***" }
  sgtm: { url: http://x, headers: { x-a: \${T}, b: "***" } }
  number: { api_secret: "***" }
`);
  expect(lines).toEqual([3, 3, 3, 6, 9, 12, 13, 14]);
});

test('secrets of those who are told are hidden, and so are the addresses of chats, whoever knows which may write there', () => {
  const { text } = hide(
    'alerts:\n  slack: { url: https://chat.example/typed-1 }\n  webhook: { url: "${U}", secrets: [typed-2] }\n  email: { to: [a@example.com] }\n',
  );
  expect(text).toBe(
    'alerts:\n  slack: { url: "***" }\n  webhook: { url: "${U}", secrets: ["***"] }\n  email: { to: [a@example.com] }\n',
  );
});

test('files without them, empty and broken ones come back as they are, as far as they can be read', () => {
  for (const text of ['', '# nothing', 'store: [', 'sources: 1', '\t- x', 'a: *b'])
    expect(hide(text)).toEqual({ text, lines: [] });
  expect(hide('destinations:\n  ga4: { api_secret: typed }\nstore: [').text).not.toContain('typed');
  expect(hide('{"destinations":{"ga4":{"api_secret":"typed"}}}').text).toBe(
    '{"destinations":{"ga4":{"api_secret":"***"}}}',
  );
});

const written = (store: string) =>
  load({ 'shop.yaml': SHOP, 'stores/acme.yaml': store }, { ...ENV, NAMED: 'a secret of forty letters and digits' })
    .warnings.filter(({ code }) => ['WRITTEN_SECRET', 'NO_NAME'].includes(code))
    .map(formatProblem);

test('secrets that were written into a store file are told, without them, with the name to write in their place', () => {
  const typed = 'typed-by-somebody-0123456789';
  const store = `${ACME.replace('${SHOP_SECRET}', typed).replace('${GA4_SECRET}', typed)}  sgtm: { url: https://sst.acme.example/data, headers: { x-env: shop } }
alerts: { slack: { url: https://chat.example/${typed} }, webhook: { url: https://ops.acme.example, secrets: [ whsec_${Buffer.from(typed).toString('base64')} ] } }
`;
  const said = written(store);
  expect(said).toEqual([
    'stores/acme.yaml:3:38 WRITTEN_SECRET a secret stands in this file, and in every copy of it, put it into .env as ACME_SHOP_SECRET=…, and write "${ACME_SHOP_SECRET}" here',
    expect.stringMatching(/:5:52 WRITTEN_SECRET .* as ACME_GA4_API_SECRET=…/),
    expect.stringMatching(/:7:25 WRITTEN_SECRET .* as ACME_SLACK_URL=…/),
    expect.stringMatching(/ WRITTEN_SECRET .* as ACME_WEBHOOK_SECRET=…/),
  ]);
  expect(said.join()).not.toContain(typed);
});

test('two secrets are offered two names, and none a name that means another one already', () => {
  const eu = (store: string, sources: string) =>
    `store: ${store}\nsources: { ${sources} }\ndestinations: { ga4: { measurement_id: G-TEST000001, api_secret: "\${GA4_SECRET}" } }\n`;
  const { warnings } = load(
    {
      'shop.yaml': SHOP,
      // The new secret goes in front, and the old one has the name.
      'stores/a.yaml': eu('a', 'shop: { platform: shop, secrets: [new-in-front-0123456789, "${A_SHOP_SECRET}"] }'),
      'stores/acme-eu.yaml': eu('acme-eu', 'shop: { platform: shop, secrets: [typed-in-one-0123456789] }'),
      'stores/acme.yaml': eu(
        'acme',
        'eu-shop: { platform: shop, secrets: [typed-in-two-0123456789] }, eu_shop: { platform: shop, secrets: [typed-in-one-0123456789] }',
      ),
    },
    { ...ENV, A_SHOP_SECRET: 'the old secret of shop a' },
  );
  const names = warnings.flatMap(({ hint }) => /\.env as (\w+)=/.exec(hint ?? '')?.[1] ?? []);
  // What is one secret has one name.
  expect(names).toEqual(['A_SHOP_SECRET_2', 'ACME_EU_SHOP_SECRET', 'ACME_EU_SHOP_SECRET_2', 'ACME_EU_SHOP_SECRET']);
});

test('nothing is said of secrets that are names, and one word of a name that is not written as one', () => {
  expect(written(ACME)).toEqual([]);
  expect(written(ACME.replace('${SHOP_SECRET}', 'whsec_${SHOP_SECRET}'))).toEqual([]);
  expect(written(ACME.replace('${SHOP_SECRET}', 'NAMED'))).toEqual([expect.stringContaining('NO_NAME')]);
});

test('each gets a name of its own that can be written, also the second secret of a list and those of a shop that begins with a digit', () => {
  const typed = 'typed-by-somebody-0123456789';
  const named = (secrets: string) =>
    written(ACME.replace('store: acme', 'store: 7acme').replace('${SHOP_SECRET}', secrets)).map(
      (one) => /"(\S+)" here$/.exec(one)?.[1],
    );
  expect(named(`${typed}, ${typed}2`)).toEqual(['${_7ACME_SHOP_SECRET}', '${_7ACME_SHOP_SECRET_2}']);
  expect(named(`"\${NAMED}", ${typed}`)).toEqual(['${_7ACME_SHOP_SECRET_2}']);
});
