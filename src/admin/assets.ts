// The files pages load, a fixed list, all served by ourselves, packed once at start, each at an address of its contents.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import express, { type Router } from 'express';
import { createEditorModules } from './mappings/editor-modules.ts';
import { A_YEAR, FIVE_MINUTES, sendPacked, versionOf } from './packed.ts';
import { DRAFT_SCRIPT } from './phone/draft-script.ts';
import { IMPORT_SCRIPT } from './phone/import-script.ts';
import { CHART_SCRIPT } from './view/chart-script.ts';
import { SCRIPT } from './view/script.ts';
import { STYLE } from './view/style.ts';

const CSS = 'text/css; charset=utf-8';
const JS = 'text/javascript; charset=utf-8';

/** `router` serves them; `named` names in a page the version of each, so that browsers ask for it once. */
export type Assets = { router: Router; named: (markup: string) => string };

export function createAssets(): Assets {
  const find = createRequire(import.meta.url).resolve;
  const read = (file: string) => readFileSync(find(file), 'utf8');
  const files: Record<string, { type: string; text: string }> = {
    'style.css': { type: CSS, text: STYLE },
    'page.js': { type: JS, text: SCRIPT },
    'draft.js': { type: JS, text: DRAFT_SCRIPT },
    'import.js': { type: JS, text: IMPORT_SCRIPT },
    'htmx.js': { type: JS, text: read('htmx.org/dist/htmx.min.js') },
    'chart.css': { type: CSS, text: read('uplot/dist/uPlot.min.css') },
    'chart.js': { type: JS, text: `${read('uplot/dist/uPlot.iife.min.js')}\n${CHART_SCRIPT}` },
  };
  const router = express.Router();
  const versions = new Map<string, string>();
  for (const [name, { type, text }] of Object.entries(files)) {
    const packed = gzipSync(text);
    const version = versionOf(text);
    versions.set(name, `?v=${version}`);
    router.get(`/assets/${name}`, (request, response) => {
      const caching = request.query.v === version ? A_YEAR : FIVE_MINUTES;
      sendPacked(request, response, { type, text, packed }, caching);
    });
  }
  router.use(createEditorModules());
  const named = (markup: string) =>
    markup.replace(/ (?:href|src)="\/assets\/([a-z.]+)(?=")/g, (at, name: string) => at + (versions.get(name) ?? ''));
  return { router, named };
}
