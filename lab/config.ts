import { join } from 'node:path';
import { describeSettings, loadSettings, SettingsError } from '../shared/src/config/index.ts';
import { chooseSlice } from './choose.ts';
import { settings } from './settings.ts';
import { schemaOf } from './settings-schema.ts';
import { listServers, ROOT } from './workspace.ts';

// Shows the settings that a server would start with. With check=yes, only whether it would start.
const { id, folder } = chooseSlice(listServers(), 'config');
const schema = await schemaOf(folder);

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);

const show = (): void => {
  const loaded = loadSettings(schema, { directory: join(ROOT, folder), env: settings });
  if (settings.check) {
    console.log(`The settings of ${id} are valid.`);
    return;
  }
  const rows = Object.entries(describeSettings(schema, loaded)).map(([name, { value, source }]) => [
    name,
    asText(value),
    source,
  ]);
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const [names, values] = [widthOf(0), widthOf(1)];
  for (const [name = '', value = '', source = ''] of rows)
    console.log(`${name.padEnd(names)}  ${value.padEnd(values)}  ${source}`);
};

try {
  show();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
