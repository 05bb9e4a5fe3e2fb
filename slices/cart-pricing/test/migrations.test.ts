import { migrationChecks } from '@lab/testing';
import { cartMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), [cartMigrations]);
