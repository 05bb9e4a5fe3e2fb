import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProbeReport, probeOrder } from './edge-order.ts';

/**
 * Requests each path at a fixed rate, even if earlier responses are missing, like independent clients; prints how long
 * the responses took. A request that fails or takes longer than `TIMEOUT_MS` counts as failed, with that duration.
 */
const { url, paths, seconds } = probeOrder.parse(JSON.parse(process.argv[2] ?? ''));
const INTERVAL_MS = 20;
const TIMEOUT_MS = 5000;

// A new connection for each request, like the health check of a load balancer.
const agent = new Agent({ keepAlive: false });

const ask = (path: string): Promise<number | undefined> =>
  new Promise((resolve) => {
    const startedAtMs = performance.now();
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const sending = get(`${url}${path}`, { agent, signal }, (response) => {
      response.resume();
      response.once('error', () => resolve(undefined));
      response.once('end', () =>
        resolve(response.statusCode === 200 ? performance.now() - startedAtMs : undefined),
      );
    });
    sending.once('error', () => resolve(undefined));
  });

const asked = paths.map((path) => ({ path, answers: [] as Promise<number | undefined>[] }));
const endAtMs = performance.now() + seconds * 1000;
while (performance.now() < endAtMs) {
  for (const { path, answers } of asked) answers.push(ask(path));
  await sleep(INTERVAL_MS);
}

const reports: ProbeReport = [];
for (const { path, answers } of asked) {
  const settled = await Promise.all(answers);
  const latencies = settled.map((ms) => ms ?? TIMEOUT_MS).toSorted((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0;
  const failed = settled.filter((ms) => ms === undefined).length;
  reports.push({ path, sent: answers.length, failed, p50Ms: at(0.5), p99Ms: at(0.99) });
}
console.log(JSON.stringify(reports));
