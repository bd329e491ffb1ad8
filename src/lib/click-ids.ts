// The ids that come from a click on an ad, as fields of an event; a new one is added here.
import type { EVENT_FIELDS } from '../event.ts';

/** By who made them: those of one maker belong together and come from one visit. */
export const CLICKS = [
  ['gclid', 'gbraid', 'wbraid', 'dclid'],
  ['fbclid', 'fbc'],
  ['ttclid'],
  ['msclkid'],
  ['li_fat_id'],
  ['epik'],
  ['sc_click_id'],
] as const satisfies readonly (readonly (keyof typeof EVENT_FIELDS)[])[];
export type ClickId = (typeof CLICKS)[number][number];
export const CLICK_IDS: readonly ClickId[] = CLICKS.flat();
