import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { envExampleOf } from './env-example.ts';
import { schemaOf } from './settings-schema.ts';
import { listServers, ROOT } from './workspace.ts';

// Writes the .env.example of every server.
for (const { id, folder } of listServers())
  writeFileSync(join(ROOT, folder, '.env.example'), envExampleOf(id, await schemaOf(folder)));
