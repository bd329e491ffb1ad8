// The list of destinations a store can name.
import type { Destination } from '../types.ts';
import { ga4 } from './ga4.ts';
import { googleAds } from './google-ads.ts';
import { meta } from './meta.ts';
import { sgtm } from './sgtm.ts';
import { tiktok } from './tiktok.ts';

// Each is only ever given settings that its own schema made, so the list may forget their types.
export const destinations = [ga4, meta, sgtm, googleAds, tiktok] as readonly Destination[];
