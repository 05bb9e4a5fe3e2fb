import { boundedClientCost, eachDatabase, edgeConformance, fuzzContracts } from '@lab/testing';
import { createPaymentClient } from './payment-client.ts';
import { openPayments } from './payments-app.ts';

boundedClientCost(new URL('../src/server.ts', import.meta.url));

eachDatabase((engine) => {
  edgeConformance(async () => (await openPayments(engine)).app);
  const ids: string[] = [];
  fuzzContracts(
    async () => {
      const { app } = await openPayments(engine);
      const client = await createPaymentClient(app);
      ids.push(await client.paid('cart-a', '9000.00'), await client.begin('cart-b'));
      return app;
    },
    {
      samples: {
        createPayment: { 'body.amount.amount': ['5.00', '7.50'], 'body.amount.currency': ['USD'] },
        readPayment: { 'params.id': ids },
        confirmPayment: { 'params.id': ids, 'body.payment_method': ['pm_card_visa_chargeDeclined'] },
        cancelPayment: { 'params.id': ids },
        refundPayment: { 'params.id': ids, 'body.amount.amount': ['0.01'], 'body.amount.currency': ['USD'] },
      },
      // Only signed bodies get through: see webhooks.test.ts.
      routes: ({ path }) => !path.startsWith('/docs/') && path !== '/webhooks/payments',
      leastValidShare: 0.3,
      requestsPerRoute: process.env.FULL_PROOF === '1' ? 2000 : 80,
    },
  );
});
