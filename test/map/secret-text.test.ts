// Mapping files as text for people: secrets typed into them are hidden, names of the environment are not.
import { expect, test } from 'vitest';
import { withoutSecrets } from '../../src/map/secret-text.ts';

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
