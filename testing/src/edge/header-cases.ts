import { closed, type EdgeCase, kept, known, message, refused } from './edge-case.ts';

const get = (...headers: readonly string[]): string => message(`GET ${known}`, headers);
const withHost = (...lines: readonly string[]): string =>
  `${[`GET ${known} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`;
const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `x${index}: `);

/** RFC 9112, sections 2.2, 3.2 and 5; RFC 9110, sections 5 and 7.2. */
export const headerCases: readonly EdgeCase[] = [
  refused('no Host', withHost()),
  closed('no Host in HTTP/1.0', `GET ${known} HTTP/1.0\r\n\r\n`),
  refused('two Host lines', withHost('Host: lab.test', 'Host: other.test')),
  refused('two equal Host lines', withHost('Host: lab.test', 'host: lab.test')),
  refused('two Host lines in HTTP/1.0', `GET ${known} HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n`),
  refused('an empty Host', withHost('Host:')),
  refused('two names in one Host', withHost('Host: lab.test, other.test')),
  refused('a space in Host', withHost('Host: lab test')),
  refused('a path in Host', withHost('Host: lab.test/admin')),
  refused('a user name in Host', withHost('Host: root@lab.test')),
  refused('a port that is not a number', withHost('Host: lab.test:http')),
  refused('an IPv6 address without brackets', withHost('Host: ::1')),
  kept('an IPv6 address and a port', withHost('Host: [::1]:3000')),
  kept('a name and a port', withHost('Host: lab.test:3000')),
  refused(
    'two Authorization lines',
    get('Authorization: Bearer demo-alice', 'Authorization: Bearer demo-bob'),
  ),
  refused('two Content-Type lines', get('Content-Type: text/plain', 'content-type: application/json')),
  refused('only line feeds', get().replaceAll('\r\n', '\n')),
  refused('only carriage returns', get().replaceAll('\r\n', '\r')),
  refused('one bare line feed', withHost('Host: lab.test\nX: y')),
  refused('a carriage return in a value', get('X: a\rb')),
  refused('a folded line', get('X: a\r\n b')),
  refused('a folded Host', withHost('Host: lab\r\n .test')),
  refused('a space before the first header', `GET ${known} HTTP/1.1\r\n Host: lab.test\r\n\r\n`),
  refused('a space before the colon', get('X : y')),
  refused('a header without a colon', get('X')),
  refused('a header without a name', get(': y')),
  refused('a name that is not ASCII', get('X\xe9: y')),
  refused('U+0000 in a value', get('X: a\0b')),
  refused('a control character in a value', get('X: a\x01b')),
  kept('bytes above ASCII in a value', get('X: \xe9\xff')),
  kept('a value between spaces and tabs', get('X: \t y \t')),
  kept('1,500 headers', get(...many(1500))),
  closed('4,000 headers', get(...many(4000)), '431 headers_too_large'),
  closed('a header of 17,000 bytes', get(`X: ${'y'.repeat(17_000)}`), '431 headers_too_large'),
].map((each) => ({ ...each, name: `headers: ${each.name}` }));
