import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type EventStream, openEvents } from '../stack/event-streams.ts';
import { signIn } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';
import { type Asking, createAsking } from './isolation-asking.ts';
import { type Known, openRoutes, ownRoutes, taskRoutes, titleOf } from './isolation-routes.ts';
import { createWorld, states, type World } from './isolation-world.ts';

interface TaskList {
  readonly next_cursor: string | null;
}
let world: World;
let asking: Asking;
let watching: EventStream;
let before: unknown;
beforeAll(async () => {
  world = await createWorld();
  asking = createAsking(world);
  const { tickwork, owner, tasks } = world;
  const url = `${tickwork.url}/tasks/${tasks.running.correlation_id}/events`;
  watching = await openEvents({ url, token: owner.token });
  await watching.until('the task', ({ event }) => event === 'task');
  before = await world.state();
}, 120_000);
afterAll(async () => {
  asking.close();
  await world.close();
});

/** By what a task can be asked for. */
const namesOf = ({ id, correlation_id }: Known) => [correlation_id, correlation_id.toUpperCase(), id];

test('every route of the document is tried here', async () => {
  const { paths } = (await (await fetch(`${world.tickwork.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { security?: unknown }>>;
  };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      operation: `${method.toUpperCase()} ${path}`,
      isOfUsers: security !== undefined,
    })),
  );
  const documented = (isOfUsers: boolean) =>
    operations.filter((one) => one.isOfUsers === isOfUsers).map(({ operation }) => operation);
  const tried = new Set([...taskRoutes.map(({ operation }) => operation), ...ownRoutes]);
  expect(documented(true).toSorted()).toEqual([...tried].toSorted());
  expect(documented(false).toSorted()).toEqual(openRoutes.toSorted());
});

describe('as another user, and as nobody', () => {
  afterEach(async () => expect(await world.state()).toEqual(before));

  describe.each(taskRoutes.map((route) => [titleOf(route), route] as const))('%s', (_title, route) => {
    test.each(states)('a task that is %s is like none, by any name', async (state) => {
      const known = world.tasks[state];
      const { token } = world.other;
      for (const name of namesOf(known)) {
        const none = name === name.toUpperCase() ? randomUUID().toUpperCase() : randomUUID();
        const answers = [
          await asking.ask(route, name, { token, known }),
          await asking.ask(route, none, { token, known }),
        ];
        expect(answers[0]).toEqual(answers[1]);
        expect(answers[0]).toMatchObject({ status: 404, reason: 'Not Found' });
      }
    });

    test('nobody is told whether there is a task', async () => {
      const known = world.tasks.running;
      for (const [name, token] of Object.entries({ ...world.nobody, ...world.others })) {
        const none = await asking.ask(route, randomUUID(), { token, known });
        expect(none, name).toMatchObject({ status: 401, steps: [] });
        for (const id of namesOf(known))
          expect(await asking.ask(route, id, { token, known }), name).toEqual(none);
      }
    });
  });

  test('a list and the quota are of a world in which there is nobody else', async () => {
    const { owner, tasks } = world;
    const { token } = await signIn(world.tickwork);
    const { next_cursor: cursor } = (await (await owner.call('/tasks?limit=1')).json()) as TaskList;
    const empty = { tasks: [], next_cursor: null };
    for (const [query, list] of [
      ['', empty],
      ['?total=true', { ...empty, total: 0 }],
      [`?cursor=${cursor}`, empty],
      ['?status=completed&status=error', empty],
    ] as const) {
      expect(JSON.parse((await asking.get(`/tasks${query}`, token)).body), query).toEqual(list);
    }
    expect(JSON.parse((await asking.get('/quota', token)).body)).toMatchObject({ used: 0 });
    expect(Object.keys(tasks)).toHaveLength(states.length);
  });

  test('nobody gets a list or a quota, nor submits', async () => {
    for (const [name, token] of Object.entries({ ...world.nobody, ...world.others })) {
      for (const operation of ownRoutes) {
        const [method = '', path = ''] = operation.split(' ');
        expect(await asking.show({ method, path, token }), `${operation} with ${name}`).toMatchObject({
          status: 401,
        });
      }
    }
  });

  test.each(states.filter((state) => state !== 'deleted'))(
    'a submit under the name of a task that is %s tells what one’s own would',
    async (state) => {
      const { token } = await signIn(world.tickwork);
      const { correlation_id } = world.tasks[state];
      const own = await asking.submit(token, { mandate: world.secret, correlation_id: randomUUID() });
      const { correlation_id: name } = JSON.parse(own.body) as Known;
      const mandate = `${world.secret} another`;
      const taken = await asking.submit(token, { mandate, correlation_id });
      expect(taken).toMatchObject({ status: 409 });
      expect(taken).toEqual(await asking.submit(token, { mandate, correlation_id: name }));
      expect(JSON.parse((await asking.get('/quota', token)).body)).toMatchObject({ used: 1 });
    },
  );

  test('a key is its user’s own, and another’s names nothing', async () => {
    const { secret, key, tasks } = world;
    const { token } = await signIn(world.tickwork);
    const body = { mandate: `${secret} one. ${secret} two.` };
    const first = await asking.submit(token, body, { 'idempotency-key': key });
    const mine = JSON.parse(first.body) as Known;
    expect([first.status, tasks.completed]).not.toEqual([202, expect.objectContaining({ id: mine.id })]);
    expect(first.status).toBe(202);
    const both = (correlation_id: string) =>
      asking.submit(token, { ...body, correlation_id }, { 'idempotency-key': key });
    expect(await both(tasks.completed.correlation_id)).toEqual(await both(randomUUID()));
  });

  test('who takes the id of a row for a name does not get between it and its owner', async () => {
    const { owner, secret, tasks } = world;
    const { id } = tasks.running;
    const stranger = await signIn(world.tickwork);
    const theirs = await owner.read(id);
    expect(await asking.submit(stranger.token, { mandate: secret, correlation_id: id })).toMatchObject({
      status: 202,
    });
    expect(await owner.read(id)).toEqual(theirs);
    expect((await stranger.read(id)).id).not.toBe(id);
  });

  test('each refusal costs one of the writes that are left, whatever it was for', async () => {
    const { token } = await signIn(world.tickwork);
    const left: number[] = [];
    for (const id of [world.tasks.running.correlation_id, randomUUID(), world.tasks.completed.id])
      left.push(await asking.writesLeft(`/tasks/${id}`, token));
    expect(left.map((count) => count - (left[0] ?? 0))).toEqual([0, -1, -2]);
  });

  test.each(openRoutes)('%s tells the same with a token and without', async (operation) => {
    const path = operation.replace('GET ', '');
    for (const token of ['', world.other.token])
      expect(await asking.get(path, token)).toMatchObject({ status: 200 });
  });
});

test('what the owner has goes on as if nothing had been', async () => {
  const { owner, tickwork, tasks } = world;
  expect([watching.events.length, watching.state.ended]).toEqual([1, false]);
  await tickwork.start('reconciler');
  const { correlation_id } = tasks.ahead;
  await waitFor('the reconciler to sync it', async () => {
    const { data } = await owner.supabase
      .from('tasks')
      .select()
      .match({ correlation_id, status: 'completed' });
    return data?.length;
  });
  for (const state of ['withoutRecord', 'running'] as const) {
    const path = `/tasks/${tasks[state].correlation_id}/cancel`;
    expect((await owner.call(path, { method: 'POST' })).status).toBe(200);
  }
  await watching.untilEnd();
  expect(watching.events.map(({ event }) => event)).toEqual(['task', 'task', 'end']);
});

test('with Supabase away another’s task is like none, too', async () => {
  await world.supabase.close();
  const { token } = world.other;
  for (const route of taskRoutes) {
    const known = world.tasks.completed;
    const answer = await asking.ask(route, known.correlation_id, { token, known });
    expect(answer, titleOf(route)).toMatchObject({ status: 503 });
    expect(answer).toEqual(await asking.ask(route, randomUUID(), { token, known }));
  }
});

describe('what anybody gets to read', () => {
  const services = ['api', 'reconciler', 'worker'] as const;

  test('no answer tells where in the code it came from, or what another wrote', () => {
    expect(asking.shown.length).toBeGreaterThan(500);
    for (const body of asking.shown)
      expect(body).not.toMatch(/\bat \S+:\d+|\.[jt]s\b|node_modules|services\//);
    const problems = asking.shown.filter((body) => body.includes('urn:tickwork:error'));
    for (const body of problems) expect(body).not.toContain(world.secret);
  });

  test('logs, metrics and traces hold no mandate, no result, no error and no token', async () => {
    const { tickwork, traces, project, owner, other, nobody, others, secret, key } = world;
    const metrics = await Promise.all(services.map((service) => tickwork.metrics(service)));
    // They export what is left when they end.
    for (const service of services) await tickwork.kill(service, 'SIGTERM');
    const said = { ...Object.fromEntries(services.map((service) => [service, tickwork.log(service)])) };
    const told = { ...said, traces: traces.text(), metrics: metrics.join() };
    expect(told).toMatchObject({
      api: expect.stringContaining('"task submitted"'),
      reconciler: expect.stringMatching(/"pass"|reconcil/),
      worker: expect.stringContaining(world.tasks.completed.correlation_id),
      traces: expect.stringContaining('/tasks/:id'),
      metrics: expect.stringContaining('tickwork_http_request_duration_seconds'),
    });
    const given = Object.values({ ...nobody, ...others }).filter(Boolean);
    const tokens = [owner.token, other.token, project.reconcilerToken, ...given];
    const signatures = tokens.flatMap((token) => token.split('.')[2] ?? []).filter(Boolean);
    for (const [where, text] of Object.entries(told)) {
      for (const word of [secret, key, ...tokens, ...signatures]) {
        expect(text.includes(word), `${word} in ${where}`).toBe(false);
      }
    }
  });
});
