import { setTimeout as delay } from 'node:timers/promises';

interface Task {
  readonly correlation_id: string;
  readonly status: string;
  readonly tick: number | null;
  readonly max_ticks: number;
  readonly error: string | null;
  readonly result: { readonly notes?: string; readonly deliverables?: readonly string[] } | null;
}

const mandate =
  'Collect what the team decided this week. Sort it by who has to act. Write one line for each person. Close with the open questions.';

/** Submits a task, prints its progress line by line, and its result. Throws when it does not complete within a minute. */
export async function runDemo(
  gatewayUrl: string,
  token: string,
  print: (line: string) => void,
): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const started = performance.now();
  const call = async (path: string, init: RequestInit = {}): Promise<Task> => {
    const response = await fetch(gatewayUrl + path, {
      ...init,
      headers,
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Task;
  };
  let task = await call('/tasks', { method: 'POST', body: JSON.stringify({ mandate, max_ticks: 10 }) });
  let last = '';
  while (performance.now() - started < 60_000) {
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const tick = task.tick === null ? '' : ` tick ${task.tick} of at most ${task.max_ticks}`;
    const line = `${task.status}${tick}${task.status === 'in_progress' ? `: ${task.result?.notes ?? ''}` : ''}`;
    if (line !== last) print(`  ${seconds.padStart(5)} s  ${line}`);
    last = line;
    if (task.status === 'completed') break;
    if (task.status === 'error' || task.status === 'cancelled')
      throw new Error(`the task ended: ${task.error}`);
    await delay(100);
    task = await call(`/tasks/${task.correlation_id}`);
  }
  if (task.status !== 'completed') throw new Error(`the task is still ${task.status} after 60 s`);
  for (const text of task.result?.deliverables ?? []) print(`         ${text}`);
  print(`         ${task.result?.notes ?? ''}`);
}
