import { idempotencySettings } from '@lab/gift-grant';
import { callerSettings, databaseSettings, serverSettings, wholeNumber } from '@lab/shared/config';
import { cursorSettings } from '@lab/shared/pagination';
import { redisSettings } from '@lab/shared/redis';
import { z } from 'zod';
import { STRATEGIES } from './strategies/by-name.ts';

export const SHORTEST_TTL_MS = 1000;
export const LONGEST_TTL_MS = 3_600_000;

/** Settings of a server that reserves stock. */
export const inventorySettings = () => ({
  /** How goods are taken from a row that many want at once. */
  INVENTORY_STRATEGY: z.enum(STRATEGIES).default('conditional'),
  /** How long a reservation holds its goods, in milliseconds. */
  RESERVATION_TTL_MS: wholeNumber(SHORTEST_TTL_MS, LONGEST_TTL_MS).default(900_000),
  /** Pause between two sweeps of overdue reservations, in milliseconds. */
  RESERVATION_SWEEP_INTERVAL_MS: wholeNumber(1, 3_600_000).default(1000),
});

export const inventoryReservationSettings = z.object({
  ...serverSettings({ port: 3012 }),
  ...callerSettings(),
  ...databaseSettings({ file: 'data/inventory-reservation.db' }),
  ...cursorSettings(),
  ...idempotencySettings(),
  ...redisSettings(),
  ...inventorySettings(),
});
