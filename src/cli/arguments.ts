// What was typed after a command, read so that nothing of it is passed over in silence.
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { OperatorError } from '../lib/errors.ts';

/**
 * As `parseArgs`, with at most `words` words that belong to no flag. Throws an `OperatorError` for one more, and for a flag
 * that takes one value and is given two: the first would be dropped.
 */
export function readArguments<T extends ParseArgsConfig>(config: T, words = Number.POSITIVE_INFINITY) {
  const read = parseArgs(config);
  const told: ParseArgsConfig = { ...config, tokens: true };
  const { tokens = [], positionals } = parseArgs(told);
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { type, multiple } = config.options?.[token.name] ?? {};
    if (type === 'string' && multiple !== true && seen.has(token.name))
      throw new OperatorError('ARGUMENT', `--${token.name} is given twice`, 'it takes one value');
    seen.add(token.name);
  }
  const more = positionals[words];
  if (more !== undefined)
    throw new OperatorError('ARGUMENT', `${more} is one word too many`, 'put a name with spaces in quotes');
  return read;
}
