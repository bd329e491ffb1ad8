// `tagbridge schema`: writes the JSON Schemas that let editors complete and check mapping files.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfig } from '../config.ts';
import { jsonSchemas } from '../json-schemas.ts';
import { OperatorError, reasonOf } from '../lib/errors.ts';
import { readMappings } from '../map/files/files.ts';
import type { Command } from './command.ts';

export const writeSchemas: Command = {
  usage: '',
  help: 'Writes JSON Schemas next to the mapping files',
  run: async (_args, { out, env }) => {
    const { MAPPINGS_DIR } = readConfig(env);
    const folder = join(MAPPINGS_DIR, 'schema');
    const { platforms } = await readMappings(MAPPINGS_DIR);
    const write = async (name: string, text: string): Promise<void> => {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, name), text);
    };
    for (const [name, text] of Object.entries(jsonSchemas(platforms))) {
      await write(name, text).catch((error: unknown) => {
        const what = `${join(folder, name)} cannot be written: ${reasonOf(error)}`;
        throw new OperatorError('SCHEMA', what, 'run this where the mapping files are edited');
      });
      out(join(folder, name));
    }
    return 0;
  },
};
