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

/** Charges anew with each call, because nothing tells the provider that it is the same one. */
const chargesAnew = (provider: Provider): Provider => ({
  ...provider,
  confirm: async (ref, method) => {
    const { paymentId = '', amount, currency } = await amountOf(provider, ref);
    const fresh = await provider.create({ paymentId, amount, currency, key: randomUUID() });
    return provider.confirm(fresh.ref, method, randomUUID());
  },
});

const amountOf = async (provider: Provider, ref: string) => {
  const { paymentId } = await provider.retrieve(ref);
  return { paymentId, amount: 10_000, currency: 'USD' };
};

const refundsAnew = (provider: Provider): Provider => ({
  ...provider,
  findRefund: async () => undefined,
  refund: (wanted) => provider.refund({ ...wanted, refundId: randomUUID() }),
});

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
