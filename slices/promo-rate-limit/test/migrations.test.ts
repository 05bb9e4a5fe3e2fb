import { migrationChecks } from '@lab/testing';
import { promoMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), [promoMigrations]);
