#!/usr/bin/env node
/**
 * Gets a checkout ready to run: the locked dependencies (with Node 24 among them) and HAProxy.
 * Runs before every npm script, on the machine's own Node (20 or later), and says nothing when all is there.
 * `--no-haproxy` leaves HAProxy alone.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const localBin = join(modules, '.bin');
const stampFile = join(modules, '.baton-setup');

const nodeMajor = 24;
const haproxyAtLeast = { major: 2, minor: 6 };
const minuteMs = 60_000;

/** Where HAProxy may be; the sbin folders are not on the PATH of an ordinary Debian user. */
const haproxyFolders = [
  ...(process.env.PATH ?? '').split(delimiter),
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
];

/** The environment for commands of ours: `npm ci` must not run on the Node that it is about to replace. */
const environment = {
  ...process.env,
  PATH: (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== localBin)
    .join(delimiter),
};

class SetupError extends Error {}

function say(line) {
  process.stderr.write(`setup: ${line}\n`);
}

/** Runs a command to its end with its output shown; throws a SetupError when it fails or takes longer than the limit. */
function run(command, args, { timeoutMs, hint }) {
  say(`${command} ${args.join(' ')}`);
  const done = spawnSync(command, args, {
    cwd: root,
    env: environment,
    stdio: ['ignore', 2, 2],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  if (done.status === 0) return;
  const why =
    done.error?.code === 'ETIMEDOUT' ? `took longer than ${timeoutMs / minuteMs} min` : reasonOf(done);
  throw new SetupError(`\`${command} ${args.join(' ')}\` ${why}. ${hint}`);
}

function reasonOf(done) {
  if (done.error !== undefined) return `could not run (${done.error.message})`;
  return done.signal === null ? `ended with exit code ${done.status}` : `was ended by ${done.signal}`;
}

/** What a command prints, or undefined when it fails. */
function outputOf(command, args) {
  const done = spawnSync(command, args, {
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  return done.status === 0 ? done.stdout : undefined;
}

function findIn(folders, name) {
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function hasCommand(name) {
  return findIn([...(environment.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'], name) !== undefined;
}

function lockfileHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function hasLocalNode() {
  return outputOf(join(localBin, 'node'), ['--version'])?.startsWith(`v${nodeMajor}.`) ?? false;
}

function installDependencies() {
  const hash = lockfileHash();
  const stamp = existsSync(stampFile) ? readFileSync(stampFile, 'utf8').trim() : '';
  if (stamp === hash && hasLocalNode()) return;
  // Only errors are printed: packages that want a newer Node than this one would fill the screen with warnings,
  // and it is Node 24, installed by this very command, that will run them.
  run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'], {
    timeoutMs: 8 * minuteMs,
    hint: 'Is the npm registry reachable from here?',
  });
  if (!hasLocalNode()) {
    throw new SetupError(
      `npm installed no Node ${nodeMajor}: its install script did not run. Let it with: ` +
        'npm rebuild node --ignore-scripts=false',
    );
  }
  writeFileSync(stampFile, `${hash}\n`);
}

/** The HAProxy found, as `{ file, text, good }`, or undefined. */
function findHaproxy() {
  const file = process.env.BATON_HAPROXY_BINARY ?? findIn(haproxyFolders, 'haproxy');
  if (file === undefined) return undefined;
  const text = /version (\d+)\.(\d+)\S*/.exec(outputOf(file, ['-v']) ?? '');
  if (text === null) return { file, text: 'of unknown version', good: false };
  const [major, minor] = [Number(text[1]), Number(text[2])];
  const good =
    major > haproxyAtLeast.major || (major === haproxyAtLeast.major && minor >= haproxyAtLeast.minor);
  return { file, text: text[0], good };
}

function requireHaproxy() {
  const before = findHaproxy();
  if (before?.good === true) return;
  if (before !== undefined) throw new SetupError(`${before.file} is ${before.text}. ${howToInstall()}`);
  say('HAProxy is missing');
  installHaproxy();
  const after = findHaproxy();
  if (after === undefined) throw new SetupError(`HAProxy is still not found. ${howToInstall()}`);
  if (!after.good) throw new SetupError(`${after.file} is ${after.text}. ${howToInstall()}`);
  say(`HAProxy ${after.text} is at ${after.file}`);
}

function installHaproxy() {
  if (process.platform === 'darwin' && hasCommand('brew')) {
    run('brew', ['install', 'haproxy'], { timeoutMs: 10 * minuteMs, hint: howToInstall() });
    return;
  }
  const rootly = hasCommand('apt-get') ? rootPrefix() : undefined;
  if (rootly === undefined) throw new SetupError(`It cannot be installed from here. ${howToInstall()}`);
  const waiting = ['-q', '-o', 'DPkg::Lock::Timeout=120'];
  asRoot(rootly, ['apt-get', ...waiting, 'update']);
  asRoot(rootly, ['apt-get', ...waiting, 'install', '-y', '--no-install-recommends', 'haproxy']);
  stopPackagedService(rootly);
}

/** What stands before a command to run it as root: nothing, `sudo -n`, or undefined when that is not allowed. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return outputOf('sudo', ['-n', 'true']) === undefined ? undefined : ['sudo', '-n'];
}

function asRoot(prefix, words) {
  const [command, ...args] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', ...words];
  run(command, args, { timeoutMs: 5 * minuteMs, hint: howToInstall() });
}

/**
 * Debian's package starts a service of its own; Baton starts its own HAProxy, so that one goes.
 * Only ever called when this script has just installed the package: nobody else can be relying on it.
 */
function stopPackagedService(prefix) {
  const stop = existsSync('/run/systemd/system')
    ? ['systemctl', 'disable', '--quiet', '--now', 'haproxy']
    : ['/etc/init.d/haproxy', 'stop'];
  const [command, ...args] = [...prefix, ...stop];
  if (outputOf(command, args) === undefined)
    say('note: could not stop the haproxy service that the package may have started');
}

function howToInstall() {
  const wanted = `HAProxy ${haproxyAtLeast.major}.${haproxyAtLeast.minor} or later`;
  if (process.platform === 'darwin') return `Install ${wanted} (brew install haproxy), then run this again.`;
  const commands = [
    ['apt-get', 'apt-get update && apt-get install -y --no-install-recommends haproxy'],
    ['dnf', 'dnf install -y haproxy'],
    ['apk', 'apk add haproxy'],
    ['pacman', 'pacman -S --noconfirm haproxy'],
    ['zypper', 'zypper install -y haproxy'],
  ];
  const known = commands.find(([tool]) => hasCommand(tool));
  const how = known === undefined ? "from your system's packages" : `as root: ${known[1]}`;
  return `Install ${wanted}, ${how}, then run this again. (Newer packages for Debian and Ubuntu: https://haproxy.debian.net)`;
}

try {
  if (!process.argv.includes('--no-haproxy')) requireHaproxy();
  installDependencies();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
