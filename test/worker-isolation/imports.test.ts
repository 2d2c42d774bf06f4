import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { beforeAll, expect, test } from 'vitest';
import { foreignPath, foreignVariable } from './foreign.ts';
import { installedPackages, root } from './installed-packages.ts';

let reached: readonly string[];

/** All that a worker's source reaches by imports, its agents' and those by type alone included. */
beforeAll(async () => {
  const { output } = await cruise([join(root, 'services/worker/src')], {
    baseDir: root,
    exclude: { path: '\\.test\\.ts$|\\.harness\\.ts$' },
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: join(root, 'tsconfig.json') },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  });
  const { modules } = output as ICruiseResult;
  expect(modules.filter(({ couldNotResolve }) => couldNotResolve)).toEqual([]);
  reached = modules.filter(({ coreModule }) => !coreModule).map(({ source }) => source);
}, 30_000);

test('the graph is there in full: from the entrypoint and the agents down to what they run on', () => {
  expect(reached).toEqual(
    expect.arrayContaining([
      'services/worker/src/worker.ts',
      'services/worker/src/agents/demo.ts',
      'services/runtime/src/redis/client.ts',
      'services/task/src/task.ts',
    ]),
  );
});

test('nothing of Supabase, of its database or of the gateway is imported', () => {
  expect(reached.filter((path) => foreignPath.test(path))).toEqual([]);
});

test('only packages that are installed for a worker are imported', () => {
  const packages = installedPackages('services/worker').map((folder) => `${folder}/`);
  expect(reached.filter((path) => !packages.some((folder) => path.startsWith(folder)))).toEqual([]);
});

test('no variable of Supabase is named, but to refuse it', () => {
  const naming = reached
    .filter((path) => path.startsWith('services/'))
    .flatMap((path) => {
      const names = readFileSync(join(root, path), 'utf8').match(/\b[A-Z][A-Z0-9_]{3,}/g) ?? [];
      return names.filter((name) => foreignVariable.test(name)).map((name) => `${path}: ${name}`);
    });
  expect(naming).toEqual(['services/worker/src/config.ts: SUPABASE_']);
});
