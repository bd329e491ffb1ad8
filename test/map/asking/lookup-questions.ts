// What look-ups of a made-up CRM ask about the contacts of a hook, without any network.
import type { Asked, Found } from '../../../src/map/asking/lookup.ts';
import type { Source } from '../../../src/map/files/source.ts';
import { mapHook } from '../../../src/map/map.ts';
import { contactLookup, thinHook } from '../../support/thin.ts';

export const API = 'https://api.crm.example';
export const contact = (parts: Record<string, unknown> = {}) => ({ lookups: { contact: contactLookup(API, parts) } });
export const nothing = () => undefined;
export const pendingOf = async (
  source: Source,
  hook = thinHook(7),
  known: (asked: Asked) => Found | undefined = nothing,
) => (await mapHook(source, hook, known)).pending ?? [];
export const urlsOf = async (source: Source, hook = thinHook(7)) =>
  (await pendingOf(source, hook)).map(({ url }) => url);
