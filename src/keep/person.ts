// Who a request is about, and how that person is found in the text of events and of hooks.

/** A number as E.164, and its digits without the country code, because shops write it either way. */
export type Phone = { e164: string; national: string };
/** One person by everything that is known of them; anything that fits is theirs. Ids are those of the shop. */
export type Person = {
  emails: readonly string[];
  phones: readonly Phone[];
  customers: readonly string[];
  orders: readonly string[];
};

/** The pattern is only tried where the lower-case text has the hint. */
type Needle = { hint: string; pattern: RegExp; fits?: (match: RegExpExecArray) => boolean };

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
/** Texts are quoted in texts: the percent sign of an escape may be escaped itself. */
const PERCENT = '%(?:25)*';
/** A character as it stands in JSON, in XML, in a form or escaped in any of them. */
function anyForm(character: string): string {
  if (/[a-z0-9]/i.test(character)) return character;
  const escaped = Array.from({ length: character.length }, (_, index) => {
    return `\\\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  });
  const code = character.codePointAt(0) ?? 0;
  const entity = `&#(?:0*${code}|x0*${code.toString(16)});`;
  return `(?:${literal(character)}|${percent(character)}|${escaped.join('')}|${entity})`;
}
const percent = (character: string): string =>
  [...Buffer.from(character)].map((byte) => `${PERCENT}${byte.toString(16).padStart(2, '0')}`).join('');
const longest = (parts: readonly string[]): string =>
  parts.reduce((best, one) => (one.length > best.length ? one : best), '');

/** Letters, digits and the signs of addresses, as they are and as the numbers by which they are escaped. */
const IN_ADDRESS = '[a-z0-9._%+-]';
const IN_ADDRESS_ESCAPED = '(?:2[5bde]|3[0-9]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9a])';
/** An escape ends with letters and digits that are none of the text. */
const AFTER_ESCAPE = `(?<=\\\\[bfnrt]|\\\\u(?!00${IN_ADDRESS_ESCAPED})[0-9a-f]{4}|${PERCENT}(?!${IN_ADDRESS_ESCAPED})[0-9a-f]{2})`;
/** In a form, where the sign of an address is escaped, a space is a plus. */
const AFTER_SPACE_OF_FORM = `(?<=\\+)(?=[^@\\\\]{0,400}?${PERCENT}40)`;
const BEFORE_ADDRESS = `(?:(?<!${IN_ADDRESS})|${AFTER_ESCAPE}|${AFTER_SPACE_OF_FORM})`;

/** Whole addresses only: ann@shop.example is neither in joann@shop.example nor in ann@shop.example.org. */
function emailNeedle(email: string): Needle {
  const address = email.trim().toLowerCase();
  const whole = `${[...address].map(anyForm).join('')}(?![a-z0-9-]|\\.[a-z0-9])`;
  // What stands before it is looked at only where it is.
  const pattern = `(?=${whole})${BEFORE_ADDRESS}`;
  return { hint: longest(address.split(/[^a-z0-9]+/)), pattern: new RegExp(pattern, 'i') };
}

/** Spaces and dashes that phones and word processors write, escaped. */
const ESCAPED_BETWEEN = `${PERCENT}(?:2[0-9a-f]|0[9ad]|c2${PERCENT}a0|e2${PERCENT}80${PERCENT}[89a][0-9a-f])|\\\\u(?:00a0|20[0-6][0-9a-f])|\\\\[nrt]|&(?:nbsp|#160);`;
const PLAIN_BETWEEN = '[\\s()./\\\\+\\u2010-\\u2015\\u202a-\\u202e-]';
/** What people and forms write between digits. */
const BETWEEN = `(?:${ESCAPED_BETWEEN}|${PLAIN_BETWEEN}){0,3}`;
const ESCAPES = new RegExp(ESCAPED_BETWEEN, 'gi');
const SEPARATED = new RegExp(`(?:\\d|${PLAIN_BETWEEN})*$`);
/** As far back as a number may begin, every sign of it escaped. */
const BACK = 64;

/** All digits of the number, with or without country code, and none around them. */
function phoneNeedle({ e164, national }: Phone): Needle {
  const country = e164.slice(1, e164.length - national.length);
  const before = new Set(['', '0', country, `${country}0`, `00${country}`, `00${country}0`, `011${country}`]);
  const fits = ({ index, input }: RegExpExecArray): boolean => {
    const written = SEPARATED.exec(input.slice(Math.max(0, index - BACK), index).replace(ESCAPES, ' '))?.[0] ?? '';
    return before.has(written.replace(/\D/g, ''));
  };
  return { hint: '', pattern: new RegExp(`${[...national].join(BETWEEN)}(?!\\d)`, 'gi'), fits };
}

/** Shorter ids are also quantities and ids of other things, and count only where a field says whose they are. */
const LONG_ID = 8;
const IN_FIELD = '(?:"|\\]|%5d)?\\s*[:=>]\\s*(?:\\[(?:\\s*"?\\d{1,20}"?\\s*,)*\\s*)?"?(?:gid:[^"]{0,60}/)?#?';

function idNeedle(id: string, field: string): Needle {
  const whole = `${literal(id)}(?![\\w-]|\\.\\d)`;
  const pattern = id.length >= LONG_ID ? `(?<![\\w.-])${whole}` : `(?:${field})${IN_FIELD}${whole}`;
  return { hint: id.toLowerCase(), pattern: new RegExp(pattern, 'i') };
}
/** An order's own id begins its record, or stands behind the word; elsewhere the field is named after whose id it is. */
const ORDER_FIELD =
  '^\\s*\\{\\s*"id|"type"\\s*:\\s*"order"\\s*,\\s*"id|"number|\\b\\w{0,40}order\\w{0,40}(?:(?:\\[|%5b)\\w{1,40})?';
const CUSTOMER_FIELD = '\\b\\w{0,40}(?:customer|user|contact|client)\\w{0,40}(?:"\\s*:\\s*\\{\\s*"id|(?:\\[|%5b)id)?';

function holds({ hint, pattern, fits }: Needle, text: string, lower: string): boolean {
  if (!lower.includes(hint)) return false;
  if (fits === undefined) return pattern.test(text);
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) if (fits(match)) return true;
  return false;
}

const searchFor = (needles: readonly Needle[]) => (text: string) => {
  const lower = text.toLowerCase();
  return needles.some((needle) => holds(needle, text, lower));
};
const contacts = ({ emails, phones }: Person): Needle[] => [...emails.map(emailNeedle), ...phones.map(phoneNeedle)];

/** Does the body of a hook, JSON, XML or form, mention the person in any field? */
export function mentions(person: Person): (text: string) => boolean {
  return searchFor([
    ...contacts(person),
    ...person.orders.map((id) => idNeedle(id, ORDER_FIELD)),
    ...person.customers.map((id) => idNeedle(id, CUSTOMER_FIELD)),
  ]);
}

/** Does e-mail or phone stand in this text, such as the name of an event? */
export const namesContact = (person: Person): ((text: string) => boolean) => searchFor(contacts(person));

/** Is an event, as the text it is kept as, one of this person or of their orders? */
export function isOf({ emails, phones, customers, orders }: Person) {
  const fields = [
    ...phones.map(({ e164 }) => `"phone_number":"${e164}"`),
    ...customers.flatMap((id) => [`"user_id":${JSON.stringify(id)}`, `"external_id":${JSON.stringify(id)}`]),
  ];
  const ids = new Set(orders);
  const named = searchFor(emails.map(emailNeedle));
  return ({ json, order_id }: { json: string; order_id: string | undefined }): boolean =>
    (order_id !== undefined && ids.has(order_id)) || fields.some((field) => json.includes(field)) || named(json);
}
