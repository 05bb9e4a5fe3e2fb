import { migrationChecks } from '@lab/testing';
import { paymentIntentsMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), [paymentIntentsMigrations]);
