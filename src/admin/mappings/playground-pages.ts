// The playground: a draft of a mapping file tried on a body or a kept hook, compared on the last hooks, and handed over as a file.
import { type Html, html } from '../html.ts';
import { ADMIN, type Asked, type Audit, LOOKING, page, type Route } from '../route.ts';
import { comparisonView } from './comparison-view.ts';
import type { Picked, Play, PlayChoices, PlayComparison, PlayResult } from './facts.ts';
import { missing } from './links.ts';
import { playgroundView, type Shown } from './playground-view.ts';
import { resultView } from './result-view.ts';

export type PlaygroundParts = {
  /** The form as it is opened; undefined for a file that is not there. */
  open: (asked: Partial<Play>) => Promise<Play | undefined>;
  choices: (play: Play) => Promise<PlayChoices>;
  /** A kept hook to try on, with personal data or without. */
  pick: (id: string, showData: boolean) => Promise<Picked | undefined>;
  tryPlay: (play: Play, asker: string) => Promise<PlayResult>;
  compare: (play: Play, last: number, asker: string) => Promise<PlayComparison>;
  draftText: (play: Play) => Promise<string | undefined>;
  schema: (file: string, asker: string) => Promise<string | undefined>;
  audit: Audit;
};

/** A body of 1 MB and a file, as browsers write them into a form. */
const LARGEST = 4_000_000;
const MOST_COMPARED = 1_000;
const FIELDS = ['file', 'store', 'source', 'text', 'body', 'headers', 'answers', 'at'] as const;

const playOf = (given: URLSearchParams): Partial<Play> =>
  Object.fromEntries(FIELDS.flatMap((name) => (given.has(name) ? [[name, given.get(name) ?? '']] : [])));

const noFile = missing('There is no such mapping file.');
const GONE = html`<p class="notice bad" role="status">This hook is not kept any more.</p>`;
const UNMASKED = html`<p class="notice wait" role="status">Personal data is shown on this page, and it was noted that you looked.</p>`;

export function playgroundRoutes(parts: PlaygroundParts): Route[] {
  const { open, choices, pick, tryPlay, compare, draftText, schema, audit } = parts;

  type More = Pick<Shown, 'notice' | 'comparison'>;
  const show = async ({ visitor }: Asked, play: Play, more: More = {}, result?: Html) => {
    const chosen = await choices(play);
    return page('Playground', playgroundView({ play, choices: chosen, result, visitor, ...more }));
  };
  const tried = async ({ visitor }: Asked, play: Play) =>
    resultView(await tryPlay(play, visitor.user.email), play.body.trim() !== '');
  /** With a kept hook in the place of the body. */
  const showHook = async (asked: Asked, given: Partial<Play>, id: string, showData = false) => {
    const picked = await pick(id, showData);
    const play = await open({ ...given, ...picked });
    if (play === undefined) return noFile;
    if (picked === undefined) return show(asked, play, { notice: GONE });
    if (!showData) return show(asked, play);
    const { store } = picked;
    await audit({ actor: asked.visitor.user.email, action: 'personal data shown', store, detail: `hook ${id}` });
    return show(asked, play, { notice: UNMASKED });
  };
  const post = (path: string, roles: Route['roles'], answer: Route['answer']): Route => ({
    method: 'post',
    path,
    roles,
    largest: LARGEST,
    answer,
  });
  const withPlay = (answer: (asked: Asked, play: Play) => ReturnType<Route['answer']>) => async (asked: Asked) => {
    const play = await open(playOf(asked.form));
    return play === undefined ? noFile : answer(asked, play);
  };

  return [
    {
      method: 'get',
      path: '/mappings/playground',
      roles: LOOKING,
      answer: async (asked) => {
        const { query } = asked;
        const hook = query.get('hook');
        const given = { ...playOf(query) };
        if (hook !== null) return showHook(asked, given, hook);
        const play = await open(given);
        return play === undefined ? noFile : show(asked, play);
      },
    },
    post(
      '/mappings/playground',
      LOOKING,
      withPlay(async (asked, play) => show(asked, play, {}, await tried(asked, play))),
    ),
    post('/mappings/playground/hook', LOOKING, (asked) =>
      showHook(asked, playOf(asked.form), asked.form.get('hook') ?? ''),
    ),
    post('/mappings/playground/unmask', ADMIN, (asked) =>
      showHook(asked, playOf(asked.form), asked.form.get('hook') ?? '', true),
    ),
    post(
      '/mappings/try',
      LOOKING,
      withPlay(async (asked, play) => ({ kind: 'part', content: await tried(asked, play) })),
    ),
    post(
      '/mappings/playground/compare',
      ADMIN,
      withPlay(async (asked, play) => {
        const { visitor, form } = asked;
        const last = Math.min(Math.max(Math.trunc(Number(form.get('last'))) || 1, 1), MOST_COMPARED);
        const { store } = play;
        const detail = `a draft of ${play.file} on the last ${last} hooks`;
        await audit({ actor: visitor.user.email, action: 'mappings compared', store, detail });
        const comparison = comparisonView(await compare(play, last, visitor.user.email), store);
        return show(asked, play, { comparison });
      }),
    ),
    post(
      '/mappings/playground/download',
      LOOKING,
      withPlay(async (_asked, play) => {
        const text = await draftText(play);
        const name = play.file.split('/').at(-1) ?? play.file;
        return text === undefined ? noFile : { kind: 'file', name, type: 'application/yaml', text };
      }),
    ),
    {
      method: 'get',
      path: '/mappings/schema',
      roles: LOOKING,
      answer: async ({ query, visitor }) => {
        const text = await schema(query.get('file') ?? '', visitor.user.email);
        return text === undefined ? noFile : { kind: 'file', type: 'application/json', text };
      },
    },
  ];
}
