export { envConfigSettings } from './config.ts';
export { envConfigMigrations } from './migrations.ts';
export { createNoteStore, type EnvConfigTables, type NoteStore } from './note-store.ts';
export { createEnvConfigRouter, type EnvConfigDeps } from './router.ts';
