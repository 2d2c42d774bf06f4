import { writeFileSync } from 'node:fs';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTokens } from '../front/tokens.ts';
import { createProject } from '../stack/fixture.ts';
import { query } from '../stack/postgres.ts';
import { startTickwork } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

let tickwork: Awaited<ReturnType<typeof startTickwork>>;
let needed: string;
beforeAll(async () => {
  tickwork = await startTickwork({ project: await createProject(), services: ['api', 'reconciler'] });
  needed = await waitFor(
    'the reconciler to have asked',
    () => /"migration":"(\w+)"/.exec(tickwork.log('reconciler'))?.[1],
  );
});
afterAll(() => tickwork.close());

const health = async () => {
  const response = await fetch(`${tickwork.url}/health`);
  return { status: response.status, text: await response.text() };
};
const untilLogged = (words: string) =>
  waitFor(`the log to say ${words}`, () => tickwork.log('reconciler').includes(words));
const setSchema = (name: string) =>
  query(
    tickwork.project.databaseUrl,
    `create or replace function public.tickwork_schema() returns text
       language sql stable security invoker set search_path = '' return '${name}'`,
  );

test('a database that lacks a migration: health and the reconciler’s log name it; they notice when it is there', async () => {
  expect(needed).toMatch(/^\d{14}_/);
  const older = '20261123000500_reconciler_reads';
  const words = `The database lacks migration ${needed} (it has ${older})`;
  await setSchema(older);
  expect(await health()).toEqual({ status: 503, text: expect.stringContaining(words) });
  await tickwork.kill('reconciler', 'SIGTERM');
  await tickwork.start('reconciler');
  await untilLogged(words);
  await setSchema('99990101000000_later');
  expect(await health()).toMatchObject({ status: 200 });
  await untilLogged('"migration":"99990101000000_later"');
});

test('a token that is replaced: the gauge follows, and what is wrong is said without the token', async () => {
  const name = 'tickwork_reconciler_token_expiry_timestamp_seconds';
  const untilGauge = (value: number) =>
    waitFor(`the gauge to be ${value}`, async () =>
      (await tickwork.metrics('reconciler')).includes(`\n${name} ${value}\n`),
    );
  const { project, tokenFile } = tickwork;
  await untilGauge(decodeJwt(project.reconcilerToken).exp ?? 0);
  const soon = await createTokens(project.signingKey, `${project.url}/auth/v1`).reconciler('1d');
  writeFileSync(tokenFile, soon);
  await untilGauge(decodeJwt(soon).exp ?? 0);
  await untilLogged('the token in SUPABASE_RECONCILER_TOKEN_FILE runs out at');
  writeFileSync(tokenFile, 'no-token-but-secret');
  await untilGauge(0);
  await untilLogged('SUPABASE_RECONCILER_TOKEN_FILE must be a file that holds a JWT');
  writeFileSync(tokenFile, project.reconcilerToken);
  await untilGauge(decodeJwt(project.reconcilerToken).exp ?? 0);
  for (const secret of [soon, project.reconcilerToken, 'no-token-but-secret']) {
    expect(tickwork.log('reconciler')).not.toContain(secret);
  }
});
