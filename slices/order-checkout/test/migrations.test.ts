import { migrationChecks } from '@lab/testing';
import { shopMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), shopMigrations);
