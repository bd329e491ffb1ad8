// Serves the playground's editor without a bundler: the module files of its packages as they are, with the names they import as addresses.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import express, { type Request, type Response, type Router } from 'express';
import { A_YEAR, FIVE_MINUTES, sendPacked, versionOf } from '../packed.ts';
import { EDITOR } from './editor.ts';

type Served = { text: string; packed: Buffer };
/** By the address of each module, `editor.js` among them, relative to it. */
type EditorModules = ReadonlyMap<string, Served>;

/** `import … from 'name'` at the start of a line, where packages have all of theirs. */
const IMPORT = /^((?:import|export)\b[^'"]*?\bfrom\s*|import\s*)(['"])([^'"]+)\2/gm;
const pack = promisify(gzip);
const fileName = (specifier: string) => `${specifier.replaceAll('/', '+')}.js`;
const importsOf = (text: string): string[] => [...text.matchAll(IMPORT)].flatMap(([, , , name]) => name ?? []);
const withAddresses = (text: string, toAddress: (name: string) => string): string =>
  text.replace(IMPORT, (_, start: string, quote: string, name: string) => `${start}${quote}${toAddress(name)}${quote}`);

/** The texts of all packages that a module needs, its own and theirs. */
async function readPackages(names: readonly string[], known = new Map<string, string>()): Promise<Map<string, string>> {
  for (const name of names) {
    if (known.has(name)) continue;
    const text = await readFile(fileURLToPath(import.meta.resolve(name)), 'utf8');
    known.set(name, text);
    await readPackages(importsOf(text), known);
  }
  return known;
}

/** Reads and rewrites them all. Modules lie under a name of their contents, so that a browser never mixes versions. */
async function readEditorModules(): Promise<EditorModules> {
  const packages = await readPackages(importsOf(EDITOR));
  const version = versionOf([...packages.values()].join());
  const served = async (text: string): Promise<Served> => ({ text, packed: await pack(text, { level: 9 }) });
  const files = new Map([
    ['editor.js', await served(withAddresses(EDITOR, (name) => `./editor/${version}/${fileName(name)}`))],
  ]);
  for (const [name, text] of packages)
    files.set(
      `editor/${version}/${fileName(name)}`,
      await served(withAddresses(text, (other) => `./${fileName(other)}`)),
    );
  return files;
}

/** They are read when somebody first opens the playground. */
export function createEditorModules(): Router {
  let reading: Promise<EditorModules> | undefined;
  const send = async (path: string, caching: string, request: Request, response: Response): Promise<void> => {
    reading ??= readEditorModules();
    const file = (await reading).get(path);
    if (file === undefined) {
      response.status(404).type('text').send('There is no such module.');
      return;
    }
    sendPacked(request, response, { type: 'text/javascript', ...file }, caching);
  };
  const router = express.Router();
  router.get('/assets/editor.js', (request, response) => send('editor.js', FIVE_MINUTES, request, response));
  router.get('/assets/editor/:version/:name', (request, response) => {
    const { version, name } = request.params;
    return send(`editor/${version}/${name}`, A_YEAR, request, response);
  });
  return router;
}
