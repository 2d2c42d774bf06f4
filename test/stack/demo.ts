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

interface Demo {
  readonly gatewayUrl: string;
  readonly token: string;
  readonly print: (line: string) => void;
  readonly timeoutMs?: number;
  readonly onSubmitted?: (correlationId: string) => void;
}

/** Submits a task, prints its progress line by line, and its result. Throws when it does not complete in time. */
export async function runDemo({
  gatewayUrl,
  token,
  print,
  timeoutMs = 60_000,
  onSubmitted,
}: Demo): Promise<void> {
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
  onSubmitted?.(task.correlation_id);
  let last = '';
  while (performance.now() - started < timeoutMs) {
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const tick = task.tick === null ? '' : ` tick ${task.tick} of at most ${task.max_ticks}`;
    const line = `${task.status}${tick}${task.status === 'in_progress' ? `: ${task.result?.notes ?? ''}` : ''}`;
    if (line !== last) print(`  ${seconds.padStart(5)} s  ${line}`);
    last = line;
    if (task.status === 'completed') break;
    if (task.status === 'error' || task.status === 'cancelled')
      throw new Error(`the task ended in ${task.status}: ${task.error ?? 'by its owner'}`);
    await delay(100);
    task = await call(`/tasks/${task.correlation_id}`);
  }
  if (task.status !== 'completed') {
    const after = `${timeoutMs / 1000} s`;
    throw new Error(`the task ${task.correlation_id} is still ${task.status} after ${after}`);
  }
  for (const text of task.result?.deliverables ?? []) print(`         ${text}`);
  print(`         ${task.result?.notes ?? ''}`);
}
