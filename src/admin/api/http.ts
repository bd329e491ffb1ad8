// Reads bodies and writes problems as HTTP has them.
import express, { type Request, type Response } from 'express';
import { PROBLEMS, type Problem, problem } from './route.ts';

const LARGEST_BODY = 64_000;
export const FAILED = problem(503, 'Something failed; the log says what.', { retryAfter: 5 });

export function writeProblem(response: Response, { status, detail, errors, retryAfter }: Problem): void {
  if (status === 401) response.set('www-authenticate', 'Bearer');
  if (retryAfter !== undefined) response.set('retry-after', String(retryAfter));
  const title = PROBLEMS[status];
  response.status(status).type('application/problem+json');
  response.send(JSON.stringify({ type: 'about:blank', title, status, detail, errors }));
}

const parseJson = express.json({ limit: LARGEST_BODY, strict: true, inflate: false, type: () => true });
/** Reads the body, or says why it cannot be read. */
export function readBody(request: Request, response: Response): Promise<Problem | undefined> {
  if (request.is('application/json') === false)
    return Promise.resolve(problem(415, 'Send the body as application/json.'));
  return new Promise((resolve, reject) => {
    parseJson(request, response, (error) => {
      const status = error instanceof Error && 'status' in error ? Number(error.status) : undefined;
      if (error === undefined) resolve(undefined);
      else if (status === 413) resolve(problem(413, `The body may have at most ${LARGEST_BODY} bytes.`));
      else if (status === 415) resolve(problem(415, 'Send the body as plain UTF-8, not compressed.'));
      else if (status !== undefined && status < 500)
        resolve(problem(400, 'The body is no JSON, or did not come whole.'));
      else reject(error);
    });
  });
}
