import { randomUUID } from 'node:crypto';
import type { SupabaseClient } from '@supabase/supabase-js';

/** Whose task, and which. */
export interface Target {
  readonly id: string;
  readonly correlation_id: string;
  readonly user_id: string;
}

export type Verb = (client: SupabaseClient, target: Target) => PromiseLike<unknown>;

const today = () => new Date().toISOString().slice(0, 10);
const update = ({ id, correlation_id }: Target) => ({
  ...{ id, correlation_id, status: 'completed', tick: 1, result: '{"success":true}', error: null },
  updated_us: Date.now() * 1000 + 3_600_000_000,
});

const tasks: Record<string, Verb> = {
  'select by correlation_id': (client, { correlation_id }) =>
    client.from('tasks').select().eq('correlation_id', correlation_id),
  'select by id': (client, { id }) => client.from('tasks').select('mandate,result').eq('id', id),
  'select one': (client, { id }) => client.from('tasks').select().eq('id', id).single(),
  'select one or none': (client, { id }) => client.from('tasks').select().eq('id', id).maybeSingle(),
  'select by user': (client, { user_id }) => client.from('tasks').select().eq('user_id', user_id),
  'select in a list': (client, { id }) => client.from('tasks').select('id').in('id', [id]),
  'select as CSV': (client, { id }) => client.from('tasks').select().eq('id', id).csv(),
  count: (client, { user_id }) =>
    client.from('tasks').select('*', { count: 'exact', head: true }).eq('user_id', user_id),
  'count as planned': (client, { id }) =>
    client.from('tasks').select('*', { count: 'estimated', head: true }).eq('id', id),
  'insert as the user': (client, { user_id }) =>
    client.from('tasks').insert({ correlation_id: randomUUID(), user_id, mandate: 'm' }).select(),
  'insert as the user, without reading back': (client, { user_id }) =>
    client.from('tasks').insert({ correlation_id: randomUUID(), user_id, mandate: 'm' }),
  'insert as the user, under the task’s name': (client, { user_id, correlation_id }) =>
    client.from('tasks').insert({ correlation_id, user_id, mandate: 'm' }),
  'update by id': (client, { id }) => client.from('tasks').update({ status: 'cancelled' }).eq('id', id),
  'update by correlation_id': (client, { correlation_id }) =>
    client.from('tasks').update({ error: 'touched' }).eq('correlation_id', correlation_id).select(),
  'update by user': (client, { user_id }) =>
    client.from('tasks').update({ error: 'touched' }).eq('user_id', user_id).select(),
  'update by what it holds': (client, { id }) =>
    client.from('tasks').update({ error: 'touched' }).like('mandate', '%secret-%').neq('id', id),
  'delete by id': (client, { id }) => client.from('tasks').delete().eq('id', id),
  'delete by correlation_id': (client, { correlation_id }) =>
    client.from('tasks').delete().eq('correlation_id', correlation_id).select(),
  'delete by user': (client, { user_id }) =>
    client.from('tasks').delete({ count: 'exact' }).eq('user_id', user_id),
  'upsert as the user': (client, { id, user_id }) =>
    client.from('tasks').upsert({ id, correlation_id: randomUUID(), user_id, mandate: 'm' }),
  'upsert as the user, under the task’s name': (client, { user_id, correlation_id }) =>
    client.from('tasks').upsert({ correlation_id, user_id, mandate: 'm' }, { onConflict: 'correlation_id' }),
};

const others: Record<string, Verb> = {
  'select a profile': (client, { user_id }) => client.from('profiles').select().eq('user_id', user_id),
  'insert a profile': (client, { user_id }) =>
    client.from('profiles').insert({ user_id, email: 'e@example.com', daily_tick_limit: 1 }),
  'update a profile': (client, { user_id }) =>
    client.from('profiles').update({ daily_tick_limit: 0 }).eq('user_id', user_id),
  'delete a profile': (client, { user_id }) => client.from('profiles').delete().eq('user_id', user_id),
  'upsert a profile': (client, { user_id }) =>
    client.from('profiles').upsert({ user_id, daily_tick_limit: 0 }),
  'select a usage': (client, { user_id }) => client.from('user_daily_usage').select().eq('user_id', user_id),
  'insert a usage': (client, { user_id }) =>
    client.from('user_daily_usage').insert({ user_id, usage_date: today(), ticks_used: 9 }),
  'update a usage': (client, { user_id }) =>
    client.from('user_daily_usage').update({ ticks_used: 0 }).eq('user_id', user_id),
  'delete a usage': (client, { user_id }) => client.from('user_daily_usage').delete().eq('user_id', user_id),
  'upsert a usage': (client, { user_id }) =>
    client.from('user_daily_usage').upsert({ user_id, usage_date: today(), ticks_used: 0 }),
};

const functions: Record<string, Verb> = {
  'rpc sync_task': (client, target) => client.rpc('sync_task', { update: update(target) }),
  'rpc sync_task, by its name alone': (client, target) =>
    client.rpc('sync_task', { update: { ...update(target), id: randomUUID() } }),
  'rpc sync_tasks': (client, target) => client.rpc('sync_tasks', { updates: [update(target)] }),
  'rpc read_tasks': (client, { id, correlation_id }) =>
    client.rpc('read_tasks', { keys: [{ id, correlation_id }] }),
  'rpc active_tasks': (client) => client.rpc('active_tasks', { after: '', min_age_ms: 0, page_size: 1000 }),
  'rpc tickwork_quota': (client) => client.rpc('tickwork_quota'),
};

/** What stock supabase-js lets anyone try on a user's rows, each by what is known of them. */
export const verbs: Readonly<Record<string, Verb>> = { ...tasks, ...others, ...functions };
