// Which platform files a service needs: those that its stores name. `tagbridge check` reads all of them.
import type { Texts } from './files.ts';

/** `platform: shopify`, as YAML or JSON writes it. */
const NAMED = /(?:^|[\s{,"'])platform["']?\s*:\s*(?:["']?([\w.-]+)|(\S))/g;
const OWN = /^["']?platform["']?\s*:\s*["']?([\w.-]+)/m;

/** The platforms a store file names; undefined where a value is written in a way only a parser of YAML understands. */
function namesIn(text: string): string[] | undefined {
  const found = [...text.matchAll(NAMED)];
  return found.some(([, , odd]) => odd !== undefined) ? undefined : found.flatMap(([, name]) => name ?? []);
}

/** The name a platform file gives itself, as far as it can be told without reading all of it. */
export const platformIn = (text: string): string | undefined => OWN.exec(text)?.[1];

/** Every store has it, without naming it. */
const ENTERED = /^["']?entered["']?\s*:\s*true\b/m;

/** The texts without platform files that no store names; each of them would cost start and memory in every thread. */
export function usedTexts(texts: Texts): Texts {
  const wanted = new Set<string>();
  for (const { text } of texts.stores) {
    const names = namesIn(text);
    if (names === undefined) return texts;
    for (const name of names) wanted.add(name);
  }
  const own = texts.platforms.map(({ text }) => platformIn(text));
  // A name that no file has is a mistake, and the message about it lists the names there are.
  if ([...wanted].some((name) => !own.includes(name))) return texts;
  const platforms = texts.platforms.filter(({ text }, index) => {
    const name = own[index];
    return name === undefined || wanted.has(name) || ENTERED.test(text);
  });
  return { ...texts, platforms };
}
