import { Counter, Histogram, type Registry } from 'prom-client';

const loginOutcomes = [
  'succeeded',
  'invalid_credentials',
  'email_not_verified',
  'rate_limited',
  'unavailable',
];
const refreshOutcomes = ['rotated', 'replayed', 'reused', 'invalid'];

/** The metrics of accounts. Known series begin at 0, so that the first event is an increase. */
export const createAccountMetrics = (registry: Registry) => {
  const registers = [registry];
  const logins = new Counter({
    name: 'logins_total',
    help: 'Attempts to log in, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const refreshes = new Counter({
    name: 'refreshes_total',
    help: 'Refresh tokens presented, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const hashing = new Histogram({
    name: 'password_hash_seconds',
    help: 'Time to hash one password, without the wait for its turn.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
  for (const outcome of loginOutcomes) logins.inc({ outcome }, 0);
  for (const outcome of refreshOutcomes) refreshes.inc({ outcome }, 0);
  return { logins, refreshes, hashing };
};
