// Which versions of Node.js run the bridge: those with a SQLite that flushes what it says it has flushed, and with fixes to come.

const OLDEST = 24;

/** What is wrong with a version of Node.js, as `process.versions.node` says it; undefined if it runs the bridge. */
export const oldNode = (version: string): string | undefined =>
  Number.parseInt(version, 10) >= OLDEST
    ? undefined
    : `NODE_OLD this is Node.js ${version}, which gets no fixes any more: install Node.js ${OLDEST} or newer, or start with npm, which brings one`;
