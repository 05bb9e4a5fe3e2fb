import { migrationChecks } from '@lab/testing';
import { envConfigMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), [envConfigMigrations]);
