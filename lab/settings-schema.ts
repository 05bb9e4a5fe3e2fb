import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ZodObject } from 'zod';
import { ROOT } from './workspace.ts';

/** The schema of a server's settings: the one that its `src/config.ts` exports. */
export const schemaOf = async (folder: string): Promise<ZodObject> => {
  const path = pathToFileURL(join(ROOT, folder, 'src/config.ts')).href;
  const module: Record<string, unknown> = await import(path);
  const schema = Object.values(module).find((value) => value instanceof ZodObject);
  if (!schema) throw new Error(`${folder}/src/config.ts exports no schema`);
  return schema;
};
