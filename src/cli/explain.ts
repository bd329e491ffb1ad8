// `tagbridge explain`: for every field of an event the file, line and expression it came from, and the value it read.
import type { EmptyField, ExplainedField, ExplainedRule } from '../map/explain.ts';
import { isSaid, pathOfField } from '../map/flatten.ts';
import { isPersonal, showValue } from '../map/show.ts';
import type { Tried } from '../map/watch.ts';
import { type Explained, explainBody } from '../pages/trial.ts';
import { readArguments } from './arguments.ts';
import { BODY_OPTIONS, oneFile, readAnswers, readAt, readBytes, readHeaders } from './body.ts';
import type { Command } from './command.ts';
import { findSource } from './store.ts';
import { headLines } from './try.ts';

type Shown = { showData: boolean };

/** The same with personal data as `***`. */
function withoutData(rules: readonly ExplainedRule[]): ExplainedRule[] {
  const hide = <T>(field: string, value: T): T | string => (isPersonal(pathOfField(field), value) ? '***' : value);
  const hideTried = (field: string) => (tried: Tried) => ({ ...tried, given: hide(field, tried.given) });
  return rules.map((rule) => ({
    ...rule,
    events: rule.events.map((event) => ({
      ...event,
      fields: event.fields.map((one) => ({
        ...one,
        value: hide(one.field, one.value),
        ...(one.read !== undefined && {
          read: isPersonal(pathOfField(one.field), one.value) ? '***' : hide(one.field, one.read),
        }),
      })),
      empty: event.empty.map((one) => ({ ...one, tried: one.tried.map(hideTried(one.field)) })),
    })),
  }));
}

/** An expression on one line. */
const oneLine = (expression: string) => expression.replace(/\s+/g, ' ');

function fieldLine({ field, value, at, expression, read, why }: ExplainedField, shown: Shown): string {
  const path = pathOfField(field);
  const given = showValue(path, value, shown);
  const gave = read === undefined ? given : showValue(path, read, shown);
  const from = at === undefined ? '' : `${at}  ${oneLine(expression ?? '')}${gave === given ? '' : ` read ${gave}`}`;
  return `    ${field} = ${given}  ${[from, why ?? ''].filter((part) => part !== '').join('; ')}`;
}

function emptyLine({ field, at, tried, why }: EmptyField, shown: Shown): string {
  const each = tried.map(({ text, given }) => {
    const gave = given === undefined ? '' : ` gave ${showValue(pathOfField(field), given, shown)}`;
    return `${oneLine(text)}${gave}`;
  });
  const words = each.length === 0 ? 'a constant' : `tried ${each.join(', then ')}`;
  return `    ${field}: ${words} (${at})${why === undefined ? '' : `; ${why}`}`;
}

function describe({ hook, rules }: Explained, shown: Shown): string {
  const lines = headLines(hook);
  const several = rules.some(({ record }) => record > 1);
  for (const { record, rule, at, events, reasons } of rules) {
    const name = `rule ${rule} (${at})${several && record > 0 ? ` over record ${record}` : ''}`;
    for (const why of reasons) lines.push(`${name} makes nothing: ${why}`);
    for (const event of events) {
      lines.push(`${name} makes ${event.name}, known as ${event.key}`);
      for (const field of event.fields) lines.push(fieldLine(field, shown));
      const empty = event.empty.filter(({ field }) => isSaid(field));
      if (empty.length > 0) lines.push('  without a value:', ...empty.map((field) => emptyLine(field, shown)));
    }
  }
  return lines.join('\n');
}

export const explainFile: Command = {
  usage: 'FILE --store S --source N [--headers H.json] [--answers A.json] [--at ISO] [--show-data] [--json]',
  help: 'Shows for every field the file, line and expression it came from, and what it read',
  run: async (args, { out, env }) => {
    const { values, positionals } = readArguments({
      args,
      allowPositionals: true,
      options: {
        ...BODY_OPTIONS,
        answers: { type: 'string' },
        at: { type: 'string' },
        'show-data': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const file = oneFile(positionals);
    const at = readAt(values.at);
    const { store, source } = await findSource(env, values.store, values.source);
    const incoming = { headers: await readHeaders(values.headers), body: await readBytes(file), received_at: at };
    const explained = await explainBody(store, source, incoming, (await readAnswers(values.answers)) ?? {});
    const showData = values['show-data'];
    if (!values.json) out(describe(explained, { showData }));
    else out(JSON.stringify(showData ? explained : { ...explained, rules: withoutData(explained.rules) }, null, 2));
    return 0;
  },
};
