import { afterAll, beforeAll, expect, test } from 'vitest';
import { query } from '../stack/postgres.ts';
import { signIn, startTickwork } from '../stack/tickwork-fixture.ts';

let tickwork: Awaited<ReturnType<typeof startTickwork>>;
beforeAll(async () => {
  tickwork = await startTickwork({ services: ['api'] });
  await query(tickwork.project.databaseUrl, 'update internal.settings set daily_tick_limit = 3');
});
afterAll(() => tickwork.close());

test('the quota is what the database counts, with a profile and without, and each user’s own', async () => {
  const [user, other] = await Promise.all([signIn(tickwork), signIn(tickwork)]);
  const quotaOf = async (by: typeof user) => (await by.call('/quota')).json();
  const midnight = new Date(new Date().setUTCHours(24, 0, 0, 0)).toISOString().replace('.000', '');
  expect(await quotaOf(user)).toEqual({ limit: 3, used: 0, left: 3, resets_at: midnight });
  await user.submit('One.');
  await user.submit('Two.');
  expect(await quotaOf(user)).toMatchObject({ limit: 3, used: 2, left: 1 });
  expect(await quotaOf(other)).toMatchObject({ limit: 3, used: 0, left: 3 });

  const { data } = await user.supabase.auth.getUser(user.token);
  const profile = { user_id: data.user?.id, email: data.user?.email, daily_tick_limit: 6 };
  await user.supabase.from('profiles').insert(profile);
  const lower = `update public.profiles set daily_tick_limit = 1 where user_id = '${data.user?.id}'`;
  await query(tickwork.project.databaseUrl, lower);
  expect(await quotaOf(user)).toMatchObject({ limit: 1, used: 2, left: 0 });

  const refused = await user.post({ mandate: 'Three.' });
  expect([refused.status, await refused.json()]).toMatchObject([
    429,
    { code: 'quota_exceeded', kind: 'daily', limit: 1, used: 2, left: 0 },
  ]);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
});
