/** Most lines in a cart, and in a quote: any cart can be quoted. */
export const MAX_LINES = 100;

/** Largest quantity of a line. */
export const MAX_QUANTITY = 10_000;
