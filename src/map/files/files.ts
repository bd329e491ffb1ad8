// Reads mapping files as YAML with positions, and finds the line and column of any path in them.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { codeOf, reasonOf } from '../../lib/errors.ts';
import { findOddSpace, hintOfYaml, isGlued } from './yaml-words.ts';

/** A mistake in a mapping file, for `tagbridge check`, the log and the pages. Lines and columns start at 1. */
export type Problem = {
  file: string;
  line: number;
  column: number;
  code: string;
  message: string;
  hint?: string | undefined;
};

export type Path = readonly (string | number)[];
/** `unread` is the code of why it could not be read; the text is empty then. */
export type SourceText = { file: string; text: string; unread?: string };
export type MappingFile = {
  file: string;
  /** The content as plain values; `${NAME}` stands as a placeholder that `env.ts` resolves. */
  value: unknown;
  has: (path: Path) => boolean;
  /** Position of a path, or of its nearest parent that exists. `key` points at the key instead of the value. */
  at: (path: Path, key?: boolean) => { line: number; column: number };
};

/** Where a path is written, for problems; `key` points at the key instead of the value. */
export type Locate = (path: Path, key?: boolean) => Pick<Problem, 'file' | 'line' | 'column'>;
/** Places in one file. */
export const whereIn =
  (file: MappingFile): Locate =>
  (path, key) => ({ file: file.file, ...file.at(path, key) });

const MAX_FILE_BYTES = 1_000_000;
/** `{` and `}` end a plain scalar in flow style, so `${NAME}` is read as a placeholder of the same length. */
export const OPEN = '\uE000';
export const CLOSE = '\uE001';

export const hide = (text: string) => text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, `$$${OPEN}$1${CLOSE}`);
/** The text as it was written, for messages. */
export const shown = (text: string) => text.replaceAll(OPEN, '{').replaceAll(CLOSE, '}');

/** The folder of the store files, as mistakes name it. */
export const STORES = 'stores/';
/** The folder of all mapping files, as mistakes name it, and why it cannot be read where it is not there. */
const ROOT = './';
const NO_ROOT = 'there is no such folder';

/**
 * The files of a mappings folder, and its folders that cannot be read. `apps` say where other apps leave their ids; `misnamed`
 * are the names of files that are not read and most likely should be, `templates` those of what is shown to people.
 */
export type Texts = {
  platforms: SourceText[];
  stores: SourceText[];
  apps?: SourceText[];
  misnamed?: string[];
  templates?: string[];
};

/** Names that begin with a dot are no mappings: Emacs locks a file by a link that leads nowhere, such as `.#acme.yaml`. */
const isMapping = (name: string) => /^[^.].*\.ya?ml$/.test(name);
/** Editors of Windows save `acme.yaml.txt` and show `acme.yaml`. */
const isMisnamed = (name: string) => !isMapping(name) && /^[^.].*\.ya?ml(?:\.txt)?$/i.test(name);

const readText = (path: string, file: string): Promise<SourceText> =>
  readFile(path, 'utf8').then(
    (text) => ({ file, text }),
    (error: unknown) => ({ file, text: '', unread: codeOf(error) }),
  );

type Folder = { texts: SourceText[]; misnamed: string[] };

/** A folder in it that is not there has no files; one that cannot be read stands in their place. */
async function readFolder(dir: string, prefix: string): Promise<Folder> {
  const folder = join(dir, prefix);
  try {
    const names = (await readdir(folder)).sort();
    const texts = names.filter(isMapping).map((name) => readText(join(folder, name), prefix + name));
    return { texts: await Promise.all(texts), misnamed: names.filter(isMisnamed).map((name) => prefix + name) };
  } catch (error) {
    const unread = codeOf(error);
    const here = (file: string, why = unread): Folder => ({ texts: [{ file, text: '', unread: why }], misnamed: [] });
    if (prefix === '') return here(ROOT, unread === 'ENOENT' ? NO_ROOT : unread);
    return unread === 'ENOENT' ? { texts: [], misnamed: [] } : here(prefix);
  }
}

/** The names of all files in `templates/`, at any depth; undefined where there is no such folder. */
async function readTemplates(dir: string): Promise<string[] | undefined> {
  const folder = join(dir, 'templates');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => undefined);
  return entries
    ?.filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort();
}

/**
 * All platform files, then all store files of a mappings folder, each by name. Folders that miss in it give none; what cannot
 * be read is a mistake of that file or folder.
 */
export async function readMappings(dir: string): Promise<Texts> {
  const platforms = await readFolder(dir, '');
  const stores = await readFolder(dir, STORES);
  const apps = await readFolder(dir, 'read_also/');
  const templates = await readTemplates(dir);
  const misnamed = [platforms, stores, apps].flatMap((folder) => folder.misnamed);
  return {
    platforms: platforms.texts,
    stores: stores.texts,
    apps: apps.texts,
    ...(misnamed.length > 0 && { misnamed }),
    ...(templates !== undefined && { templates }),
  };
}

const UNREAD_HINTS: Readonly<Record<string, string>> = {
  EACCES: 'let the user that the service runs as read it',
  EISDIR: 'it is a folder: give it a name that does not end in .yaml',
  ENOTDIR: 'it must be a folder',
  [NO_ROOT]: 'MAPPINGS_DIR must be the folder of the mapping files',
  ENOENT: 'it is gone, or a link that leads nowhere: put the file back or remove the link',
};

const unreadable = (file: string, code: string): Problem => ({
  file,
  line: 1,
  column: 1,
  code: 'UNREADABLE',
  message: `it cannot be read (${code})`,
  hint: UNREAD_HINTS[code] ?? 'once it can be, change it or send the service a SIGHUP',
});

/** The nodes of a document. Loading asks for thousands of paths of it: a table is read, and an alias followed, once. */
function nodesOf(doc: Document) {
  const tables = new Map<YAMLMap, Map<string, Pair>>();
  const targets = new Map<Alias, unknown>();
  const follow = (node: unknown): unknown => {
    if (!isAlias(node)) return node;
    if (!targets.has(node)) targets.set(node, node.resolve(doc));
    return targets.get(node);
  };
  /** By its key as expressions and schemas see it: those of stages are numbers to YAML. */
  const pairOf = (table: YAMLMap, name: unknown): Pair | undefined => {
    const known = tables.get(table);
    if (known !== undefined) return known.get(String(name));
    const pairs = new Map<string, Pair>();
    for (const pair of table.items.toReversed()) if (isScalar(pair.key)) pairs.set(String(pair.key.value), pair);
    tables.set(table, pairs);
    return pairs.get(String(name));
  };
  const inside = (node: unknown, name: string | number): unknown => {
    const table = follow(node);
    if (isMap(table)) return pairOf(table, name)?.value ?? undefined;
    return isSeq(table) ? table.items[Number(name)] : undefined;
  };
  /** The node at a path, through aliases too; undefined where nothing is written. */
  const nodeAt = (path: Path): unknown => path.reduce(inside, doc.contents);
  const pairAt = (path: Path): Pair | undefined => {
    const parent = follow(nodeAt(path.slice(0, -1)));
    return isMap(parent) ? pairOf(parent, path.at(-1)) : undefined;
  };
  return { nodeAt, pairAt };
}

function finder(doc: Document, lines: LineCounter): Pick<MappingFile, 'has' | 'at'> {
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const { nodeAt, pairAt } = nodesOf(doc);
  const at = (path: Path, key = false): { line: number; column: number } => {
    const node = path.length === 0 ? doc.contents : nodeAt(path);
    // A key may stand without a value.
    const name = key || node === undefined ? pairAt(path)?.key : undefined;
    if (isScalar(name) && name.range) return position(name.range[0]);
    if (isNode(node) && node.range) return position(node.range[0]);
    return path.length === 0 ? { line: 1, column: 1 } : at(path.slice(0, -1), true);
  };
  const has = (path: Path) => nodeAt(path) !== undefined || (path.length > 0 && pairAt(path) !== undefined);
  return { has, at };
}

/** What YAML lets one write and no reader of the values could follow: names of nothing, tables inside themselves, `<<`. */
function findUnfollowed(doc: Document, report: (offset: number, message: string, hint: string) => void): void {
  const named = new Map<string, Node>();
  visit(doc, {
    Node(_, node) {
      if ('anchor' in node && node.anchor !== undefined) named.set(node.anchor, node);
    },
    Alias(_, node, path) {
      const target = named.get(node.source);
      const offset = node.range?.[0] ?? 0;
      if (target === undefined) {
        const hint = `put the whole text in quotes, or write &${node.source} above, before what it names`;
        report(offset, `*${node.source} names nothing`, hint);
      } else if (path.includes(target))
        report(offset, `*${node.source} stands inside of what it names`, 'write out what is meant');
    },
    Pair(_, { key, value }) {
      if (!isScalar(key)) return;
      const offset = key.range?.[0] ?? 0;
      const name = String(key.value);
      if (name === '<<') report(offset, '<< is not read', 'write the keys out, or take over a whole table: key: *name');
      if (value === null && key.type === 'PLAIN' && isGlued(name))
        report(offset, `${shown(name)} is one word`, 'write a space behind the colon');
    },
  });
}

/** Letters that came out of bytes of another encoding: such as those of Windows, or two bytes for each. */
const NO_UTF8 = /[\uFFFD\0]/;

function findForeign(file: string, text: string): Problem | undefined {
  const noText = text.search(NO_UTF8);
  const at = noText === -1 ? findOddSpace(text) : noText;
  if (at === -1) return undefined;
  const lines = text.slice(0, at).split('\n');
  const place = { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
  if (noText === -1) {
    const message = 'this looks like a space and is another character';
    return { file, ...place, code: 'YAML', message, hint: 'type the spaces of this line anew' };
  }
  return { file, ...place, code: 'ENCODING', message: 'this is no UTF-8', hint: 'save the file as UTF-8' };
}

/** What the parser says of one mistake; of the mistakes in one line all but the first follow from it. */
function syntaxProblems(file: string, text: string, doc: Document, counter: LineCounter): Problem[] {
  const lines = text.split('\n');
  const found = [...doc.errors, ...doc.warnings].map((error): Problem => {
    const { line, col } = counter.linePos(error.pos[0]);
    const message = shown(error.message.split('\n')[0] ?? error.code).replace(/ at line \d+, column \d+:?$/, '');
    const hint = hintOfYaml(message, lines[line - 1] ?? '', col);
    return { file, line, column: col, code: 'YAML', message, hint };
  });
  return found.filter(({ line }, index) => found.findIndex((other) => other.line === line) === index);
}

/** Parses one file. YAML 1.2 core schema, no tags, few aliases; duplicate keys and syntax errors are problems. */
export function parseMapping({ file, text, unread }: SourceText): { parsed?: MappingFile; problems: Problem[] } {
  if (unread !== undefined) return { problems: [unreadable(file, unread)] };
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) {
    return {
      problems: [{ file, line: 1, column: 1, code: 'FILE_TOO_LARGE', message: 'the file is larger than 1 MB' }],
    };
  }
  const lines = new LineCounter();
  const foreign = findForeign(file, text);
  if (foreign !== undefined) return { problems: [foreign] };
  const doc = parseDocument(hide(text), { lineCounter: lines, uniqueKeys: true, schema: 'core', customTags: [] });
  const problems = syntaxProblems(file, text, doc, lines);
  if (problems.length === 0)
    findUnfollowed(doc, (offset, message, hint) => {
      const { line, col } = lines.linePos(offset);
      problems.push({ file, line, column: col, code: 'YAML', message, hint });
    });
  if (problems.length > 0) return { problems };
  try {
    return { parsed: { file, value: doc.toJS({ maxAliasCount: 50 }), ...finder(doc, lines) }, problems: [] };
  } catch (error) {
    return { problems: [{ file, line: 1, column: 1, code: 'YAML', message: shown(reasonOf(error)) }] };
  }
}

/** `file:line:column CODE message, hint` */
export function formatProblem(problem: Problem): string {
  const { file, line, column, code, message, hint } = problem;
  return `${file}:${line}:${column} ${code} ${message}${hint === undefined ? '' : `, ${hint}`}`;
}
