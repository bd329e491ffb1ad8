// What processes that tests start are given of the environment.
const { PATH = '', NODE_COMPILE_CACHE } = process.env;

/** Where programs are, and what has been compiled already; nothing else of the environment of the tests. */
export const CHILD_ENV: Record<string, string> = {
  PATH,
  ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }),
};
