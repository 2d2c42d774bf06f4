import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RuleGroup } from '../../observability/rules.ts';
import { ensure } from './processes.ts';
import { findServer, runsInDocker, type Server, serverCommand, unpacked } from './server-command.ts';
import { type Started, writeWhole } from './state.ts';

/** It has promtool too. install-prometheus.sh reads it here. */
export const prometheusImage = 'prom/prometheus:v3.5.0';

export interface ScrapeTarget {
  /** Where `/metrics` answers, on loopback. */
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PrometheusOptions {
  readonly folder: string;
  readonly port: number;
  readonly targets: readonly ScrapeTarget[];
  readonly rules: readonly RuleGroup[];
  /** A duration of Prometheus, as `1s`: how often it scrapes, and how often groups are evaluated that don't say. */
  readonly scrapeInterval?: string;
}

/** Starts a Prometheus on loopback, with its data, settings and rules in `folder`. Other settings restart it. */
export async function startPrometheus(options: PrometheusOptions): Promise<Started> {
  const { folder, port } = options;
  const program = 'prometheus';
  // Two versions of a server don't share data.
  const data = join(folder, runsInDocker(program) ? 'prometheus-docker' : 'prometheus-data');
  mkdirSync(data, { recursive: true });
  const address = `http://127.0.0.1:${port}`;
  const version = writeSettings(data, options);
  const server: Server = {
    name: 'prometheus',
    folder: data,
    program,
    image: prometheusImage,
    arguments: [
      `--config.file=${join(data, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(data, 'tsdb')}`,
      '--storage.tsdb.retention.time=7d',
      '--storage.tsdb.retention.size=500MB',
      `--web.listen-address=127.0.0.1:${port}`,
      // A whole Origin by which pages may read it: none has this one.
      '--web.cors.origin=none',
      // Debian's looks for its pages where its package has them.
      ...(findServer(program)?.startsWith(unpacked)
        ? [`--web.local-assets=${unpacked}/share/prometheus/web`]
        : []),
    ],
    env: {},
  };
  return ensure({
    name: 'prometheus',
    folder,
    address,
    ports: [port],
    version,
    ...serverCommand(server),
    answers: async () => (await fetch(`${address}/-/ready`, { signal: AbortSignal.timeout(2000) })).ok,
  });
}

/** Answers a hash of what it wrote. */
function writeSettings(folder: string, { targets, rules, scrapeInterval = '5s' }: PrometheusOptions): string {
  const files = {
    'rules.yaml': stringify({ groups: rules }),
    'prometheus.yaml': stringify({
      global: {
        scrape_interval: scrapeInterval,
        scrape_timeout: scrapeInterval,
        evaluation_interval: scrapeInterval,
      },
      rule_files: ['rules.yaml'],
      scrape_configs: [
        {
          job_name: 'tickwork',
          static_configs: targets.map(({ port, labels }) => ({ targets: [`127.0.0.1:${port}`], labels })),
        },
      ],
    }),
  };
  for (const [name, text] of Object.entries(files)) writeWhole(join(folder, name), text);
  return createHash('sha256').update(JSON.stringify(files)).digest('hex');
}

export interface AdminPorts {
  readonly api: number;
  readonly reconciler: number;
  readonly worker: number;
}

/** One process of each, with the labels that the chart's PodMonitor gives pods. */
export function stackTargets({ api, reconciler, worker }: AdminPorts): ScrapeTarget[] {
  const target = (pod: string, port: number, component = pod) => ({
    port,
    labels: { namespace: 'local', pod, app_kubernetes_io_component: component },
  });
  return [target('api', api, 'gateway'), target('reconciler', reconciler), target('worker', worker)];
}
