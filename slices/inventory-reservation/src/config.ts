import { databaseSettings, serverSettings } from '@lab/shared/config';
import { z } from 'zod';

export const inventoryReservationSettings = z.object({
  ...serverSettings({ port: 3012 }),
  ...databaseSettings({ file: 'data/inventory-reservation.db' }),
});
