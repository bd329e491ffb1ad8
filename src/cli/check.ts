// `tagbridge check`: every mistake of every mapping file at once.
import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { formatProblem, readMappings } from '../map/files.ts';
import { loadMappings } from '../map/load.ts';
import { mappingParts } from '../mapping-parts.ts';
import type { Command } from './command.ts';

export const check: Command = {
  usage: '[--json]',
  help: 'Checks all mapping and store files',
  run: async (args, { out, env }) => {
    const { values } = parseArgs({ args, options: { json: { type: 'boolean', default: false } } });
    const config = readConfig(env);
    const texts = await readMappings(config.MAPPINGS_DIR);
    const { stores, problems } = loadMappings(texts, mappingParts(config.env));
    if (values.json) out(JSON.stringify({ problems }, null, 2));
    else for (const problem of problems) out(formatProblem(problem));
    if (!values.json && problems.length === 0) {
      const names = [...stores.keys()].join(', ');
      out(`${texts.platforms.length} platforms and ${stores.size} stores are fine${names === '' ? '' : `: ${names}`}`);
    }
    return problems.length === 0 ? 0 : 1;
  },
};
