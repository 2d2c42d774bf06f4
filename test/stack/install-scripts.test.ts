import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { findBuilt } from '../observability/collector.ts';
import { prometheusImage } from './prometheus.ts';
import { temporaryFolder } from './temporary-folder.ts';

type Scripts = Readonly<Record<string, string>>;
const root = resolve(import.meta.dirname, '../..');
const tools = 'bash cat chmod dirname grep mkdir mktemp mv nice rm sed tail touch'.split(' ');
const paths = tools.map((name) =>
  execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(),
);

/** Puts programs of these few lines of shell into a folder. */
function programs(folder: string, scripts: Scripts): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, lines] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${lines}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** A repository of the files that a script reads, on a Linux with these programs and no others. */
function machine(script: string, files: readonly string[], scripts: Scripts) {
  const folder = temporaryFolder();
  for (const file of [script, ...files]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    copyFileSync(join(root, file), join(folder, file));
  }
  const always = { uname: 'echo Linux', timeout: 'shift; exec "$@"' };
  const path = programs(join(folder, 'bin'), { ...always, ...scripts });
  for (const [index, name] of tools.entries()) symlinkSync(paths[index] ?? '', join(path, name));
  const stack = join(folder, '.stack');
  return {
    folder,
    stack,
    left: () => (existsSync(stack) ? readdirSync(stack).toSorted() : []),
    run: (env: Readonly<Record<string, string>> = {}) => {
      const options = { encoding: 'utf8', env: { PATH: path, ...env }, timeout: 20_000 } as const;
      const { status, stdout, stderr } = spawnSync(join(path, 'bash'), [join(folder, script)], options);
      return { status, says: stdout + stderr };
    },
  };
}

const apt = {
  'apt-cache': 'echo prometheus; echo libjs-jquery',
  'apt-get': 'shift 2; for name in "$@"; do echo "$name" >"$name.deb"; done',
  dpkg: 'mkdir -p "$3/usr/bin"; for name in prometheus promtool; do touch "$3/usr/bin/$name"; chmod +x "$3/usr/bin/$name"; done',
};
const docker = (lines: string) => `case "$1" in version) exit 0;; esac\n${lines}`;
const prometheus = (scripts: Scripts) =>
  machine('test/stack/install-prometheus.sh', ['test/stack/prometheus.ts'], scripts);

test('Debian’s Prometheus is unpacked once, and nothing else is left', () => {
  const { run, left, stack } = prometheus(apt);
  expect(run()).toMatchObject({ status: 0 });
  expect(left()).toEqual(['prometheus']);
  expect(readdirSync(join(stack, 'prometheus'))).toEqual(['usr']);
  expect(run()).toEqual({ status: 0, says: '' });
});

test.each<[string, Scripts, string]>([
  ['a package that dpkg does not unpack', { dpkg: 'echo "no space" >&2; exit 2' }, 'no space'],
  [
    'a package without promtool',
    { dpkg: 'mkdir -p "$3/usr/bin"; touch "$3/usr/bin/prometheus"' },
    'no prometheus',
  ],
  [
    'a package that apt does not give',
    { 'apt-get': 'echo "E: no such package" >&2; exit 100' },
    'E: no such package',
  ],
])('%s counts for nothing, is told, and takes nothing away', (_what, scripts, reason) => {
  const { run, left, stack } = prometheus({ ...apt, ...scripts });
  const older = join(stack, 'prometheus/usr/bin');
  programs(older, { prometheus: '' });
  const { status, says } = run();
  expect(says).toContain(reason);
  expect(says).toContain('apt gave no prometheus');
  expect(status).toBe(1);
  expect(left()).toEqual(['prometheus']);
  expect(readdirSync(older)).toEqual(['prometheus']);
});

test('Docker is asked for the image that the tests run', () => {
  const { run, folder } = prometheus({ docker: docker(`echo "$@" >>"$0.log"; [ "$1" = pull ]`) });
  expect(run()).toMatchObject({ status: 0 });
  const asked = readFileSync(join(folder, 'bin/docker.log'), 'utf8');
  expect(asked).toBe(`image inspect ${prometheusImage}\npull --quiet ${prometheusImage}\n`);
});

const manifest = 'observability/collector/deployment.yaml';
const collector = (scripts: Scripts) =>
  machine('test/observability/install-collector.sh', [manifest], scripts);
const version = `v${/image: .*:(.*)/.exec(readFileSync(join(root, manifest), 'utf8'))?.[1]}`;
/** Writes what its builder would. */
const go =
  'folder=$(dirname "$4"); mkdir "$folder/source"; echo built >"$folder/source/otelcol-contrib"; chmod +x "$folder/source/otelcol-contrib"';

test('a collector is built again where the version is another, and not where it is the same', () => {
  const { run, left, stack } = collector({ go });
  const built = programs(join(stack, 'collector'), { 'otelcol-contrib': 'older' });
  writeFileSync(join(built, 'version'), 'v0.1.0\n');
  expect(findBuilt(built)).toBeUndefined();
  expect(run()).toMatchObject({ status: 0 });
  expect(left()).toEqual(['collector']);
  expect(readFileSync(findBuilt(built) ?? '', 'utf8')).toBe('built\n');
  expect(readFileSync(join(built, 'version'), 'utf8')).toBe(`${version}\n`);
  expect(run()).toEqual({ status: 0, says: '' });
});

test('a build that fails, and an image that is not pulled, are failures with their reason; an older build stays', () => {
  const broken = { go: 'echo "no such module" >&2; exit 1' };
  const { run, left, stack } = collector(broken);
  programs(join(stack, 'collector'), { 'otelcol-contrib': 'older' });
  const built = run();
  expect(built.status).toBe(1);
  expect(built.says).toMatch(/no such module\nno collector: Go could not build it/);
  expect(left()).toEqual(['collector']);
  const unpulled = { docker: docker('echo "no route" >&2; exit 1') };
  const pulled = collector(unpulled).run();
  expect(pulled.status).toBe(1);
  expect(pulled.says).toMatch(/no route\nno collector: Docker could not pull/);
  expect(collector({ ...unpulled, ...broken }).run()).toMatchObject({ status: 1 });
  expect(collector({ ...unpulled, go }).run()).toMatchObject({ status: 0 });
});

test('where nothing gives a collector, that is said and no failure', () => {
  for (const scripts of [{}, { docker: 'exit 1' }]) {
    const { status, says } = collector(scripts).run();
    expect(status).toBe(0);
    expect(says).toContain('please install otelcol-contrib');
  }
});

test('SERVERS_PATH alone says where a collector is', () => {
  const { run, folder } = collector({ 'otelcol-contrib': '' });
  expect(run()).toEqual({ status: 0, says: '' });
  expect(run({ SERVERS_PATH: '' }).says).toContain('please install otelcol-contrib');
  expect(run({ SERVERS_PATH: join(folder, 'bin') })).toEqual({ status: 0, says: '' });
});
