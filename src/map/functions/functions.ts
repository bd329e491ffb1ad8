// The functions mappings have besides JSONata's own: one table, with help and examples that run as tests.
import { ADDRESS_FUNCTIONS } from './address.ts';
import { ID_FUNCTIONS } from './ids.ts';
import { LIST_FUNCTIONS } from './lists.ts';
import { MONEY_FUNCTIONS } from './money.ts';
import { ROW_FUNCTIONS } from './rows.ts';
import { TEXT_FUNCTIONS } from './text.ts';

/** `result` is left out where the example gives nothing; `input` is the body it runs over. */
export type Example = { expr: string; input?: unknown; result?: unknown; why?: string };
export type MapFunction = {
  /** Its parameters as written in help: `list, name` or `text, length?`. */
  args: string;
  help: string;
  examples: readonly Example[];
  /** Pure. Missing arguments are undefined; what it cannot read gives undefined, unless `help` says otherwise. */
  fn: (...args: unknown[]) => unknown;
};
/** By name without `$`. */
export type FunctionTable = Readonly<Record<string, MapFunction>>;

export const functions: FunctionTable = {
  ...LIST_FUNCTIONS,
  ...ROW_FUNCTIONS,
  ...TEXT_FUNCTIONS,
  ...ID_FUNCTIONS,
  ...ADDRESS_FUNCTIONS,
  ...MONEY_FUNCTIONS,
};

/** The table as it is printed for people. */
export function describeFunctions(): { name: string; usage: string; help: string; examples: readonly Example[] }[] {
  return Object.entries(functions).map(([name, { args, help, examples }]) => ({
    name: `$${name}`,
    usage: `$${name}(${args})`,
    help,
    examples,
  }));
}
