import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { signIn } from '../stack/tickwork-fixture.ts';

export type User = Awaited<ReturnType<typeof signIn>>;
type Kind = (user: User) => Promise<void>;

/** In what users write; nothing that Prometheus keeps may have it. */
export const userWrites = 'words-of-a-user';

/** One that hangs is given up, so that an outage does not stop the others. */
async function ask(user: User, path: string, wanted: number, init: RequestInit = {}): Promise<string> {
  const response = await user.call(path, { signal: AbortSignal.timeout(5000), ...init });
  const text = await response.text();
  if (response.status !== wanted) throw new Error(`${path} answered ${response.status}: ${text}`);
  return text;
}

export async function submit(user: User, mandate: string): Promise<string> {
  const text = await ask(user, '/tasks', 202, {
    method: 'POST',
    body: JSON.stringify({ mandate, max_ticks: 200 }),
  });
  return (JSON.parse(text) as { correlation_id: string }).correlation_id;
}

/** Whether it has ended or not. */
export const remove = (user: User, id: string) => ask(user, `/tasks/${id}`, 200, { method: 'DELETE' });

const completed: Kind = async (user) => {
  const id = await submit(user, 'steps 2');
  await ask(user, `/tasks/${id}?wait=1`, 200);
  await ask(user, `/tasks/${id}`, 200);
  await ask(user, '/tasks', 200);
};
const streamed: Kind = async (user) => {
  const id = await submit(user, 'steps 3');
  await ask(user, `/tasks/${id}/events`, 200);
};
const cancelled: Kind = async (user) => {
  const id = await submit(user, 'steps 150');
  await ask(user, `/tasks/${id}/cancel`, 200, { method: 'POST' });
  await remove(user, id);
};
const refused: Kind = async (user) => {
  await ask(user, '/tasks', 400, { method: 'POST', body: '{' });
  await ask(user, `/tasks/${randomUUID()}`, 404);
  await ask(user, `/${userWrites}/${randomUUID()}`, 404);
  await ask(user, '/tasks', 401, { headers: { authorization: 'Bearer none' } });
};
const failed: Kind = async (user) => {
  await submit(user, `refuse ${userWrites} ${randomUUID()}`);
};
const retried: Kind = async (user) => {
  await submit(user, 'busy 1');
};

/** Far fewer than a fifth of the attempts are retries. */
const round: readonly Kind[] = [
  completed,
  streamed,
  completed,
  cancelled,
  completed,
  refused,
  completed,
  failed,
  completed,
  retried,
];

/** Each kind once; throws at an answer that is not the right one. */
export async function callOnce(user: User): Promise<void> {
  for (const kind of new Set(round)) await kind(user);
  for (const path of ['/quota', '/health', '/version', '/docs', '/openapi.json']) await ask(user, path, 200);
}

/** Users who go on, whatever they are answered, until `stop`. */
export function startTraffic(user: User) {
  const over = new AbortController();
  const users = [0, 5].map(async (first) => {
    for (let next = first; !over.signal.aborted; next += 1) {
      await round[next % round.length]?.(user).catch(() => {});
      await delay(150);
    }
  });
  return {
    stop: async () => {
      over.abort();
      await Promise.all(users);
    },
  };
}
