import { choose } from '../determinism/seeded-random.ts';
import { hostileText } from './hostile-values.ts';
import type { Mutation } from './mutation.ts';
import { encode, fillPath, targetOf, type ValidRequest } from './valid-requests.ts';

const onTarget = (
  kind: string,
  weight: number,
  change: (valid: ValidRequest, random: () => number, marker: string) => string,
): Mutation => ({
  kind,
  weight,
  apply: (_request, valid, { random, marker }) => ({ target: change(valid, random, marker) }),
});

const joined = (target: string, pair: string): string =>
  `${target}${target.includes('?') ? '&' : '?'}${pair}`;

const hasParams = ({ params }: ValidRequest): boolean => Object.keys(params).length > 0;
const hasQuery = ({ contract }: ValidRequest): boolean => Object.keys(contract.query?.shape ?? {}).length > 0;

const hostileParam = (valid: ValidRequest, random: () => number, marker: string): string => {
  const name = choose(random, Object.keys(valid.params));
  // A placeholder that encoding does not change, because the text is already encoded.
  const path = fillPath(valid.contract.path, { ...valid.params, [name]: 'HOSTILE-TEXT' });
  return path.replace('HOSTILE-TEXT', () => hostileText(random, marker));
};

const hostileQuery = (valid: ValidRequest, random: () => number, marker: string): string => {
  const name = choose(random, Object.keys(valid.contract.query?.shape ?? {}));
  const others = { ...valid, query: valid.query.filter(([each]) => each !== name) };
  return joined(targetOf(others), `${encode(name)}=${hostileText(random, marker)}`);
};

const repeatedQuery = (valid: ValidRequest, random: () => number, marker: string): string => {
  const name = encode(choose(random, Object.keys(valid.contract.query?.shape ?? {})));
  return joined(targetOf(valid), choose(random, [`${name}=${marker}&${name}=${marker}`, `${name}&${name}=`]));
};

const absurdPath = (valid: ValidRequest, random: () => number): string => {
  const path = fillPath(valid.contract.path, valid.params);
  return choose(random, [
    `/${path}`,
    `${path}/`,
    `${path}//`,
    `${path}/..`,
    `/.${path}`,
    `/..;${path}`,
    `${path}/%2e%2e/%2e%2e/etc/passwd`,
    `${path}%00`,
    `${path}%0a`,
    `${path}%zz`,
    `${path}%`,
    `${path}%E2%82`,
    `${path}%ff`,
    path.toUpperCase(),
    path.replaceAll('/', '\\'),
    path.replaceAll('/', '%2f'),
    `${path}\u00e9`,
    `${path};a=b`,
    `${path}#fragment`,
    `http://elsewhere.test${path}`,
    '*',
    '/'.repeat(3000),
    `/${'a/'.repeat(2000)}`,
    '/__proto__',
    '/constructor',
    '/%F0%9F%92%A5',
  ]);
};

const strayQuery = (_valid: ValidRequest, random: () => number, marker: string): string =>
  choose(random, [
    `unknown=${marker}`,
    `__proto__=${marker}`,
    `__proto__[isAdmin]=${marker}`,
    `a[b][c]=${marker}`,
    `${marker}=1`,
    `=${marker}`,
    `a=%zz`,
    `a=%ff`,
    `%=${marker}`,
    `a=${marker}${'b'.repeat(5000)}`,
    'a&'.repeat(3000),
    '&&&',
    '?',
    '',
  ]);

/** URLs that no route has or accepts. */
export const urlMutations: readonly Mutation[] = [
  { ...onTarget('hostile path parameter', 6, hostileParam), applies: hasParams },
  { ...onTarget('hostile query parameter', 6, hostileQuery), applies: hasQuery },
  { ...onTarget('repeated query parameter', 2, repeatedQuery), applies: hasQuery },
  onTarget('stray query parameter', 3, (valid, random, marker) =>
    joined(targetOf(valid), strayQuery(valid, random, marker)),
  ),
  onTarget('absurd path', 3, absurdPath),
];
