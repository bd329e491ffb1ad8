// What a store file says under `visits:`.
import { z } from 'zod';
import { UNIT_MS } from '../../lib/duration.ts';
import { Age, Duration } from './time.ts';

/** The sandbox of a shop's pixels has no origin of its own. */
const Origin = z.union([
  z.literal('sandbox'),
  z.string().regex(/^https?:\/\/[a-z0-9.-]+(:\d+)?$/, 'write an origin such as https://acme.example, or sandbox'),
]);
export const Visits = z.strictObject({
  origins: z
    .array(Origin)
    .min(1)
    .describe('Pages that may send visits, such as https://acme.example; sandbox for pixels of a shop'),
  consent: z
    .literal(['required', 'not_required'])
    .default('required')
    .describe('required: nothing is stored in the browser or sent before the visitor agrees'),
  lookback: Age.default(90 * UNIT_MS.d).describe('How old a click may be that an event is joined to'),
  attribution: z
    .literal(['last_click', 'first_click'])
    .default('last_click')
    .describe('Which click inside the look-back wins'),
  wait: Duration.default(30 * UNIT_MS.s)
    .refine((ms) => ms <= UNIT_MS.h, 'is at most 1h')
    .describe('How long an online event without any id waits for its visit'),
  keep: Age.default(90 * UNIT_MS.d).describe('How long a visit is kept after it was last seen'),
  keep_leads: Age.default(400 * UNIT_MS.d).describe('How long the ids of a lead are kept for the day it is won'),
});
