import { choose, wholeBelow } from '../determinism/seeded-random.ts';
import type { FuzzRequest } from './fuzz-request.ts';
import { toBytes } from './fuzz-request.ts';
import { type Chance, hasBody, type Mutation, withHeader, withoutHeader } from './mutation.ts';

const limitBytes = 102_400;

type Change = (body: Buffer, chance: Chance) => Buffer;

const onBytes = (kind: string, change: Change, weight = 1): Mutation => ({
  kind,
  weight,
  applies: hasBody,
  apply: ({ body = Buffer.alloc(0) }, _valid, chance) => ({ body: change(body, chance) }),
});

const insert = (body: Buffer, bytes: string, { random }: Chance): Buffer => {
  const at = wholeBelow(random, body.length + 1);
  return Buffer.concat([body.subarray(0, at), Buffer.from(bytes, 'latin1'), body.subarray(at)]);
};

const padded = (body: Buffer, length: number): Buffer =>
  Buffer.concat([body, Buffer.alloc(Math.max(0, length - body.length), ' ')]);

const contentTypes = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/json; charset=utf-16',
  'application/json; charset=latin1',
  'application/jsonp',
  'application/json, text/plain',
  'multipart/form-data; boundary=x',
  'application/merge-patch+json',
  '/',
  '',
  ';',
  'application/json;'.repeat(50),
];

const onHeaders = (
  kind: string,
  change: (headers: FuzzRequest['headers'], chance: Chance) => FuzzRequest['headers'],
): Mutation => ({
  kind,
  applies: hasBody,
  apply: ({ headers }, _valid, chance) => ({ headers: change(headers, chance) }),
});

/** Bodies that end too early or declare a wrong length. The connection cannot be used again. */
const framing: readonly Mutation[] = [
  {
    kind: 'truncated body',
    applies: hasBody,
    apply: (request, _valid, { random }) => {
      const length = request.body?.length ?? 0;
      return { cutAt: toBytes(request).length - 1 - wholeBelow(random, length), isLast: true };
    },
  },
  {
    kind: 'broken chunks',
    applies: hasBody,
    apply: ({ headers }, _valid, { random, marker }) => ({
      headers: withHeader(headers, 'Transfer-Encoding', 'chunked'),
      body: Buffer.from(
        choose(random, [`zz\r\n${marker}\r\n0\r\n\r\n`, `-1\r\n`, `fffffffffffffffff\r\n${marker}`]),
      ),
      framing: 'own',
      isLast: true,
    }),
  },
  {
    kind: 'two framings',
    applies: hasBody,
    apply: ({ headers }) => ({
      headers: withHeader(withHeader(headers, 'Transfer-Encoding', 'chunked'), 'Content-Length', '3'),
      framing: 'own',
      isLast: true,
    }),
  },
  {
    kind: 'broken length',
    apply: ({ headers }, _valid, { random }) => ({
      headers: [
        ...headers,
        ['Content-Length', choose(random, ['-1', 'abc', '1, 2', '99999999999999999999'])],
      ],
      framing: 'own',
      isLast: true,
    }),
  },
];

/** Bodies that are not JSON, not declared as JSON, too large or incomplete. */
export const byteMutations: readonly Mutation[] = [
  onBytes(
    'bad UTF-8',
    (body, chance) =>
      insert(
        body,
        choose(chance.random, ['\xff', '\xc3(', '\xed\xa0\x80', '\xf8\x88\x80', '\xc0\xaf']),
        chance,
      ),
    2,
  ),
  onBytes('cut JSON', (body, { random }) => body.subarray(0, wholeBelow(random, body.length)), 2),
  onBytes(
    'stray bytes',
    (body, chance) =>
      insert(body, choose(chance.random, ['\0', ',', '//', '}', "'", '\x1b[0m', chance.marker]), chance),
    2,
  ),
  onBytes('empty body', () => Buffer.alloc(0)),
  onBytes('byte order mark', (body) => Buffer.concat([Buffer.from('\ufeff'), body])),
  onBytes('body at the limit', (body) => padded(body, limitBytes)),
  onBytes('body over the limit', (body, { random }) =>
    padded(body, limitBytes + 1 + wholeBelow(random, 20_000)),
  ),
  {
    kind: 'chunked over the limit',
    applies: hasBody,
    apply: ({ body = Buffer.alloc(0) }) => ({ body: padded(body, limitBytes + 1), framing: 'chunked' }),
  },
  { kind: 'chunked', applies: hasBody, apply: () => ({ framing: 'chunked' }) },
  onHeaders('wrong content type', (headers, { random }) =>
    withHeader(headers, 'Content-Type', choose(random, contentTypes)),
  ),
  onHeaders('no content type', (headers) => withoutHeader(headers, 'Content-Type')),
  onHeaders('content encoding', (headers, { random }) => [
    ...headers,
    ['Content-Encoding', choose(random, ['gzip', 'br', 'deflate', 'identity', 'x-unknown'])],
  ]),
  ...framing,
];
