/**
 * Problem: whether an order may be shipped or cancelled is asked in many places, and each of them answers for itself.
 * The idea: one table says which state can follow which, and what that does to the stock, the discount and the money.
 * What may happen, the constraint of the database, the refusals, the picture in the README and the model of the tests are
 * derived from it.
 * Does NOT guarantee: anything about two changes at once. Those meet at the row of the order; see orders/orders.ts.
 */

/** What a transition does besides changing the state. */
export type Effect =
  /** Paid: the reserved goods leave the stock. */
  | 'sell'
  /** Not paid: the reserved goods are for sale again, and discount and gift are given back. */
  | 'give_back'
  /** Paid and not shipped: goods, discount and gift are given back, and the money is to be refunded. */
  | 'take_back'
  /** Whatever has not been refunded yet is to be. What was shipped is not back. */
  | 'refund'
  | 'nothing';

const transitions = {
  pending: { payment_confirmed: 'sell', cancelled: 'give_back', expired: 'give_back' },
  payment_confirmed: { processing: 'nothing', cancelled: 'take_back', refunded: 'refund' },
  processing: { shipped: 'nothing', cancelled: 'take_back', refunded: 'refund' },
  shipped: { delivered: 'nothing', refunded: 'refund' },
  delivered: { refunded: 'refund' },
  cancelled: {},
  expired: {},
  refunded: {},
} as const satisfies Readonly<Record<string, Readonly<Record<string, Effect>>>>;

export type OrderState = keyof typeof transitions;

const isState = (name: string): name is OrderState => name in transitions;

/** All states, in the order of an order's life. */
export const ORDER_STATES = Object.keys(transitions).filter(isState);

export const FIRST_STATE = 'pending' satisfies OrderState;

/** The states that can follow this one. */
export const allowedFrom = (from: OrderState): readonly OrderState[] =>
  Object.keys(transitions[from]).filter(isState);

/** What the transition does; undefined if it is not allowed. */
export const effectOf = (from: OrderState, to: OrderState): Effect | undefined => {
  const effects: Readonly<Partial<Record<OrderState, Effect>>> = transitions[from];
  return effects[to];
};

/** The constraint of the column, as the migrations have it. */
export const stateCheck = (column: string): string =>
  `check (${column} in (${ORDER_STATES.map((state) => `'${state}'`).join(', ')}))`;

const arrow = (from: OrderState, to: OrderState): string => {
  const effect = effectOf(from, to);
  return `  ${from} --> ${to}${effect === 'nothing' ? '' : `: ${effect?.replace('_', ' ')}`}`;
};

/** The table as a Mermaid diagram. */
export const stateDiagram = (): string =>
  [
    'stateDiagram-v2',
    `  [*] --> ${FIRST_STATE}: reserve`,
    ...ORDER_STATES.flatMap((from) => allowedFrom(from).map((to) => arrow(from, to))),
    ...ORDER_STATES.filter((state) => allowedFrom(state).length === 0).map((state) => `  ${state} --> [*]`),
  ].join('\n');
