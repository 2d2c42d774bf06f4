import { describe, expect, test } from 'vitest';
import { foreignPath, foreignVariable, foreignWord } from '../worker-isolation/foreign.ts';
import { installedPackages } from '../worker-isolation/installed-packages.ts';
import { workerImage } from './cluster.ts';
import { command } from './command.ts';

const inImage = (script: string) =>
  command('docker', [
    ...['run', '--rm', '--network', 'none', '--user', '0', '--entrypoint', 'sh'],
    ...[workerImage, '-c', script],
  ]);
const lines = (text: string) => text.split('\n').filter(Boolean);

describe('the worker’s image', () => {
  test('holds no file of Supabase, of a client of its database, or of the gateway', async () => {
    const files = lines(await inImage('find / -xdev ! -path "/proc/*" ! -path "/sys/*"'));
    expect(files).toContain('/app/services/worker/src/worker.ts');
    expect(files.filter((file) => foreignPath.test(file))).toEqual([]);
  });

  test('holds just the packages that package-lock.json gives a worker', async () => {
    const found = lines(
      await inImage('cd /app && find node_modules -name package.json -path "*node_modules/*" -print'),
    ).flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/package\.json$)/.exec(file) ?? []);
    const wanted = installedPackages('services/worker').filter((folder) =>
      folder.startsWith('node_modules/'),
    );
    expect(found.sort()).toEqual(wanted);
  });

  test('holds no package that speaks of Supabase', async () => {
    const words = foreignWord.source.replaceAll('|', '\\|');
    expect(
      lines(await inImage(`grep -rli '${words}' /app/node_modules --exclude-dir=@tickwork || true`)),
    ).toEqual([]);
  });

  test('sets no variable by which someone reaches Supabase', async () => {
    const set = await command('docker', [
      'image',
      'inspect',
      '--format',
      '{{json .Config.Env}}',
      workerImage,
    ]);
    const names = (JSON.parse(set) as string[]).map((line) => line.slice(0, line.indexOf('=')));
    expect(names).toContain('NODE_ENV');
    expect(names.filter((name) => foreignVariable.test(name))).toEqual([]);
  });
});
