// The syntax tree jsonata parses to, as far as we read it, and walks over it.

export type Filter = { type: string; expr?: Node };
export type Node = {
  type: string;
  value?: unknown;
  position?: number;
  steps?: Node[];
  stages?: Filter[];
  predicate?: Filter[];
  expressions?: Node[];
  expression?: Node;
  arguments?: Node[];
  procedure?: Node;
  lhs?: Node | Node[] | [Node, Node][];
  rhs?: Node | Node[];
  condition?: Node;
  then?: Node;
  else?: Node;
  group?: unknown;
  keepArray?: boolean;
  keepSingletonArray?: boolean;
  consarray?: boolean;
  tuple?: boolean;
  focus?: string;
  index?: string;
  ancestor?: unknown;
  seekingParent?: unknown;
};

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** The nodes directly below a node, in the order they are written. */
function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap(nodesIn);
}

function nodesIn(value: unknown): Node[] {
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return [];
  return isNode(value) ? [value] : Object.values(value).flatMap(nodesIn);
}

/** The node and all below it. */
export function* walk(node: Node): Generator<Node> {
  yield node;
  for (const child of childrenOf(node)) yield* walk(child);
}
