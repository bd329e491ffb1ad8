// Form bodies: `a=1`, and nested as PHP and Rails write it: `order[total]=12.50`, `tags[]=a`, `items[0][sku]=S1`.

type Branch = Map<string, Branch | string>;

const DEEPEST = 32;
const NAME = /^([^[\]]+)((?:\[[^[\]]*\])+)$/;
/** Names that would reach into every object. */
const HARMFUL = new Set(['__proto__', 'constructor', 'prototype']);

/** Parses `application/x-www-form-urlencoded`. All values are texts; of a name given twice the last one counts. */
export function parseForm(text: string): Record<string, unknown> {
  const root: Branch = new Map();
  for (const [name, value] of new URLSearchParams(text)) {
    const path = pathOf(name);
    if (!path.some((key) => HARMFUL.has(key))) put(root, path, value);
  }
  return toTable(root);
}

/** `items[0][sku]` to `items`, `0`, `sku`. A name with odd brackets, or too many, stays one name. */
function pathOf(name: string): string[] {
  const [, first, rest] = NAME.exec(name) ?? [];
  if (first === undefined || rest === undefined) return [name];
  const path = [first, ...rest.slice(1, -1).split('][')];
  return path.length > DEEPEST ? [name] : path;
}

function put(root: Branch, path: readonly string[], value: string): void {
  let branch = root;
  path.forEach((given, index) => {
    const next = path[index + 1];
    const key = given === '' && index > 0 ? nextKey(branch, next) : given;
    if (next === undefined) {
      branch.set(key, value);
      return;
    }
    const there = branch.get(key);
    const deeper: Branch = there instanceof Map ? there : new Map();
    branch.set(key, deeper);
    branch = deeper;
  });
}

/** The place of `[]`: the end of the list, or its last element as long as that has no `next` yet. */
function nextKey(list: Branch, next: string | undefined): string {
  const last = list.get(String(list.size - 1));
  const belongsToLast = next !== undefined && next !== '' && last instanceof Map && !last.has(next);
  return String(belongsToLast ? list.size - 1 : list.size);
}

function toTable(branch: Branch): Record<string, unknown> {
  return Object.fromEntries([...branch].map(([key, value]) => [key, toValue(value)]));
}

/** Keys 0, 1, 2 … are a list, whatever their order. */
function toValue(value: Branch | string): unknown {
  if (typeof value === 'string') return value;
  const list: unknown[] = [];
  for (let index = 0; index < value.size; index++) {
    const element = value.get(String(index));
    if (element === undefined) return toTable(value);
    list.push(toValue(element));
  }
  return list;
}
