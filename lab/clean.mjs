// Plain JavaScript, because it must run even if nothing is installed.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const deletesData = process.env.data === 'yes' || process.argv.includes('data=yes');

const slices = existsSync(join(root, 'slices')) ? readdirSync(join(root, 'slices')) : [];
const folders = [
  '',
  'shared',
  'testing',
  'combined-demo',
  join('lab', 'new', 'template'),
  ...slices.map((slice) => join('slices', slice)),
];

/** The files of the databases, relative to the root. */
const databases = folders
  .map((folder) => join(folder, 'data'))
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  .filter((file) => file.endsWith('.db'));

/**
 * Whether a process has the database open: only the last connection of a SQLite file can end its WAL mode. Node before
 * 22 has no SQLite; there, a log next to the file counts as open, although a killed server leaves one behind as well.
 *
 * @param {string} file
 */
const isOpen = async (file) => {
  const sqlite = await import('node:sqlite').catch(() => undefined);
  if (!sqlite) return existsSync(`${file}-wal`);
  const database = new sqlite.DatabaseSync(file);
  try {
    database.exec('PRAGMA journal_mode = DELETE');
    return false;
  } catch (error) {
    return error instanceof Error && error.message.includes('locked');
  } finally {
    database.close();
  }
};

if (deletesData) {
  const open = [];
  for (const file of databases) if (await isOpen(join(root, file))) open.push(file);
  if (open.length > 0) {
    console.error(`A server is running on ${open.join(', ')}. Stop it first; nothing was removed.`);
    process.exit(1);
  }
}

for (const folder of folders) {
  for (const name of ['node_modules', 'coverage']) {
    rmSync(join(root, folder, name), { recursive: true, force: true });
  }
  if (deletesData) rmSync(join(root, folder, 'data'), { recursive: true, force: true });
}
for (const file of databases) console.log(`${deletesData ? 'Deleted' : 'Kept'} ${file}`);
if (databases.length > 0 && !deletesData) console.log('To delete the databases too: make clean data=yes');
