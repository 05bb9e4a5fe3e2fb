/** Serves the routes with the bug that its argument names. */
import { randomUUID, randomUUIDv7 } from 'node:crypto';
import { createIdempotency, idempotencyMigrations } from '@lab/gift-grant';
import { startDatabase } from '@lab/shared/database';
import { callerOptions, createCallers, serve } from '@lab/shared/http';
import { paymentIntentsSettings } from '../src/config.ts';
import {
  createPaymentSlice,
  type PayingTables,
  type Provider,
  paymentMigrations,
  startProvider,
} from '../src/index.ts';

const [bug] = process.argv.slice(2);

/** Loses the first answer for each payment, as a cut connection would. */
const createLoss = () => {
  const seen = new Set<string>();
  return <Value>(ref: string, value: Value): Value => {
    if (seen.has(ref)) return value;
    seen.add(ref);
    throw new Error('the connection was cut');
  };
};

/** Charges anew with each call, because nothing tells the provider that it is the same one. */
const chargesAnew = (provider: Provider): Provider => {
  const lose = createLoss();
  return {
    ...provider,
    confirm: async (ref, method) => {
      const { paymentId = '' } = await provider.retrieve(ref);
      const wanted = { paymentId, amount: 10_000, currency: 'USD', key: randomUUID() };
      const { ref: fresh } = await provider.create(wanted);
      return lose(ref, await provider.confirm(fresh, method, randomUUID()));
    },
  };
};

/** Refunds anew with each call. */
const refundsAnew = (provider: Provider): Provider => {
  const lose = createLoss();
  return {
    ...provider,
    findRefund: async () => undefined,
    refund: async (wanted) => lose(wanted.ref, await provider.refund({ ...wanted, refundId: randomUUID() })),
  };
};

const planted = new Map([
  ['charges without a key', chargesAnew],
  ['refunds without a key', refundsAnew],
]);

await serve({
  name: 'planted',
  title: 'Planted',
  description: 'Has a bug.',
  settings: paymentIntentsSettings,
  start: async (server) => {
    const db = await startDatabase<PayingTables>(server, [idempotencyMigrations, paymentMigrations]);
    const now = () => new Date();
    const correct = await startProvider(server);
    const provider = planted.get(bug ?? '')?.(correct) ?? correct;
    const idempotency = createIdempotency({ now }, { ttlMs: server.settings.IDEMPOTENCY_TTL_MS });
    const callers = createCallers(callerOptions(server.settings));
    const slice = createPaymentSlice(server, {
      db,
      provider,
      idempotency,
      callers,
      now,
      newId: randomUUIDv7,
    });
    server.resources.use(slice.reconciler.start());
    return [slice.paymentRouter, slice.refundRouter, slice.webhookRouter];
  },
});
