import { closed, type EdgeCase, kept, known, malformed, message, refused, unknown } from './edge-case.ts';

const get = message(`GET ${known}`);

/** RFC 9112, sections 6 and 7, for requests whose body no route reads. */
export const framingCases: readonly EdgeCase[] = [
  ...['gzip', 'identity', 'xchunked', 'gzip, chunked', 'chunked, chunked', 'chunked, identity', ''].map(
    (coding) =>
      refused(
        `Transfer-Encoding: ${coding}`,
        message(`POST ${known}`, [`Transfer-Encoding: ${coding}`], '0\r\n\r\n'),
      ),
  ),
  refused(
    'two Transfer-Encoding lines',
    message(`POST ${known}`, ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
  ),
  refused(
    'Transfer-Encoding in HTTP/1.0',
    `POST ${known} HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ),
  ...[
    'Content-Length: 5\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: chunked\r\nContent-Length: 5',
  ].map((both) => refused(`${both.replace('\r\n', ' and ')}`, message(`POST ${known}`, [both], '0\r\n\r\n'))),
  ...['', '2, 2', '+2', '-2', '0x2', '2 2', '2.0', '99999999999999999999'].map((length) =>
    refused(`Content-Length: ${length}`, message(`POST ${known}`, [`Content-Length: ${length}`], '{}')),
  ),
  ...['2', '3'].map((other) =>
    refused(
      `Content-Length: 2 and Content-Length: ${other}`,
      message(`POST ${known}`, ['Content-Length: 2', `Content-Length: ${other}`], '{}'),
    ),
  ),
  {
    ...kept('GET with a body', message(`GET ${known}`, ['Content-Length: 4'], 'body') + get),
    answers: ['200', '200'],
  },
  {
    ...kept('an unread body', message(`DELETE ${unknown}`, ['Content-Length: 4'], 'body') + get),
    answers: ['404 not_found', '200'],
  },
  {
    ...kept(
      'an unread chunked body',
      message(`GET ${known}`, ['Transfer-Encoding: chunked'], '0\r\n\r\n') + get,
    ),
    answers: ['200', '200'],
  },
].map((each) => ({ ...each, name: `framing: ${each.name}` }));

/** The same for a route that reads JSON. The body is malformed, so that the handler does not run. */
export const bodyCases = (path: string): readonly EdgeCase[] => {
  const post = (headers: readonly string[], body: string): string =>
    message(
      `POST ${path}`,
      ['Content-Type: application/json', 'X-User-Id: 1', 'X-Admin-Token: dev-admin-token', ...headers],
      body,
    );
  const chunked = (body: string): string => post(['Transfer-Encoding: chunked'], body);
  const brokenJson = '400 malformed_json';
  const tooLarge = '413 payload_too_large';
  return [
    kept('a length', post(['Content-Length: 1'], '{'), brokenJson),
    kept('a length with leading zeros', post(['Content-Length: 001'], '{'), brokenJson),
    kept('chunks', chunked('1\r\n{\r\n0\r\n\r\n'), brokenJson),
    kept('CHUNKED', post(['Transfer-Encoding: CHUNKED'], '1\r\n{\r\n0\r\n\r\n'), brokenJson),
    kept('a chunk with an extension', chunked('1;a=b\r\n{\r\n0\r\n\r\n'), brokenJson),
    kept('chunks with a trailer', chunked('1\r\n{\r\n0\r\nX: y\r\n\r\n'), brokenJson),
    kept('Expect', post(['Expect: 100-continue', 'Content-Length: 1'], '{'), brokenJson),
    ...['zz', '-1', '0x1', '1 ', 'fffffffffffffffff', ''].map((size) =>
      refused(`a chunk of size "${size}"`, chunked(`${size}\r\n{\r\n0\r\n\r\n`)),
    ),
    refused('chunks that end with bare line feeds', chunked('1\n{\n0\n\n')),
    refused('a chunk longer than its size', chunked('1\r\n{}\r\n0\r\n\r\n')),
    refused('an extension of 20,000 bytes', chunked(`1;${'a'.repeat(20_000)}\r\n{\r\n0\r\n\r\n`)),
    closed(
      'a trailer of 20,000 bytes',
      chunked(`1\r\n{\r\n0\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`),
      '431 headers_too_large',
    ),
    closed('a length above the limit', post(['Content-Length: 900000000'], ''), tooLarge),
    closed(
      'a length above the limit, with Expect',
      post(['Expect: 100-continue', 'Content-Length: 900000000'], ''),
      tooLarge,
    ),
    closed(
      'a chunk above the limit',
      chunked(`${(200_000).toString(16)}\r\n${' '.repeat(200_000)}\r\n0\r\n\r\n`),
      tooLarge,
    ),
    { ...kept('a body and a request', post(['Content-Length: 1'], '{') + get), answers: [brokenJson, '200'] },
    {
      ...refused('a body and other bytes', `${post(['Content-Length: 1'], '{')}noise\r\n`),
      answers: [brokenJson, malformed],
    },
  ].map((each) => ({ ...each, name: `body: ${each.name}` }));
};
