import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Contestant } from './contestant.ts';
import type { LoadRequest } from './load-order.ts';
import { productionSettings } from './production-settings.ts';

const origin = productionSettings.CORS_ORIGINS;

const send = ({ server }: Contestant, { method, path, body }: LoadRequest): Promise<Response> =>
  fetch(`${server.url}${path}`, {
    method,
    headers: { 'Content-Type': 'application/json', Origin: origin },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

// These differ between responses: an id, a time, and a cursor, which each server signs in its own way.
const varying = ['request_id', 'received_at', 'next_cursor'];

/** The response, with varying values replaced by their types. */
const comparable = (answer: unknown): unknown =>
  typeof answer === 'object' && answer !== null && !Array.isArray(answer)
    ? Object.fromEntries(
        Object.entries(answer).map(([name, value]) => [
          name,
          varying.includes(name) && value !== null ? typeof value : value,
        ]),
      )
    : answer;

const cursorSchema = z.object({ next_cursor: z.string() });

/** The response and, for a list, its next page. */
const answersOf = async (contestant: Contestant, request: LoadRequest): Promise<readonly unknown[]> => {
  const response = await send(contestant, request);
  if (!response.ok)
    throw new Error(`${contestant.name}: ${request.method} ${request.path} answers ${response.status}`);
  const answer: unknown = await response.json();
  const { data: page } = cursorSchema.safeParse(answer);
  if (!page || !contestant.isFull) return [comparable(answer)];
  if (!response.headers.get('link')?.includes(`cursor=${page.next_cursor}>`))
    throw new Error(`${contestant.name} does not link to the next page`);
  const separator = request.path.includes('?') ? '&' : '?';
  const next = await send(contestant, {
    ...request,
    path: `${request.path}${separator}cursor=${page.next_cursor}`,
  });
  return [comparable(answer), comparable(await next.json())];
};

const expectedHeaders = [
  'x-request-id',
  'content-security-policy',
  'strict-transport-security',
  'x-content-type-options',
];

const verifyFeatures = async (contestant: Contestant, request: LoadRequest): Promise<void> => {
  const { headers } = await send(contestant, request);
  for (const name of expectedHeaders) {
    if (!headers.has(name)) throw new Error(`${contestant.name} sends no ${name}`);
  }
  if (headers.has('etag')) throw new Error(`${contestant.name} sends an ETag`);
  if (headers.get('access-control-allow-origin') !== origin)
    throw new Error(`${contestant.name} does not allow ${origin}`);
};

/**
 * Throws unless all servers give the same response to the request (and to the next page of a list), and those with the
 * lab's features send the same kinds of headers and refuse the invalid request with 400.
 */
export const verifyAlike = async (
  request: LoadRequest,
  invalid: LoadRequest | undefined,
  lab: Contestant,
  others: readonly Contestant[],
): Promise<void> => {
  const expected = await answersOf(lab, request);
  for (const contestant of others) {
    const answers = await answersOf(contestant, request);
    if (!isDeepStrictEqual(answers, expected.slice(0, answers.length)))
      throw new Error(
        `${contestant.name} answers\n${JSON.stringify(answers)}\ninstead of\n${JSON.stringify(expected)}`,
      );
  }
  if (!invalid) return;
  for (const contestant of [lab, ...others].filter(({ isFull }) => isFull)) {
    await verifyFeatures(contestant, request);
    const { status } = await send(contestant, invalid);
    if (status !== 400) throw new Error(`${contestant.name} answers ${status} to an invalid request`);
  }
};
