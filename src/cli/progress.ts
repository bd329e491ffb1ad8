// A progress line on the terminal for work that takes long; silent where nobody looks.

export type Progress = { step: (done: number) => void; end: () => void };

const WIDTH = 30;

/** `total` may be unknown; then only the count is shown. Writes to stderr, and only if that is a terminal. */
export function createProgress(
  what: string,
  total: number | undefined,
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  let done = 0;
  const show = () => {
    if (!stream.isTTY) return;
    const share = total === undefined || total === 0 ? undefined : Math.min(1, done / total);
    const bar = share === undefined ? '' : `[${'#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '-')}] `;
    stream.write(`\r${what} ${bar}${done}${total === undefined ? '' : ` of ${total}`}`);
  };
  return {
    step: (count) => {
      done += count;
      show();
    },
    end: () => {
      if (stream.isTTY) stream.write('\n');
    },
  };
}
