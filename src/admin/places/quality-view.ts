// What a destination says of the events that it got: whether it finds the people behind them, and whether it knows doubles.
import type { AskedEnd } from '../../alert/finding.ts';
import type { Said } from '../../keep/questions/qualities.ts';
import { dayAt } from '../../lib/time.ts';
import type { EventQuality, QualityTodo } from '../../types.ts';
import { type Content, type Html, html } from '../html.ts';
import { ago, table, time } from '../view/parts.ts';

/** What is said of one event now, and what is wrong with it; `told_at` where later answers leave it out, or a part of it. */
export type JudgedQuality = EventQuality & {
  low: boolean;
  doubled: 'no key' | 'never known' | undefined;
  told_at?: number;
};
/** An account that is asked: what it said, the newest first, and how the last question ended. */
export type AccountQuality = {
  account: string;
  title: string;
  todo: QualityTodo;
  /** Where store files ask for it: those that only send there too are told nothing. */
  names: readonly { store: string; destination: string }[];
  asked_at: number | undefined;
  problem: string | undefined;
  /** When it was asked last on each of the latest days on which it said nothing, the first day first. */
  untold: readonly number[];
  said: readonly Said[];
  events: readonly JudgedQuality[];
  /** When what lets us in there ends. */
  ends: readonly AskedEnd[];
};

const OTHERS = 8;
const NOT_TOLD = 'not told';
/** Scores from here on are good. */
const GOOD = 7;
const percent = (share: number): string => `${Math.round(share)}%`;
const plain = (key: string): string => key.replaceAll('_', ' ');

function scoreView({ event, score, low, told_at }: JudgedQuality, said: readonly Said[]): Content {
  if (score === undefined) return NOT_TOLD;
  const older = said.slice(1).flatMap(({ at, events }) => {
    if (told_at !== undefined && at >= told_at) return [];
    const was = events.find((one) => one.event === event)?.score;
    return was === undefined ? [] : [{ at, was }];
  });
  const first = older.at(-1);
  return html`<span class="badge ${low ? 'bad' : score < GOOD ? 'calm' : 'good'}">${score.toFixed(1)}</span>${first && html` <span class="quiet">${first.was.toFixed(1)} on ${dayAt(first.at)}</span>`}`;
}

const keysView = ({ keys }: JudgedQuality): string =>
  keys.length === 0 ? NOT_TOLD : keys.map(({ key, share }) => `${plain(key)} ${percent(share)}`).join(', ');

function doublesView({ doubles }: JudgedQuality): Content {
  const lines = doubles.flatMap(({ key, browser, server, known }) => {
    const told = [
      ...(browser === undefined ? [] : [`browser ${percent(browser)}`]),
      ...(server === undefined ? [] : [`server ${percent(server)}`]),
      ...(known === undefined ? [] : [`known again ${percent(known)}`]),
    ];
    return told.length === 0 ? [] : [`${plain(key)}: ${told.join(', ')}`];
  });
  return lines.length === 0 ? NOT_TOLD : lines.map((line) => html`<div>${line}</div>`);
}

const coverageView = ({ coverage, goal }: JudgedQuality): string =>
  coverage === undefined
    ? NOT_TOLD
    : `${percent(coverage)}${goal === undefined ? '' : ` (${percent(goal)} is enough)`}`;

/** What to do about one event, the gravest first. */
function adviceView(one: JudgedQuality, { title, todo }: AccountQuality): Html {
  const { event, low, doubled, lacks, issues } = one;
  return html`${doubled === 'no key' && html`<p class="notice bad">${event} may count twice: events of the browser and of the server have no key in common by which ${title} knows doubles. ${todo.doubles}</p>`}
  ${doubled === 'never known' && html`<p class="notice bad">${event} may count twice: browser and server both send keys, and ${title} knows none of the browser’s events again. ${todo.doubles}</p>`}
  ${low && html`<p class="notice wait">${title} finds few of the people behind ${event}. ${todo.score}</p>`}
  ${lacks.length > 0 && html`<p class="quiet">By what ${title} tells, less than half of ${event} come with ${lacks.map(plain).join(', ')}.</p>`}
  ${issues.map(({ name, todo: advice, share }) => html`<p class="quiet">${title} says of ${event}${share !== undefined && ` (${percent(share)} of them)`}: ${name}.${advice !== undefined && ` ${advice}`}</p>`)}`;
}

function eventsView(quality: AccountQuality, now: number): Html {
  const { account, title, events, said } = quality;
  const counting = events.filter(({ counts }) => counts);
  const others = events.filter(({ counts }) => !counts);
  const shown = others
    .slice(0, OTHERS)
    .map(({ event, score }) => `${event}${score === undefined ? '' : ` ${score.toFixed(1)}`}`);
  const heads = [
    'Event',
    'Match quality of 10',
    'People are found by',
    'Doubles are known by',
    'Of the browser’s also from a server',
    'Comes',
  ];
  return html`${
    counting.length === 0
      ? html`<p>${title} tells nothing of purchases and leads now, such as of a new dataset or of too few.</p>`
      : table(
          `What ${title} says of ${account}`,
          heads,
          counting.map((one) => [
            html`${one.event}${one.told_at !== undefined && html`<br><span class="quiet">left out since; told ${ago(now - one.told_at)} ago</span>`}`,
            scoreView(one, said),
            keysView(one),
            doublesView(one),
            coverageView(one),
            one.pace === undefined ? NOT_TOLD : plain(one.pace),
          ]),
        )
  }
  ${counting.map((one) => adviceView(one, quality))}
  ${shown.length > 0 && html`<p class="quiet">It also tells of ${shown.join(', ')}${others.length > OTHERS && ' and others'}.</p>`}`;
}

/** When what lets us in ends; that it could not be asked is told where nothing else could not be either. */
function endView({ name, names, told, todo, problem }: AskedEnd, quality: AccountQuality, users: number): Html {
  const places = names.map(({ store, destination }) => `${store}/${destination}`).join(', ');
  const of = names.length === users ? '' : `${places}: `;
  return html`${told && html`<p class="${told.soon ? 'notice wait' : 'quiet'}">${of}${told.words}${typeof told.ends === 'number' && ` ${todo}`}</p>`}
  ${problem !== undefined && quality.problem === undefined && html`<p class="quiet">${of}${quality.title} could not say when the ${name} ends: ${problem}. It is asked again every hour.</p>`}`;
}

/** Nothing where the account is not asked. So many places are its `users`, some of which may not ask. */
export function qualitySection(quality: AccountQuality | undefined, now: number, users: number): Html | undefined {
  if (quality === undefined) return undefined;
  const { title, said, asked_at, problem } = quality;
  const [last] = said;
  return html`<h3>What ${title} says of these events</h3>
  ${last && eventsView(quality, now)}
  <p class="quiet">${last === undefined ? `${title} has not told anything yet.` : `${title} said this ${ago(now - last.at)} ago, of all who send there, browsers too.`} It is asked once a day.</p>
  ${quality.ends.map((end) => endView(end, quality, users))}
  ${problem !== undefined && asked_at !== undefined && html`<p class="notice wait">It could not say at ${time(asked_at)}: ${problem}. It is asked again every hour. This holds up no event.</p>`}`;
}
