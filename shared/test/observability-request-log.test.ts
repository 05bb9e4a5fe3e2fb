import { createRequestLog, type RequestRecord } from '@lab/shared/observability';
import { expect, test } from 'vitest';
import { createCapturedLogger } from './fixtures/log-lines.ts';

const record: RequestRecord = {
  requestId: '01932f0e-5a6b-7c8d-9e0f-112233445566',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  method: 'GET',
  route: '/notes/:id',
  status: 200,
  durationMs: 1.23456,
  isAborted: false,
};

/** What pino makes of the same fields. */
const linesOf = (one: RequestRecord) => {
  const { logger, text } = createCapturedLogger();
  createRequestLog(logger)(one);
  const fields = {
    request_id: one.requestId,
    trace_id: one.traceId,
    method: one.method,
    route: one.route,
    status: one.status,
    duration_ms: 1.235,
    ...(one.isAborted && { aborted: true }),
  };
  logger.info(fields, 'request');
  return text()
    .replaceAll(/"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/g, '"time":"?"')
    .split('\n');
};

test.each([
  ['an answered request', record],
  ['one whose client left', { ...record, isAborted: true, status: 499 }],
  ['a route with quotes', { ...record, route: '/"a"\\b' }],
  ['an id of another make', { ...record, requestId: 'a"b' }],
])('the line of %s is, byte for byte, the one that pino writes', (_of, one) => {
  const [own, pinos] = linesOf(one);
  expect(own).toContain('"msg":"request"');
  expect(own).toBe(pinos);
});

test('nothing is written below the level of the log, also when it changes', () => {
  const { logger, lines } = createCapturedLogger();
  const log = createRequestLog(logger);
  logger.level = 'warn';
  log(record);
  expect(lines()).toEqual([]);
  logger.level = 'info';
  log(record);
  expect(lines()).toHaveLength(1);
});
