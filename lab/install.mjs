// Plain JavaScript, because it runs before anything is installed, with any version of Node.
// Installs the packages of the workspace in the current folder; arguments are passed on to `pnpm install`.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const PINNED_NODE = 'node_modules/.bin/node';
const { packageManager, engines } = JSON.parse(readFileSync('package.json', 'utf8'));
const leastNode = engines.node.replace('>=', '');

console.log(`Installing packages with ${packageManager} (the first time takes about a minute).`);
const install = spawnSync('npx', ['--yes', packageManager, 'install', ...process.argv.slice(2)], {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, npm_config_loglevel: 'error', npm_config_update_notifier: 'false' },
  shell: process.platform === 'win32',
});
if (install.status !== 0) {
  console.error(install.error?.message ?? 'The packages could not be installed; the reason is above.');
  process.exit(1);
}

// The packaged Node is built for glibc. On other systems (Alpine) it is installed but cannot start.
if (existsSync(PINNED_NODE) && spawnSync(PINNED_NODE, ['--version']).status !== 0) rmSync(PINNED_NODE);
const node = spawnSync(existsSync(PINNED_NODE) ? PINNED_NODE : 'node', ['-p', 'process.versions.node']);
const version = node.stdout.toString().trim();
if (version.localeCompare(leastNode, 'en', { numeric: true }) < 0) {
  console.error(
    `The lab needs Node ${leastNode} or newer. It cannot install one for ${process.platform} ${process.arch}, ` +
      `and this machine has ${version}: install a newer one from https://nodejs.org`,
  );
  process.exit(1);
}
writeFileSync('node_modules/.installed', `Node ${version}\n`);
