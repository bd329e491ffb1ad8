// `tagbridge schema`: writes the JSON Schemas that let editors complete and check mapping files.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readConfig } from '../config.ts';
import { createSchemas } from '../map/schema.ts';
import { VerifySettings } from '../verify/verify.ts';
import type { Command } from './command.ts';

/** The schemas by file name, as text; a test compares them with the files in the repository. */
export function jsonSchemas(): Record<string, string> {
  const { Platform, Store } = createSchemas(VerifySettings);
  const text = (schema: z.ZodType) =>
    `${JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), null, 2)}\n`;
  return { 'platform.json': text(Platform), 'store.json': text(Store) };
}

export const writeSchemas: Command = {
  usage: '',
  help: 'Writes JSON Schemas next to the mapping files',
  run: async (_args, { out, env }) => {
    const folder = join(readConfig(env).MAPPINGS_DIR, 'schema');
    await mkdir(folder, { recursive: true });
    for (const [name, text] of Object.entries(jsonSchemas())) {
      await writeFile(join(folder, name), text);
      out(join(folder, name));
    }
    return 0;
  },
};
