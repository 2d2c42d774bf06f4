import { join } from 'node:path';
import { type Cluster, root, tag } from './cluster.ts';

export type Values = { readonly [name: string]: unknown };
export const chart = join(root, 'charts/tickwork');

export const helmPrograms = ['helm', 'helm3'] as const;
export type HelmProgram = (typeof helmPrograms)[number];

/** For a machine of two cores: small requests, so that several releases fit. */
const small = { resources: { requests: { cpu: '20m', memory: '64Mi' }, limits: { memory: '512Mi' } } };
const base: Values = { image: { tag }, gateway: small, reconciler: small, worker: { ...small, replicas: 1 } };

/** The release `tickwork` of this source tree's chart in a namespace, by one of Helm's major versions. */
export function createRelease({ run }: Cluster, namespace: string, program: HelmProgram = 'helm') {
  const helm = run(program);
  const wait = ['--wait', '--timeout=180s'];
  return {
    /** Installs it, or brings it to these values. */
    apply: (values: Values, options: readonly string[] = wait) =>
      helm(
        ['upgrade', '--install', 'tickwork', chart, '--namespace', namespace, '--values', '-', ...options],
        {
          input: JSON.stringify(merge(base, values)),
        },
      ),
    rollback: () => helm(['rollback', 'tickwork', '--namespace', namespace, '--wait', '--timeout=180s']),
    uninstall: () => helm(['uninstall', 'tickwork', '--namespace', namespace, '--wait', '--timeout=120s']),
    test: () => helm(['test', 'tickwork', '--namespace', namespace, '--logs', '--timeout=120s']),
  };
}

const isValues = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The second's values over the first's, as Helm merges files. */
export function merge(first: Values, second: Values): Values {
  const merged: Record<string, unknown> = { ...first };
  for (const [name, value] of Object.entries(second)) {
    const earlier = merged[name];
    merged[name] = isValues(earlier) && isValues(value) ? merge(earlier, value) : value;
  }
  return merged;
}
