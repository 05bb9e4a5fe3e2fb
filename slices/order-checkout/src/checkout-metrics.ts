import { Counter, Histogram, type Registry } from 'prom-client';
import { ORDER_STATES, type OrderState } from './order-states.ts';

export const createCheckoutMetrics = (registry: Registry) => {
  const orders = new Counter({
    name: 'orders_total',
    help: 'Orders that came into a state',
    labelNames: ['status'],
    registers: [registry],
  });
  for (const status of ORDER_STATES) orders.inc({ status }, 0);
  const duration = new Histogram({
    name: 'checkout_duration_seconds',
    help: 'Time of a checkout that made an order, from its first statement to its commit',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return {
    count: (status: OrderState): void => orders.inc({ status }),
    observe: (seconds: number): void => duration.observe(seconds),
  };
};

export type CheckoutMetrics = ReturnType<typeof createCheckoutMetrics>;
