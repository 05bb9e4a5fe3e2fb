import { giftMigrations } from '@lab/gift-grant';
import { migrationChecks } from '@lab/testing';
import { giftHistoryMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), [giftMigrations, giftHistoryMigrations]);
