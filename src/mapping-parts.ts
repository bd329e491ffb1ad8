// Joins what mapping files need from the other stages: signature schemes, destinations and the expression compiler.
import type { z } from 'zod';
import { AlertSettings } from './alert/settings.ts';
import { checkDestinationUrl } from './deliver/address.ts';
import { destinations } from './destinations/index.ts';
import { compileExpression } from './map/expression/expression.ts';
import type { LoadParts } from './map/files/load.ts';
import { functions } from './map/functions/functions.ts';
import { createSchemas } from './map/schema/schema.ts';
import { VerifySettings } from './verify/verify.ts';

/**
 * What `loadMappings` needs; each text is compiled once for each set of names it may use. Without `allowPrivate` addresses that
 * lead into the operator's own network are warned of.
 */
export function mappingParts(
  env: LoadParts['env'],
  {
    allowPrivate = true,
    alerts = AlertSettings,
    cut = new Map(),
  }: { allowPrivate?: boolean; alerts?: z.ZodType<AlertSettings>; cut?: LoadParts['cut'] } = {},
): LoadParts {
  const cache = new Map<string, ReturnType<typeof compileExpression>>();
  const compile: LoadParts['compile'] = (text, names) => {
    const key = `${names.join()}\n${text}`;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const compiled = compileExpression(text, { functions, bindings: names });
    cache.set(key, compiled);
    return compiled;
  };
  const addressProblem = (url: string) => checkDestinationUrl(url, { allowPrivate });
  return { schemas: createSchemas(VerifySettings, alerts), destinations, compile, env, cut, addressProblem };
}
