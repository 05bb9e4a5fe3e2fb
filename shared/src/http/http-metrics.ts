import { Counter, Histogram, type Registry } from 'prom-client';

export interface HttpMetrics {
  readonly observe: (method: string, route: string, status: number, seconds: number) => void;
}

interface Series {
  readonly count: () => void;
  readonly time: (seconds: number) => void;
}

// Methods of RFC 9110 and PATCH. Anything else would let a client make up series without end.
const knownMethods = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
]);

interface Observation {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

const mostPending = 1000;

/**
 * `http_requests_total{method,route,status}` and `http_request_duration_seconds{method,route}`. Requests are recorded
 * many at a time, and before each scrape, which spares a request half of what that costs. Each series is looked up once
 * and kept: there are as many as routes times statuses, which is few.
 */
export const createHttpMetrics = (registry: Registry): HttpMetrics => {
  const pending: Observation[] = [];
  const collect = (): void => {
    for (const { method, route, status, seconds } of pending.splice(0)) {
      const series = seriesOf(knownMethods.has(method) ? method : 'OTHER', route, status);
      series.count();
      series.time(seconds);
    }
  };
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered, by route template',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
    collect,
  });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte read to the last byte written, by route template',
    labelNames: ['method', 'route'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
    collect,
  });

  const known = new Map<string, Series>();
  const seriesOf = (method: string, route: string, status: number): Series => {
    const key = `${method} ${status} ${route}`;
    const found = known.get(key);
    if (found) return found;
    const counter = requests.labels({ method, route, status: String(status) });
    const histogram = durations.labels({ method, route });
    const series = { count: () => counter.inc(), time: (seconds: number) => histogram.observe(seconds) };
    known.set(key, series);
    return series;
  };

  return {
    observe: (method, route, status, seconds) => {
      if (pending.push({ method, route, status, seconds }) === mostPending) collect();
    },
  };
};
