import { choose, wholeBelow } from '../determinism/seeded-random.ts';

const hostileJsons = [
  '1e400',
  '-1e400',
  '-0',
  '-1',
  '0.1',
  '1e-400',
  '5e-324',
  '1.7976931348623157e308',
  '9007199254740993',
  '99999999999999999999999999',
  '4294967296',
  'null',
  'true',
  '""',
  '[]',
  '{}',
  '"NaN"',
  '"__proto__"',
  '"1e5"',
  '"\\u0000"',
  '"0x10"',
  '" 1"',
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  '{"length":1e9}',
  '{"toJSON":"x","valueOf":1}',
  '['.repeat(300) + ']'.repeat(300),
  `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`,
];

/** A JSON text to replace a value. `JSON.stringify` might never write it. */
export const hostileJson = (random: () => number, marker: string): string =>
  choose(random, [
    `"${marker}"`,
    marker,
    `{"${choose(random, ['id', 'value', 'constructor', 'toString'])}":"${marker}"}`,
    `["${marker}","${marker}"]`,
    `"${marker}${'a'.repeat(wholeBelow(random, 3000))}"`,
    `"${marker}\\u0000"`,
    `"${marker}\\ud800"`,
    ...hostileJsons,
  ]);

const hostileTexts = [
  '-1',
  '0',
  '1e400',
  '9007199254740993',
  '1.5',
  'NaN',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '%00',
  '%0d%0aX-Injected:%201',
  '%F0%9F%92%A5',
  '%ED%A0%80',
  '%FF',
  '%zz',
  '%',
  '..%2f..%2fetc%2fpasswd',
  "'%20OR%201=1--",
  '%3Cscript%3E',
  '$%7B7*7%7D',
  '*',
  ';a=b',
  '[]',
];

/** A percent-encoded text to replace a parameter. */
export const hostileText = (random: () => number, marker: string): string =>
  choose(random, [
    marker,
    `${marker}${'a'.repeat(wholeBelow(random, 2000))}`,
    `%20${marker}`,
    `${marker}%00`,
    ...hostileTexts,
  ]);
