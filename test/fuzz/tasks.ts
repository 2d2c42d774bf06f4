import type { signIn } from '../stack/tickwork-fixture.ts';

type User = Awaited<ReturnType<typeof signIn>>;

/** Tasks for calls to hit: completed, in error, cancelled and started. Returns their ids. */
export async function makeTasks({ submit, untilStatus, call }: User): Promise<string[]> {
  const done = await submit('One. Two.');
  await untilStatus(done.correlation_id, 'completed');
  const failed = await submit('fail: no paper');
  await untilStatus(failed.correlation_id, 'error');
  const cancelled = await submit('wait 9999s: One.');
  await call(`/tasks/${cancelled.correlation_id}/cancel`, { method: 'POST' });
  const running = await submit('wait 9999s: One.');
  await untilStatus(running.correlation_id, 'started');
  return [done, failed, cancelled, running].map((task) => task.correlation_id);
}
