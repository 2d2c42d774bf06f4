import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import amqplib from 'amqplib';
import { expect, inject } from 'vitest';
import type { Journey } from './document-journey.ts';

const services = resolve(import.meta.dirname, '../../services');

/** That workers and Supabase are apart, and that the gateway acts as its users. */
export const separationEvidence = ({ tickwork, user, callsOfSubmit, callsOfRead }: Journey) => ({
  workerHasNoSupabase() {
    expect(Object.keys(tickwork.env.worker).filter((name) => name.includes('SUPABASE'))).toEqual([]);
    expect(filesThatName(/supabase/i, join(services, 'worker'))).toEqual([
      'src/config.test.ts',
      'src/config.ts',
    ]);
  },
  async workerRefusesSupabase() {
    const { SUPABASE_URL = '' } = tickwork.env.api;
    expect(await endOf('worker/src/worker.ts', { ...tickwork.env.worker, SUPABASE_URL })).toContain(
      'SUPABASE_URL',
    );
  },
  async workerMayNotPublish() {
    const connection = await amqplib.connect(inject('services').workerRabbitUrl);
    const channel = await connection.createConfirmChannel();
    const refused = once(channel, 'error');
    channel.publish('', tickwork.queue, Buffer.from('{}'));
    expect(String((await refused)[0])).toContain('ACCESS_REFUSED');
    await connection.close();
  },
  writesComeFromTheGateway() {
    const writes = [...callsOfSubmit, ...callsOfRead].filter(({ method }) => method !== 'GET');
    expect(writes.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /rest/v1/tasks',
      'POST /rest/v1/rpc/sync_task',
    ]);
    expect(new Set(writes.map(({ bearer }) => bearer))).toEqual(new Set([user.token]));
  },
  oneComponentReachesSupabase() {
    const clients = filesThatName(/@supabase\/supabase-js|\.from\('tasks'\)|\.rpc\('/, services);
    const code = clients.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
    expect(code).toContain('gateway/src/supabase/supabase-task-storage.ts');
    expect(code.filter((file) => !file.startsWith('gateway/src/supabase/'))).toEqual([]);
  },
  async gatewayNeedsItsUrl() {
    expect(await endOf('gateway/src/api.ts', { ...tickwork.env.api, SUPABASE_URL: '' })).toContain(
      'SUPABASE_URL',
    );
  },
  async gatewayNeedsItsAnonKey() {
    expect(await endOf('gateway/src/api.ts', { ...tickwork.env.api, SUPABASE_ANON_KEY: '' })).toContain(
      'SUPABASE_ANON_KEY',
    );
  },
  async serviceRoleKeyIsRefused() {
    const env = { ...tickwork.env.api, SUPABASE_SERVICE_ROLE_KEY: 'any' };
    expect(await endOf('gateway/src/api.ts', env)).toContain('SUPABASE_SERVICE_ROLE_KEY');
  },
});

/** What an entrypoint says before it ends by itself with code 1. */
async function endOf(entrypoint: string, env: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn(process.execPath, [join(services, entrypoint)], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 20_000,
  });
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect(code).toBe(1);
  return said;
}

/** Files below `folder` whose text matches, by their path in it. */
function filesThatName(pattern: RegExp, folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => pattern.test(readFileSync(file, 'utf8')))
    .map((file) => file.slice(folder.length + 1))
    .sort();
}
