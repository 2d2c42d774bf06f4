import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { freePort } from '../stack/ports.ts';
import { ensure } from '../stack/processes.ts';
import { findServer, runsInDocker, type ServerCommand, serverCommand } from '../stack/server-command.ts';
import { kill, stackFolder, stop } from '../stack/state.ts';

const production = resolve(import.meta.dirname, '../../observability/collector');
/** Where the image has it; in the folders of the PATH it has the same name. */
const program = '/otelcol-contrib';
/** By install-collector.sh. */
const built = join(stackFolder, 'collector');

type Variables = Readonly<Record<string, string>>;

function collectorImage(): string {
  const { spec } = parse(readFileSync(join(production, 'deployment.yaml'), 'utf8'));
  return spec.template.spec.containers[0].image;
}

/** What install-collector.sh built, if it is of the version that production has. */
export function findBuilt(folder = built): string | undefined {
  const [file, version] = [join(folder, program), join(folder, 'version')];
  if (!existsSync(file) || !existsSync(version)) return undefined;
  const [, wanted] = collectorImage().split(':');
  return readFileSync(version, 'utf8').trim() === `v${wanted}` ? file : undefined;
}

/** How to run the collector that install-collector.sh found or made. */
function collectorCommand(folder: string, words: readonly string[], env: Variables): ServerCommand {
  const own = findServer(program) ?? findBuilt();
  if (own) return { program: own, arguments: words, env };
  return serverCommand({
    name: 'collector',
    folder,
    program,
    image: collectorImage(),
    arguments: words,
    env,
  });
}

/** Null where there is one. */
export function whyNoCollector(): string | null {
  if (findServer(program) ?? findBuilt()) return null;
  const inspect = () => spawnSync('docker', ['image', 'inspect', collectorImage()], { timeout: 30_000 });
  if (runsInDocker(program) && inspect().status === 0) return null;
  return 'there is no otelcol-contrib, nor its image; bash test/observability/install-collector.sh says more';
}

function collectorFolder(): string {
  mkdirSync(stackFolder, { recursive: true });
  const folder = mkdtempSync(join(stackFolder, 'test-collector-'));
  copyFileSync(join(production, 'config.yaml'), join(folder, 'config.yaml'));
  return folder;
}

/** What the collector says of the production config, and whether it takes it. */
export function validateConfig(env: Variables) {
  const folder = collectorFolder();
  try {
    const words = ['validate', `--config=${folder}/config.yaml`];
    const command = collectorCommand(folder, words, env);
    const { PATH = '', HOME = '' } = process.env;
    const { status, stdout, stderr } = spawnSync(command.program, command.arguments, {
      env: { PATH, HOME, ...command.env },
      encoding: 'utf8',
      timeout: 60_000,
    });
    return { valid: status === 0, says: `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Only where it listens, and how the test's backend reads: all else is as in production. */
function overrides(ports: { http: number; grpc: number; health: number; metrics: number }): string {
  const local = (port: number) => ({ endpoint: `127.0.0.1:${port}` });
  const prometheus = { host: '127.0.0.1', port: ports.metrics };
  return stringify({
    extensions: { health_check: local(ports.health) },
    receivers: { otlp: { protocols: { http: local(ports.http), grpc: local(ports.grpc) } } },
    exporters: { otlp_http: { encoding: 'json', compression: 'none' } },
    service: { telemetry: { metrics: { readers: [{ pull: { exporter: { prometheus } } }] } } },
  });
}

/** A collector of a test's own, on loopback, with the production config. */
export async function startCollector(env: Variables) {
  const folder = collectorFolder();
  const [http, grpc, health, metrics] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  writeFileSync(join(folder, 'test.yaml'), overrides({ http, grpc, health, metrics }));
  const get = (port: number, path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5000) });
  const started = await ensure({
    name: 'collector',
    folder,
    address: `http://127.0.0.1:${http}`,
    ports: [http, grpc, health, metrics],
    ...collectorCommand(folder, [`--config=${folder}/config.yaml`, `--config=${folder}/test.yaml`], env),
    answers: async () => (await get(health, '/')).ok,
  });
  const killCollector = () => kill(started);
  process.once('exit', killCollector);
  return {
    endpoint: started.address,
    grpcEndpoint: `http://127.0.0.1:${grpc}`,
    metrics: async () => (await get(metrics, '/metrics')).text(),
    log: () => readFileSync(join(folder, 'collector.log'), 'utf8'),
    /** By SIGTERM. */
    stop: () => stop(started),
    close: async () => {
      await stop(started);
      process.off('exit', killCollector);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
