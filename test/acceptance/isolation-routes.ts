/** What can be known of a task by who may not see it. */
export interface Known {
  readonly id: string;
  readonly correlation_id: string;
  /** The owner's, of the task as it is. */
  readonly etag: string;
}

export interface TaskRoute {
  /** As the OpenAPI document names it. */
  readonly operation: string;
  readonly path: (id: string) => string;
  readonly headers?: (known: Known) => Readonly<Record<string, string>>;
}

/** Every way to ask for a task. */
export const taskRoutes: readonly TaskRoute[] = [
  { operation: 'GET /tasks/{id}', path: (id) => `/tasks/${id}` },
  {
    operation: 'GET /tasks/{id}',
    path: (id) => `/tasks/${id}?wait=1`,
    headers: ({ etag }) => ({ 'if-none-match': etag }),
  },
  { operation: 'GET /tasks/{id}', path: (id) => `/tasks/${id}`, headers: () => ({ 'if-none-match': '*' }) },
  { operation: 'GET /tasks/{id}/events', path: (id) => `/tasks/${id}/events` },
  {
    operation: 'GET /tasks/{id}/events',
    path: (id) => `/tasks/${id}/events`,
    headers: ({ etag }) => ({ 'last-event-id': etag.replaceAll('"', '') }),
  },
  { operation: 'POST /tasks/{id}/cancel', path: (id) => `/tasks/${id}/cancel` },
  { operation: 'POST /tasks/{id}/retry', path: (id) => `/tasks/${id}/retry` },
  {
    operation: 'POST /tasks/{id}/retry',
    path: (id) => `/tasks/${id}/retry`,
    headers: ({ correlation_id }) => ({ 'idempotency-key': correlation_id }),
  },
  { operation: 'DELETE /tasks/{id}', path: (id) => `/tasks/${id}` },
];

/** Those of a user that name no task by their path. */
export const ownRoutes: readonly string[] = ['GET /tasks', 'POST /tasks', 'GET /quota'];

/** Those of anyone. */
export const openRoutes: readonly string[] = [
  'GET /health',
  'GET /version',
  'GET /system-info',
  'GET /worker-count',
];

export const methodOf = (operation: string) => operation.split(' ')[0] ?? '';

/** For the name of a test: what is asked, without ids. */
export const titleOf = ({ operation, path, headers }: TaskRoute) => {
  const known = { id: '', correlation_id: '', etag: '' };
  const names = Object.keys(headers?.(known) ?? {}).map((name) => ` with ${name}`);
  return `${methodOf(operation)} ${path('{id}')}${names}`;
};
