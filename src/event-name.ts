// What an event may be called, and which names GA4 has for what this bridge sends.
import { nearest } from './lib/nearest.ts';

/** What an event may be called, as GA4 has it. */
export const EVENT_NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;

/** GA4's recommended names for what this bridge sends; a mapping may emit any other GA4-legal name. */
export const EVENT_NAMES = [
  'purchase',
  'refund',
  'generate_lead',
  'qualify_lead',
  'working_lead',
  'disqualify_lead',
  'close_convert_lead',
  'close_unconvert_lead',
] as const;

export const isStandard = (name: unknown): boolean => EVENT_NAMES.some((known) => known === name);

/** GA4's names for leads and their stages. */
export const isLead = (name: string): boolean => name.endsWith('_lead') && isStandard(name);

/** Which standard name was meant by one that is nearly it, as a hint; undefined for a standard name, or one of the store's own. */
export const misspelt = (name: string): string | undefined =>
  isStandard(name) ? undefined : nearest(name, EVENT_NAMES);
