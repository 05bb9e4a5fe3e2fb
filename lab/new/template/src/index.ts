export { sampleSliceSettings } from './config.ts';
export { sampleSliceMigrations } from './migrations.ts';
export { createNoteStore, type NoteStore, type SampleSliceTables } from './note-store.ts';
export { createSampleSliceRouter, type SampleSliceDeps } from './router.ts';
