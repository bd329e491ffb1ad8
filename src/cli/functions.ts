// `tagbridge functions`: the functions mapping files may use, beside JSONata's own.
import { describeFunctions } from '../map/functions/functions.ts';
import type { Command } from './command.ts';

const shown = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));

export const listFunctions: Command = {
  usage: '',
  help: 'Lists the functions for mapping files, with examples',
  run: async (_args, { out }) => {
    for (const { usage, help, examples } of describeFunctions()) {
      out(`${usage}\n  ${help}`);
      for (const { expr, result, input, why } of examples) {
        const over = input === undefined ? '' : ` over ${JSON.stringify(input)}`;
        out(`    ${expr}${over} → ${shown(result)}${why === undefined ? '' : ` (${why})`}`);
      }
      out('');
    }
    return 0;
  },
};
