import { startDatabase } from '@lab/shared/database';
import { serve } from '@lab/shared/http';
import { paymentIntentsSettings } from './config.ts';
import { paymentIntentsMigrations } from './migrations.ts';
import { createNoteStore, type PaymentIntentsTables } from './note-store.ts';
import { createPaymentIntentsRouter, tag } from './router.ts';

await serve({
  name: 'payment-intents',
  title: 'Payment intents',
  description: tag.description,
  settings: paymentIntentsSettings,
  start: async (server) => {
    const db = await startDatabase<PaymentIntentsTables>(server, [paymentIntentsMigrations]);
    return [createPaymentIntentsRouter({ notes: createNoteStore(db, { now: () => new Date() }) })];
  },
});
