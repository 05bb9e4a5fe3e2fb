export { reliabilityAuditSettings } from './config.ts';
export { reliabilityAuditMigrations } from './migrations.ts';
export { createNoteStore, type NoteStore, type ReliabilityAuditTables } from './note-store.ts';
export { createReliabilityAuditRouter, type ReliabilityAuditDeps } from './router.ts';
