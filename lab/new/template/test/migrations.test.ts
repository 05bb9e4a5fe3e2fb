import { migrationChecks } from '@lab/testing';
import { sampleSliceMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), [sampleSliceMigrations]);
