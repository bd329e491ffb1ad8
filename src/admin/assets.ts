// The files pages load, a fixed list, all served by ourselves.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import express, { type Router } from 'express';
import { SCRIPT } from './view/script.ts';
import { STYLE } from './view/style.ts';

export function createAssets(): Router {
  const find = createRequire(import.meta.url).resolve;
  const files: Record<string, { type: string; text: string }> = {
    'style.css': { type: 'text/css', text: STYLE },
    'page.js': { type: 'text/javascript', text: SCRIPT },
    'htmx.js': { type: 'text/javascript', text: readFileSync(find('htmx.org/dist/htmx.min.js'), 'utf8') },
  };
  const router = express.Router();
  for (const [name, { type, text }] of Object.entries(files)) {
    router.get(`/assets/${name}`, (_request, response) => {
      response.set('cache-control', 'public, max-age=300').type(type).send(text);
    });
  }
  return router;
}
