// What to do about a mistake in the YAML of a file, for people who never read of YAML: the parser's own words do not say it.

const SPACES = 'give the keys of one table the same number of spaces';
const QUOTES = `put the whole text in quotes that are not in it, such as '"Acme" Lamps' or "Acme's Lamps"`;
/** Characters that look like a space and are none: they come along with what is copied from pages and documents. */
const ODD_SPACE = '[\\u00A0\\u2000-\\u200B\\u202F\\u3000]';

/** What a line shows by itself, whatever the parser makes of it. */
const SIGNS: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:<{7}|={7}|>{7})(?: |$)/,
    'git left two versions here: keep one, and take out the lines that begin with <<<<<<<, ======= and >>>>>>>',
  ],
  [/^\s*```/, 'take out this line'],
  [/^\s*\/[/*]/, 'a comment begins with #'],
  [new RegExp(ODD_SPACE), 'a space in this line is another character that looks like one: type its spaces anew'],
];

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/same column|^Nested mappings/, SPACES],
  [/^Tabs are not allowed/, 'use spaces'],
  [/^Map keys must be unique/, 'it is there twice: keep one of them'],
  [/^Implicit (map )?keys/, 'write a colon and a space behind a key'],
  [/^Missing closing|sufficiently indented and end with/, 'one was opened above and not closed'],
  [/multiple documents/, 'take out the line ---, or make two files of it'],
  [/at node end$/, QUOTES],
  [
    /^Plain value cannot start|^Anchor cannot|^Unresolved tag|^Block scalar header|^Not a YAML token/,
    'put the whole text in quotes',
  ],
  [/^Invalid escape/, 'put the text in single quotes, where \\ is a letter as any other'],
  [
    /within flow collections|^Missing , or|^Unexpected scalar token$/,
    'put a comma between the parts of { } and [ ], and a text with a colon or a comma in quotes',
  ],
  [/^Unexpected flow-(map|seq)-end/, 'one of } and ] is too many here, or a text with them is not in quotes'],
];

/** `line` is where the mistake was found, `column` counts from 1. */
export function hintOfYaml(message: string, line: string, column: number): string | undefined {
  const sign = SIGNS.find(([shape]) => shape.test(line));
  if (sign !== undefined) return sign[1];
  const behind = line.slice(column - 1);
  if (message.startsWith('Nested mappings') && /:(?: .*|$)/.test(behind))
    return 'put a text with a colon and a space in it in quotes';
  if (message.endsWith('same column') && !line.includes(':'))
    return 'several values are a list: write - and a space before each, or [one, two]';
  const isFirst = line.slice(0, column - 1).trim() === '';
  if (isFirst && message.endsWith('at node end')) return SPACES;
  return WORDS.find(([words]) => words.test(message))?.[1];
}

/** Where a line begins with what looks like a space: the parser takes it for a part of the name behind it. */
export const findOddSpace = (text: string): number => text.search(new RegExp(`(?<=^[ \\t]*)${ODD_SPACE}`, 'm'));

/** A name, a colon and a value in one, as in `{ platform:shopify }`. Addresses of pages are values. */
export const isGlued = (key: string): boolean => /^[A-Za-z_][\w.-]*:(?!\/\/)./.test(key);
