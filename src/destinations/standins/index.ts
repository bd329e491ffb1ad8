// A stand-in's behaviour for each destination, by the destination's name.
import { ga4 } from './ga4.ts';
import { google_ads } from './google-ads.ts';
import { meta } from './meta.ts';
import { sgtm } from './sgtm.ts';
import { tiktok } from './tiktok.ts';

export const behaviours = { ga4, meta, sgtm, google_ads, tiktok };
