import { choose } from '../determinism/seeded-random.ts';
import { hostileText } from './hostile-values.ts';
import { type Mutation, withHeader, withoutHeader } from './mutation.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'];

const traceparents = [
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  '00-00000000000000000000000000000000-b7ad6b7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
  'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  '00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01',
  '01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more',
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more',
  '-'.repeat(3000),
  '',
];

const strayHeaders: readonly (readonly [name: string, value: string])[] = [
  ['Accept', '*/*;q=2, text/, ;'],
  ['Accept', 'image/png'],
  ['Accept-Encoding', 'gzip;q=nothing'],
  ['Range', 'bytes=0-'],
  ['If-None-Match', '"unclosed'],
  ['If-Modified-Since', 'yesterday'],
  ['Expect', '100-continue'],
  ['Expect', 'a miracle'],
  ['Upgrade', 'h2c'],
  ['X-HTTP-Method-Override', 'DELETE'],
  ['X-Forwarded-For', '::1, unknown, 999.999.999.999'],
  ['X-Forwarded-Host', 'elsewhere.test'],
  ['Origin', 'null'],
  ['Cookie', 'a=b; __proto__=c'],
  ['Host', 'second.test'],
  ['Connection', 'close'],
  ['X-\u00e9', '\u00ff'],
];

/** A header that the route reads, sent twice or with a hostile value. */
const ownHeader: Mutation = {
  kind: 'hostile header',
  weight: 4,
  applies: ({ headers }) => headers.length > 0,
  apply: ({ headers }, valid, { random, marker }) => {
    const [name, value] = choose(random, valid.headers);
    const hostile = choose(random, [
      marker,
      '',
      ' ',
      value.toUpperCase(),
      `${value}, ${marker}`,
      `"${marker}`,
    ]);
    return choose(random, [
      { headers: [...headers, [name, marker] as const] },
      { headers: withHeader(headers, name, hostile) },
      { headers: withHeader(headers, name, hostileText(random, marker)) },
    ]);
  },
};

const withoutCredentials: Mutation = {
  kind: 'other credentials',
  weight: 2,
  applies: ({ contract }) => contract.caller !== undefined,
  apply: ({ headers }, _valid, { random, marker }) => {
    const names = ['Authorization', 'X-User-Id', 'X-Admin-Token'];
    const stranger = names.reduce(withoutHeader, headers);
    const given = choose(random, [
      [],
      [['Authorization', `Bearer ${marker}`]],
      [['Authorization', `Basic ${marker}`]],
      [['Authorization', 'Bearer']],
      [['X-User-Id', `-${marker}`]],
      [['X-User-Id', '0']],
      [['X-Admin-Token', marker]],
    ] as const);
    return { headers: [...stranger, ...given] };
  },
};

const requestId: Mutation = {
  kind: 'odd request id',
  apply: ({ headers }, _valid, { random, marker }) => ({
    headers: withHeader(
      headers,
      'X-Request-Id',
      choose(random, [`${marker} ${marker}`, marker.repeat(20), '<b>', '']),
    ),
  }),
};

/** Requests whose request line or headers are unusual, too large or not HTTP. */
export const headMutations: readonly Mutation[] = [
  ownHeader,
  withoutCredentials,
  requestId,
  {
    kind: 'other method',
    weight: 2,
    apply: (_request, _valid, { random }) => ({ method: choose(random, methods) }),
  },
  {
    kind: 'odd traceparent',
    apply: ({ headers }, _valid, { random }) => ({
      headers: [...headers, ['traceparent', choose(random, traceparents)]],
    }),
  },
  {
    kind: 'stray header',
    weight: 2,
    apply: ({ headers }, _valid, { random }) => ({ headers: [...headers, choose(random, strayHeaders)] }),
  },
  {
    kind: 'many headers',
    apply: ({ headers }) => ({
      headers: [...Array.from({ length: 150 }, (_, index) => [`X-${index}`, 'a'] as const), ...headers],
    }),
  },
  {
    kind: 'huge header',
    apply: ({ headers }, _valid, { marker }) => ({
      headers: [...headers, ['X-Huge', marker.repeat(1100)]],
      isLast: true,
    }),
  },
  { kind: 'huge target', apply: ({ target }) => ({ target: target + 'a'.repeat(17_000), isLast: true }) },
  { kind: 'no host', apply: ({ headers }) => ({ headers: withoutHeader(headers, 'Host') }) },
  {
    kind: 'unknown method',
    apply: (_request, _valid, { random }) => ({
      method: choose(random, ['BREW', 'get', 'G\0T']),
      isLast: true,
    }),
  },
  {
    kind: 'broken header',
    apply: ({ headers }, _valid, { random, marker }) => ({
      headers: [
        ...headers,
        choose(random, [
          ['X-A', `${marker}\x01`],
          ['X A', marker],
          ['', marker],
          ['X-A', `a\n b`],
        ] as const),
      ],
      isLast: true,
    }),
  },
];
