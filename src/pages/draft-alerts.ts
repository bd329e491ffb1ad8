// `alerts:` as drafts of store files may have it: contacts whose secrets a draft does not see cannot be judged in it.
import { z } from 'zod';
import { AlertSettings } from '../alert/settings.ts';
import { isTable } from '../lib/table.ts';
import { HIDDEN } from './draft-env.ts';

const isHidden = (contact: unknown): boolean => JSON.stringify(contact)?.includes(HIDDEN) === true;

/** All of it but those contacts. */
export const DraftAlerts: z.ZodType<AlertSettings> = z.preprocess(
  (given) =>
    isTable(given) ? Object.fromEntries(Object.entries(given).filter(([, contact]) => !isHidden(contact))) : given,
  AlertSettings,
);
