// `tagbridge check`: every mistake of every mapping file at once, and every example that does not come out as it says.
import { readConfig } from '../config.ts';
import { counted } from '../lib/words.ts';
import { formatProblem, readMappings } from '../map/files/files.ts';
import { loadMappings } from '../map/files/load.ts';
import { mappingParts } from '../mapping-parts.ts';
import { readArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { runExamples } from './examples.ts';

export const check: Command = {
  usage: '[--json]',
  help: 'Checks all mapping and store files and runs their examples',
  run: async (args, { out, env }) => {
    const { values } = readArguments({ args, options: { json: { type: 'boolean', default: false } } });
    const config = readConfig(env);
    const texts = await readMappings(config.MAPPINGS_DIR);
    const parts = mappingParts(config.env, { allowPrivate: config.ALLOW_PRIVATE_DESTINATIONS, cut: config.cut });
    const { stores, problems: mistakes, warnings, examples } = loadMappings(texts, parts);
    const problems = [...mistakes, ...(await runExamples(examples, config.MAPPINGS_DIR, Date.now()))];
    if (values.json) out(JSON.stringify({ problems, warnings }, null, 2));
    else for (const problem of [...problems, ...warnings]) out(formatProblem(problem));
    if (!values.json && problems.length === 0) {
      const names = [...stores.keys()].join(', ');
      const held = examples.length === 0 ? '' : `; ${counted(examples.length, 'example holds', 'examples hold')}`;
      const platforms = counted(texts.platforms.length, 'platform', 'platforms');
      const fine = `${platforms} and ${counted(stores.size, 'store', 'stores')} are fine`;
      const doubted = warnings.length === 0 ? '' : '; the above is most likely not meant';
      out(`${fine}${names === '' ? '' : `: ${names}`}${held}${doubted}`);
    }
    return problems.length === 0 ? 0 : 1;
  },
};
