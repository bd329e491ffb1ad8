// The script that a shop's pages load, for one store.
import { SCRIPT } from './visit-script-text.ts';

/** `required`: nothing is stored or sent before consent. `calling` is the calling code of phone numbers written without one. */
export type ScriptSettings = { required: boolean; calling: string };

export const visitScript = ({ required, calling }: ScriptSettings): string =>
  SCRIPT.replaceAll('REQUIRED', required ? '!0' : '!1').replaceAll('${CALLING}', calling);
