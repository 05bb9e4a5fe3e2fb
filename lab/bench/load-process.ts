import autocannon, { type Sent } from 'autocannon';
import { type LoadReport, loadOrder } from './load-order.ts';

/** Sends the load described by the first argument, and prints a report. */
const { url, connections, request, volume } = loadOrder.parse(JSON.parse(process.argv[2] ?? ''));
const { method, path, body, keys } = request;
const latencies: number[] = [];
let [answered, failed, replayed, sent] = [0, 0, 0, 0];

const headers: Sent['headers'] = body === undefined ? {} : { 'Content-Type': 'application/json' };
const plain: Sent = { method, path, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
const keyed = keys && {
  setupRequest: (one: Sent) => {
    const key = `${keys.prefix}-${keys.from + (sent % keys.count)}`;
    sent += 1;
    return { ...one, headers: { ...headers, 'Idempotency-Key': key } };
  },
  onResponse: (
    _status: number,
    _body: string,
    _context: object,
    answer: Readonly<Record<string, string>>,
  ) => {
    if (Object.keys(answer).some((name) => name.toLowerCase() === 'idempotent-replayed')) replayed += 1;
  },
};

const warmUpMs = 'warmUp' in volume ? (volume.warmUp ?? 0) * 1000 : 0;
const { warmUp: _, ...limits } = { warmUp: 0, ...volume };
const load = autocannon({ url, connections, ...limits, sampleInt: 20, requests: [{ ...plain, ...keyed }] });

// Stays awake. Otherwise the server would pay for waking its client, which it does not across a network.
let isLoading = true;
const stayAwake = (): void => {
  if (isLoading) setImmediate(stayAwake);
};
stayAwake();

const startedAtMs = performance.now() + warmUpMs;
let endedAtMs = startedAtMs;
load.on('response', (_client, status, _bytes, latencyMs) => {
  if (status < 200 || status > 299) failed += 1;
  answered += 1;
  const nowMs = performance.now();
  if (nowMs < startedAtMs) return;
  latencies.push(latencyMs);
  endedAtMs = nowMs;
});
const { errors, timeouts } = await load;
isLoading = false;

latencies.sort((left, right) => left - right);
const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0;
const report: LoadReport = {
  total: latencies.length,
  answered,
  seconds: (endedAtMs - startedAtMs) / 1000,
  p50Ms: at(0.5),
  p99Ms: at(0.99),
  failed: failed + errors + timeouts,
  replayed,
};
console.log(JSON.stringify(report));
