import type { Line } from '../inventory-tables.ts';

/** Stock of the shop's products, so that there is something to reserve when the slice runs alone. */
export const sampleStock: readonly Line[] = [
  { sku: 'ICE-VANILLA-500', quantity: 40 },
  { sku: 'ICE-CHOC-500', quantity: 40 },
  { sku: 'SNACK-FUDGE-250', quantity: 100 },
  { sku: 'ART-WATERCOL-18', quantity: 12 },
  { sku: 'ART-PENCIL-COL-24', quantity: 3 },
  { sku: 'EU-NOUGAT-200', quantity: 0 },
];
