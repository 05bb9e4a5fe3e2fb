import { migrationChecks } from '@lab/testing';
import { orderCheckoutMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), [orderCheckoutMigrations]);
