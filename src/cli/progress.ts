// A progress line on the terminal for work that takes long; silent where nobody looks.

export type Progress = { step: (done: number) => void; end: () => void };

const WIDTH = 30;

type Stream = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>;

/** `total` may be unknown; then only the count is shown. Writes to stderr, and only if that is a terminal. */
export function createProgress(what: string, total: number | undefined, stream: Stream = process.stderr): Progress {
  let done = 0;
  const show = () => {
    if (!stream.isTTY) return;
    const filled = Math.round(Math.min(1, done / Math.max(1, total ?? 0)) * WIDTH);
    const bar = `[${'#'.repeat(filled).padEnd(WIDTH, '-')}]`;
    stream.write(total === undefined ? `\r${what} ${done}` : `\r${what} ${bar} ${done} of ${total}`);
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
