import { closed, type EdgeCase, kept, known, malformed, message, refused, unknown } from './edge-case.ts';

const get = (...headers: readonly string[]): string => message(`GET ${known}`, headers);
const notFound = '404 not_found';

/**
 * RFC 9112, section 9, and RFC 9110, sections 7.8 and 10.1.1: keep-alive, close, pipelining, upgrades, expectations.
 */
export const connectionCases: readonly EdgeCase[] = [
  closed('close', get('Connection: close')),
  closed('close among others, in capitals', get('Connection: keep-alive, CLOSE')),
  closed('HTTP/1.0', `GET ${known} HTTP/1.0\r\nHost: lab.test\r\n\r\n`),
  kept('HTTP/1.0 with keep-alive', `GET ${known} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`),
  closed('a request after close is not answered', get('Connection: close') + get()),
  { ...kept('two requests at once', get() + message(`GET ${unknown}`)), answers: ['200', notFound] },
  { ...kept('a request and HEAD at once', get() + message(`HEAD ${known}`)), answers: ['200', '200'] },
  { ...refused('a request and other bytes', `${get()}noise\r\n\r\n`), answers: ['200', malformed] },
  {
    ...refused('a request without Host ends the pipeline', `${get()}GET / HTTP/1.1\r\n\r\n${get()}`),
    answers: ['200', malformed],
  },
  { ...refused('CONNECT after a request', get() + message('CONNECT a:1')), answers: ['200', malformed] },
  kept('a switch to WebSocket', get('Upgrade: websocket', 'Connection: Upgrade')),
  kept(
    'a switch to HTTP/2',
    get('Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AA'),
  ),
  closed('Expect without a body to send', get('Expect: 100-continue')),
  kept('an unknown expectation', get('Expect: a-miracle')),
  closed(
    'Expect on a path that does not exist',
    message(`POST ${unknown}`, ['Expect: 100-continue', 'Content-Length: 2']),
    notFound,
  ),
].map((each) => ({ ...each, name: `connection: ${each.name}` }));
