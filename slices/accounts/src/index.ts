export { accountsSettings } from './config.ts';
export { accountsMigrations } from './migrations.ts';
export { type AccountsTables, createNoteStore, type NoteStore } from './note-store.ts';
export { type AccountsDeps, createAccountsRouter } from './router.ts';
