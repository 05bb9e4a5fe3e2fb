import { migrationChecks } from '@lab/testing';
import { accountsMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), [accountsMigrations]);
