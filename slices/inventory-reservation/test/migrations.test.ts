import { migrationChecks } from '@lab/testing';
import { inventoryReservationMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), [inventoryReservationMigrations]);
