// Hides personal data in what is shown: of a sender's body everything is hidden that is not known to be harmless.

const LONGEST = 400;
/** Names of fields that say what was bought, when, and in which state, and never who bought it. */
const HARMLESS =
  /(^|_|[a-z])(id|ids|gid|uuid|status|state|stage|currency|price|prices|total|totals|subtotal|tax|taxes|amount|value|quantity|qty|sku|title|type|kind|gateway|topic|test|number|count|date|at|created|updated|modified|version|rate|weight|variant|vendor|product|reason|method|code|locale|event|events|object|livemode|mode|via|channel|confirmed|included|source_name|set)$/i;
/** Names that say who somebody is, whatever else they end with. */
const PERSONAL =
  /mail|phone|mobile|(?<!^source_)name|address|street|city|zip|post|ip\b|_ip|ip_|agent|first|last|birth|gender|note|comment|message|token|secret|password|customer_code|vat|tax_?number|company|user|login|latitude|longitude|referr|landing|url|site|cookie|signature|card|iban|account/i;
/** Ids of ads and visits, which events show as well. */
const AD_IDS =
  /^_?(_?ga|_ga_\w+|ga_client_id|ga_session_id|client_id|session_id|fb[cp]|(g|d|fb|tt|ms)clid|gbraid|wbraid|li_fat_id|epik|ttp|utm_\w+)$/i;
const ORDER_NAME = /^#\d{1,12}$/;
const LOOKS_PERSONAL = /@|%40|(?:\d{1,3}\.){3}\d{1,3}|\+\d[\d\s().-]{7,}|https?:/;
const HASH = /\b[0-9a-f]{64}\b/g;

/** What stands in the place of a value; `key` is the name it stands under. */
export type Hide = (value: string | number | bigint, key: string) => unknown;

const hidden: Hide = (value) => `••• (${String(value).length} characters)`;
const short = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

function maskLeaf(key: string, value: unknown, hide: Hide): unknown {
  if (typeof value === 'string') {
    if (value === '') return value;
    const shown = HARMLESS.test(key) && !PERSONAL.test(key) && !LOOKS_PERSONAL.test(value) && value.length <= 80;
    return shown || ORDER_NAME.test(value) || (AD_IDS.test(key) && value.length <= 200) ? value : hide(value, key);
  }
  if (typeof value !== 'number' && typeof value !== 'bigint') return value;
  const long = String(value).length > 6;
  return long && (!HARMLESS.test(key) || PERSONAL.test(key)) ? hide(value, key) : value;
}

/** The name that a table such as `{ name: "_ga", value: "…" }` gives its value. */
function nameOf(table: Readonly<Record<string, unknown>>): string | undefined {
  if (!('value' in table) || Object.keys(table).length > 4) return undefined;
  const name = table.name ?? table.key;
  return typeof name === 'string' && /^[\w .:-]{1,60}$/.test(name) ? name : undefined;
}

/**
 * A body's value with whatever may say who somebody is hidden. Lists are masked under the name they stand under, values of
 * names and values under their own.
 */
export function maskBody(value: unknown, key = '', hide: Hide = hidden): unknown {
  if (Array.isArray(value)) return value.map((one) => maskBody(one, key, hide));
  if (typeof value !== 'object' || value === null) return maskLeaf(key, value, hide);
  const table: Readonly<Record<string, unknown>> = { ...value };
  const name = nameOf(table);
  return Object.fromEntries(
    Object.entries(table).map(([own, inner]) => {
      if (name === undefined || (own !== 'value' && inner !== name)) return [own, maskBody(inner, own, hide)];
      return [own, own === 'value' ? maskBody(inner, name, hide) : inner];
    }),
  );
}

const WHO =
  /^(user|user_data|user_properties|address|email|email_address|phone|phone_number|em|ph|fn|ln|ct|st|zp|external_id|user_id|ip_override|client_ip_address|first_name|last_name|street|city|region|postal_code|zip)$/;

/** A request's body with personal data hidden: what destinations know a person by, and `personal` wherever it stands. */
export function maskRequest(value: unknown, personal: readonly string[], inside = false): unknown {
  if (Array.isArray(value)) return value.map((one) => maskRequest(one, personal, inside));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, maskRequest(inner, personal, inside || WHO.test(key))]),
    );
  if (typeof value !== 'string') return value;
  const hashed = value.replace(HASH, (hash) => `${hash.slice(0, 6)}… (hashed)`);
  if (hashed !== value) return hashed;
  return inside || personal.some((one) => value.includes(one)) ? hidden(value, '') : value;
}

/** Header values, shortened, and hidden where they look like an address or a person. */
export const maskHeader = (name: string, value: string): string =>
  LOOKS_PERSONAL.test(value) || /mail|phone|ip|token|secret/i.test(name) ? String(hidden(value, name)) : short(value);
