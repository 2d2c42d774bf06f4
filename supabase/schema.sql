-- Made from migrations/ by schema.ts; change those. One transaction, and harmless to run again.
begin;

-- migrations/20261123000050_shape.sql
-- Before anything else: a table of one of these names with another shape stops everything. A starter project often has a
-- `profiles` of its own; half a schema around it would be worse than none.
do $$
declare other record;
begin
  for other in
    with wanted (relation, name, type, required) as (values
      ('tasks', 'id', 'uuid', true),
      ('tasks', 'correlation_id', 'text', true),
      ('tasks', 'user_id', 'uuid', true),
      ('tasks', 'mandate', 'text', true),
      ('tasks', 'status', 'text', true),
      ('tasks', 'max_ticks', 'integer', true),
      ('tasks', 'tick', 'integer', false),
      ('tasks', 'result', 'jsonb', false),
      ('tasks', 'error', 'text', false),
      ('tasks', 'created_at', 'timestamp with time zone', true),
      ('tasks', 'updated_at', 'timestamp with time zone', true),
      ('profiles', 'user_id', 'uuid', true),
      ('profiles', 'email', 'text', false),
      ('profiles', 'daily_tick_limit', 'integer', true),
      ('user_daily_usage', 'user_id', 'uuid', true),
      ('user_daily_usage', 'usage_date', 'date', true),
      ('user_daily_usage', 'ticks_used', 'integer', true)
    ), present as (
      select c.oid, c.relname::text as relation, c.relkind
        from pg_catalog.pg_class c
       where c.relnamespace = 'public'::regnamespace and c.relname in (select w.relation from wanted w)
         and c.relkind in ('r', 'p', 'v', 'm', 'f')
    ), columns as (
      select p.relation, a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
             a.attnotnull as required, a.atthasdef or a.attidentity <> '' as filled
        from present p
        join pg_catalog.pg_attribute a on a.attrelid = p.oid and a.attnum > 0 and not a.attisdropped
       where p.relkind = 'r'
    ), problems (relation, problem) as (
      select p.relation, 'it is no ordinary table' from present p where p.relkind <> 'r'
      union all
      select w.relation, format(case when c.name is null then 'column %s (%s) is missing'
                                     when c.type <> w.type then 'column %s is not %s but ' || c.type
                                     else 'column %s (%s) may be null' end, w.name, w.type)
        from present p
        join wanted w on w.relation = p.relation and p.relkind = 'r'
        left join columns c on c.relation = w.relation and c.name = w.name
       where c.name is null or c.type <> w.type or w.required and not c.required
      union all
      select c.relation, format('column %s, which Tickwork does not know, demands a value', c.name)
        from columns c
       where c.required and not c.filled
         and not exists (select from wanted w where w.relation = c.relation and w.name = c.name)
      union all
      select u.relation, format('column %s is not unique', u.names)
        from (values ('tasks', 'correlation_id'), ('profiles', 'user_id'),
                     ('user_daily_usage', 'user_id, usage_date')) as u (relation, names)
        join present p on p.relation = u.relation and p.relkind = 'r'
       where not exists (
         select from pg_catalog.pg_index i
          where i.indrelid = p.oid and i.indisunique and i.indpred is null
            and (select string_agg(pg_catalog.pg_get_indexdef(i.indexrelid, n, false), ', ' order by n)
                   from generate_series(1, i.indnkeyatts) n) = u.names)
    )
    select p.relation, string_agg(p.problem, '; ' order by p.problem) as found
      from problems p group by p.relation order by p.relation
  loop
    raise sqlstate '42P16' using
      message = format('public.%s is there, with another shape than Tickwork''s: %s', other.relation, other.found),
      hint = format('If the table is yours, rename it (alter table public.%1$I rename to %2$I) or use another project; '
                    'if it is meant for Tickwork, alter these columns. Then run this again: nothing was changed.',
                    other.relation, 'app_' || other.relation);
  end loop;
end $$;

-- migrations/20261123000100_tasks.sql
-- The table of tasks, its indexes, and who may see which row.
create table if not exists public.tasks (
  id uuid primary key default gen_random_uuid(),
  correlation_id text not null unique,
  user_id uuid not null references auth.users (id) on delete cascade,
  mandate text not null,
  status text not null default 'pending',
  max_ticks integer not null default 50,
  tick integer,
  result jsonb,
  error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Added where absent, so that a table made from the document gets them too and a second run scans nothing.
-- char_length counts code points, as the gateway does.
do $$
declare wanted record;
begin
  for wanted in
    select * from (values
      ('tasks_status_known',
       $check$status in ('pending', 'accepted', 'started', 'in_progress', 'completed', 'error', 'cancelled')$check$),
      ('tasks_max_ticks_range', $check$max_ticks between 1 and 200$check$),
      ('tasks_mandate_length', $check$char_length(mandate) between 1 and 8000$check$),
      ('tasks_correlation_id_uuid',
       $check$correlation_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'$check$)
    ) as c (name, condition)
  loop
    if not exists (select from pg_catalog.pg_constraint
                    where conrelid = 'public.tasks'::regclass and conname = wanted.name) then
      execute format('alter table public.tasks add constraint %I check (%s)', wanted.name, wanted.condition);
    end if;
  end loop;
end $$;

create index if not exists idx_tasks_user_id on public.tasks (user_id);
create index if not exists idx_tasks_correlation_id on public.tasks (correlation_id);
create index if not exists idx_tasks_user_created on public.tasks (user_id, created_at desc);
create index if not exists idx_tasks_status on public.tasks (status)
  where status not in ('completed', 'error', 'cancelled');
-- Serves the reconciler's walk over what is not final, page by page.
create index if not exists idx_tasks_active on public.tasks (correlation_id)
  where status not in ('completed', 'error', 'cancelled');

alter table public.tasks enable row level security;

-- A hosted project grants everything in public to its API roles by default. Whole-table rights for users on purpose: what a
-- stock client sends along at insert is overwritten by the trigger, and a forbidden change gets its 422 there.
revoke all on public.tasks from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.tasks to authenticated;

drop policy if exists tasks_select_own on public.tasks;
create policy tasks_select_own on public.tasks for select to authenticated
  using ((select auth.uid()) = user_id);
drop policy if exists tasks_insert_own on public.tasks;
create policy tasks_insert_own on public.tasks for insert to authenticated
  with check ((select auth.uid()) = user_id);
drop policy if exists tasks_update_own on public.tasks;
create policy tasks_update_own on public.tasks for update to authenticated
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
drop policy if exists tasks_delete_own on public.tasks;
create policy tasks_delete_own on public.tasks for delete to authenticated
  using ((select auth.uid()) = user_id);

-- migrations/20261123000200_reconciler_role.sql
-- The role that the reconciler's token names: it reads what dispatch needs, writes what a sync changes, and nothing else.
do $$ begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'task_reconciler') then
    create role task_reconciler nologin noinherit;
  end if;
end $$;
grant task_reconciler to authenticator;

grant usage on schema public to task_reconciler;
revoke all on public.tasks from task_reconciler;
grant select (id, correlation_id, user_id, mandate, max_ticks, status, updated_at) on public.tasks to task_reconciler;
grant update (status, tick, result, error, updated_at) on public.tasks to task_reconciler;

drop policy if exists tasks_select_reconciler on public.tasks;
create policy tasks_select_reconciler on public.tasks for select to task_reconciler using (true);
drop policy if exists tasks_update_reconciler on public.tasks;
create policy tasks_update_reconciler on public.tasks for update to task_reconciler using (true) with check (true);

-- migrations/20261123000300_guards.sql
-- What a row goes through at insert and update, whoever writes it. The schema is not exposed by PostgREST.
create schema if not exists internal;
revoke all on schema internal from public;
grant usage on schema internal to authenticated, task_reconciler;

create or replace function internal.is_final(status text) returns boolean language sql immutable parallel safe
return status in ('completed', 'error', 'cancelled');

-- Microseconds since 1970 and timestamptz, exact: to_timestamp(us / 1e6) goes through a double and loses a microsecond.
create or replace function internal.from_us(us bigint) returns timestamptz language sql immutable parallel safe
return timestamptz 'epoch' + us * interval '1 microsecond';
create or replace function internal.to_us(stamp timestamptz) returns bigint language sql immutable parallel safe
return (extract(epoch from stamp) * 1000000)::bigint;

-- What a user inserts starts like any other task: an id never used before (a sync names a row by it, so no value can reach a
-- later row that took a deleted one's correlation_id), pending, and stamped here.
create or replace function internal.tasks_before_insert() returns trigger
language plpgsql set search_path = '' as $$
begin
  if current_user = 'authenticated' then
    new.id := gen_random_uuid();
    new.status := 'pending';
    new.tick := null;
    new.result := null;
    new.error := null;
    new.created_at := now();
    new.updated_at := now();
  end if;
  return new;
end $$;

-- A sync keeps the stamp that it carries; any other update gets one later than the last. app.task_sync says which it is:
-- local to the transaction, undone with it (or with its savepoint) by an error, and one request is one transaction. No exposed
-- function sets it for a caller. "is distinct from": a comparison of rows with <> is null, not true, where one side has a null.
create or replace function internal.tasks_before_update() returns trigger
language plpgsql set search_path = '' as $$
begin
  if current_user in ('authenticated', 'task_reconciler') then
    if internal.is_final(old.status) then
      raise sqlstate 'PT409' using message = 'the task has ended', detail = old.status;
    end if;
    if (new.id, new.correlation_id, new.user_id, new.mandate, new.max_ticks, new.created_at)
       is distinct from (old.id, old.correlation_id, old.user_id, old.mandate, old.max_ticks, old.created_at) then
      raise sqlstate 'PT422' using
        message = 'a task keeps its id, correlation_id, user_id, mandate, max_ticks and created_at';
    end if;
  end if;
  if current_setting('app.task_sync', true) is distinct from 'on' then
    new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
  else
    -- A record that repair put back knows neither tick nor notes; a new attempt keeps them until its agent reports.
    new.tick := coalesce(new.tick, old.tick);
    if not internal.is_final(new.status) then
      new.result := coalesce(new.result, old.result);
    end if;
  end if;
  return new;
end $$;

-- One by one: "all functions in schema" would, run again, also grant what later migrations keep to themselves. A trigger's
-- function needs no grant.
revoke all on function internal.is_final(text), internal.from_us(bigint), internal.to_us(timestamptz),
  internal.tasks_before_insert(), internal.tasks_before_update() from public, anon, authenticated, service_role;
grant execute on function internal.is_final(text), internal.from_us(bigint), internal.to_us(timestamptz)
  to authenticated, task_reconciler;

create or replace trigger tasks_first before insert on public.tasks
  for each row execute function internal.tasks_before_insert();
create or replace trigger tasks_updated_at before update on public.tasks
  for each row execute function internal.tasks_before_update();

-- migrations/20261123000400_sync.sql
-- How a worker's progress reaches a row: one compare-and-set by stamp, for one task or a batch.

-- Row-level security without the reconciler's policies, or with a restrictive one on top, makes rows look deleted, and the
-- reconciler would settle their tasks. So where its answer would be "missing", this must hold. It is no race: the caller has
-- read public.tasks in this transaction, and that lock keeps policies as they are; and as both are volatile, this statement's
-- snapshot is younger than that lock (a stable function would look with an older one). Read committed, PostgREST's default.
create or replace function internal.require_reconciler_policies() returns void
language plpgsql security invoker set search_path = '' as $$
declare absent text; hiding text;
begin
  if current_user <> 'task_reconciler' then return; end if;
  select string_agg(needed.name, ', ') into absent
    from (values ('r', 'tasks_select_reconciler'), ('w', 'tasks_update_reconciler'))
           as needed (command, name)
   where not exists (
     select from pg_catalog.pg_policy p
      where p.polrelid = 'public.tasks'::regclass and p.polpermissive and p.polcmd::text in (needed.command, '*')
        and 'task_reconciler'::regrole = any (p.polroles)
        and pg_catalog.pg_get_expr(p.polqual, p.polrelid) = 'true');
  if absent is not null then
    raise sqlstate 'PT503' using
      message = 'public.tasks lacks a policy for task_reconciler: ' || absent,
      hint = 'run supabase/schema.sql again';
  end if;
  select string_agg(p.polname, ', ') into hiding
    from pg_catalog.pg_policy p
   where p.polrelid = 'public.tasks'::regclass and not p.polpermissive and p.polcmd in ('r', 'w', '*')
     and exists (select from unnest(p.polroles) as r (role)
                  where r.role = 0 or pg_catalog.pg_has_role(current_user, r.role, 'usage'));
  if hiding is not null then
    raise sqlstate 'PT503' using
      message = 'a restrictive policy on public.tasks may hide rows from task_reconciler: ' || hiding,
      hint = 'say "to authenticated" in that policy';
  end if;
end $$;

-- updates: [{correlation_id, id, status, tick, result, error, updated_us}]; result is JSON as text, as Redis holds it.
-- Returns, in their order: [{correlation_id, id, outcome, status, updated_us}]; the last two are the row's, null if missing.
-- The caller's grants and policies decide what it can touch. The same stamp again is applied again: a confirm was lost, or
-- two synced at once; calling that stale would go on for ever.
create or replace function internal.apply_updates(updates json) returns jsonb
language plpgsql security invoker set search_path = '' as $$
declare answer jsonb;
begin
  -- Locked in one global order; the next statement sees a fresh snapshot. A join on purpose: "= any(array)" under row-level
  -- security makes the planner combine it with the user_id index (65k tasks of one user: 2.6 ms instead of 0.05 ms).
  perform 1 from (select distinct e ->> 'correlation_id' as id from json_array_elements(updates) e) k
    join public.tasks t on t.correlation_id = k.id
   order by t.correlation_id for no key update of t;

  with given as materialized (
    select g.n, g.correlation_id, g.id, g.status, g.tick, nullif(g.result::jsonb, 'null'::jsonb) as result,
           nullif(g.error, '') as error, internal.from_us(g.updated_us) as updated_at,
           g.correlation_id is not null and g.updated_us is not null and coalesce(g.status in (
             'pending', 'accepted', 'started', 'in_progress', 'completed', 'error', 'cancelled'), false) as valid
      from rows from (json_to_recordset(updates)
             as (correlation_id text, id text, status text, tick int, result text, error text, updated_us bigint))
           with ordinality as g (correlation_id, id, status, tick, result, error, updated_us, n)
  ), newest as materialized (
    select distinct on (correlation_id, id) * from given where valid order by correlation_id, id, updated_at desc, n
  ), seen as materialized (
    select t.correlation_id, t.id::text as id, t.status, t.updated_at
      from newest v join public.tasks t on t.correlation_id = v.correlation_id and t.id::text = v.id
  ), done as (
    update public.tasks t
       set status = v.status, tick = v.tick, result = v.result, error = v.error, updated_at = v.updated_at
      from newest v
     where t.correlation_id = v.correlation_id and t.id::text = v.id
       and t.updated_at <= v.updated_at and not internal.is_final(t.status)
       -- a clock more than a day wrong: stale, and its caller rebases
       and v.updated_at < greatest(now(), t.updated_at) + interval '1 day'
    returning t.correlation_id, t.id::text as id, t.status, t.updated_at
  ), rows_now as (
    select * from done
    union all
    select * from seen s where not exists (select from done d where d.correlation_id = s.correlation_id)
  )
  select coalesce(jsonb_agg(jsonb_build_object(
           'correlation_id', g.correlation_id, 'id', g.id,
           'outcome', case when not g.valid then 'invalid'
                           when r.id is null then 'missing'
                           when r.updated_at = g.updated_at and r.status = g.status then 'applied'
                           else 'stale' end,
           'status', r.status,
           'updated_us', internal.to_us(r.updated_at)) order by g.n), '[]')
    into answer
    from given g
    left join rows_now r on g.valid and r.correlation_id = g.correlation_id and r.id = g.id;

  if answer @> '[{"outcome": "missing"}]' then
    perform internal.require_reconciler_policies();
  end if;
  return answer;
end $$;

-- The batch, and if that can't be stored, item by item: one bad item (a NUL, broken JSON, a number out of range) must not fail
-- the others. Its answer is {correlation_id, id, outcome: 'invalid', code}. Item by item in the order of the locks above, which
-- the savepoint gave up: in another order two callers could wait for each other.
create or replace function internal.sync_updates(updates json) returns jsonb
language plpgsql security invoker set search_path = '' as $$
declare answer jsonb; one jsonb; item json;
begin
  perform set_config('app.task_sync', 'on', true);
  begin
    answer := internal.apply_updates(updates);
  exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
    answer := '[]';
    for item in select value from json_array_elements(updates) order by value ->> 'correlation_id' loop
      begin
        one := internal.apply_updates(json_build_array(item));
      exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
        one := jsonb_build_array(jsonb_build_object(
          'correlation_id', item ->> 'correlation_id', 'id', item ->> 'id', 'outcome', 'invalid', 'code', sqlstate));
      end;
      answer := answer || one;
    end loop;
  end;
  perform set_config('app.task_sync', '', true);
  return answer;
end $$;

-- What the reconciler calls, at most 1000 at a time. For its role alone: called with a user's token, every other user's task
-- would be "missing", and the caller would settle it.
create or replace function public.sync_tasks(updates json) returns jsonb
language plpgsql security invoker set search_path = '' as $$
begin
  if updates is null or json_typeof(updates) <> 'array' then
    raise sqlstate 'PT400' using message = 'updates must be a JSON array';
  elsif json_array_length(updates) > 1000 then
    raise sqlstate 'PT413' using message = 'at most 1000 updates in a call';
  end if;
  return internal.sync_updates(updates);
end $$;

-- What a read calls when Redis is ahead: sync this one and answer with the row as it then stands, in one round trip. No row:
-- it was deleted, or is another's. For users: task_reconciler may not read whole rows.
create or replace function public.sync_task(update json) returns setof public.tasks
language plpgsql security invoker set search_path = '' as $$
begin
  if update is null or json_typeof(update) <> 'object' then
    raise sqlstate 'PT400' using message = 'update must be a JSON object';
  end if;
  perform internal.sync_updates(json_build_array(update));
  return query select t.* from public.tasks t where t.correlation_id = update ->> 'correlation_id';
end $$;

revoke all on function internal.require_reconciler_policies(), internal.apply_updates(json), internal.sync_updates(json)
  from public, anon, authenticated, service_role;
grant execute on function internal.require_reconciler_policies(), internal.apply_updates(json), internal.sync_updates(json)
  to authenticated, task_reconciler;
revoke all on function public.sync_tasks(json), public.sync_task(json)
  from public, anon, authenticated, service_role, task_reconciler;
grant execute on function public.sync_tasks(json) to task_reconciler;
grant execute on function public.sync_task(json) to authenticated;

-- migrations/20261123000500_reconciler_reads.sql
-- What the reconciler asks: the rows of some tasks, and a page of those that are not final. One jsonb value each, which
-- PostgREST's limit on rows does not cut. Both volatile, for the snapshot of internal.require_reconciler_policies.

-- keys: [{correlation_id, id}], at most 1000; a row counts only under both names. Returns, in their order:
-- [{correlation_id, id, outcome: 'found' | 'missing', user_id, mandate, max_ticks, status, updated_us}], nulls where missing.
create or replace function public.read_tasks(keys json) returns jsonb
language plpgsql volatile security invoker set search_path = '' as $$
declare answer jsonb;
begin
  if keys is null or json_typeof(keys) <> 'array' then
    raise sqlstate 'PT400' using message = 'keys must be a JSON array';
  elsif json_array_length(keys) > 1000 then
    raise sqlstate 'PT413' using message = 'at most 1000 keys in a call';
  end if;
  select coalesce(jsonb_agg(jsonb_build_object(
           'correlation_id', k.correlation_id, 'id', k.id,
           'outcome', case when t.id is null then 'missing' else 'found' end,
           'user_id', t.user_id, 'mandate', t.mandate, 'max_ticks', t.max_ticks, 'status', t.status,
           'updated_us', internal.to_us(t.updated_at)) order by k.n), '[]')
    into answer
    from rows from (json_to_recordset(keys) as (correlation_id text, id text))
         with ordinality as k (correlation_id, id, n)
    left join public.tasks t on t.correlation_id = k.correlation_id and t.id::text = k.id;
  if answer @> '[{"outcome": "missing"}]' then
    perform internal.require_reconciler_policies();
  end if;
  return answer;
end $$;

-- [{id, correlation_id, user_id, status, updated_us}]: at most page_size (1 to 1000) rows that are not final, in the order of
-- correlation_id, after the given one ('' to begin with). Fewer than page_size: the walk is over. Only rows old enough that the
-- gateway no longer seeds them: by the database's own clock, or with a stamp ahead of it. Such a stamp came from Redis, so the
-- row has been seeded; it must not hide here until the database's clock gets there.
create or replace function public.active_tasks(after text, min_age_ms int, page_size int) returns jsonb
language plpgsql volatile security invoker set search_path = '' as $$
declare answer jsonb;
begin
  if after is null or min_age_ms is null or min_age_ms < 0 or page_size is null or page_size not between 1 and 1000 then
    raise sqlstate 'PT400' using message = 'after must be a text, min_age_ms at least 0 and page_size 1 to 1000';
  end if;
  select coalesce(jsonb_agg(jsonb_build_object(
           'id', page.id, 'correlation_id', page.correlation_id, 'user_id', page.user_id,
           'status', page.status, 'updated_us', internal.to_us(page.updated_at)) order by page.correlation_id), '[]')
    into answer
    from (
      select t.id, t.correlation_id, t.user_id, t.status, t.updated_at
        from public.tasks t
       -- as idx_tasks_active has it, word for word
       where t.status not in ('completed', 'error', 'cancelled') and t.correlation_id > after
         and (t.updated_at <= now() - min_age_ms * interval '1 millisecond' or t.updated_at > now())
       order by t.correlation_id
       limit page_size
    ) page;
  if answer = '[]' then
    perform internal.require_reconciler_policies();
  end if;
  return answer;
end $$;

-- The newest migration that this database has; each newest migration makes it anew.
create or replace function public.tickwork_schema() returns text
language sql stable security invoker set search_path = ''
return '20261123000500_reconciler_reads';

revoke all on function public.read_tasks(json), public.active_tasks(text, int, int), public.tickwork_schema()
  from public, anon, authenticated, service_role;
grant execute on function public.read_tasks(json), public.active_tasks(text, int, int) to task_reconciler;
grant execute on function public.tickwork_schema() to authenticated, task_reconciler;

-- PostgREST listens to this; a hosted project also sends it by itself.
notify pgrst, 'reload schema';

-- migrations/20261125000100_quota.sql
-- The quota: how many tasks a user may submit in a day (UTC), and have unfinished at a time. A task costs one, whatever its
-- max_ticks; the columns' names are older than that.

-- One row. Both limits are here and nowhere else: update internal.settings set daily_tick_limit = 20;
create table if not exists internal.settings (
  single boolean primary key default true constraint settings_single check (single),
  daily_tick_limit integer not null default 6 constraint settings_daily_tick_limit check (daily_tick_limit >= 0),
  active_task_limit integer not null default 100 constraint settings_active_task_limit check (active_task_limit >= 0)
);
insert into internal.settings default values on conflict do nothing;
revoke all on internal.settings from public, anon, authenticated, service_role, task_reconciler;

create table if not exists public.profiles (
  user_id uuid primary key references auth.users (id) on delete cascade,
  email text,
  daily_tick_limit integer not null
);
create table if not exists public.user_daily_usage (
  user_id uuid not null references auth.users (id) on delete cascade,
  usage_date date not null,
  ticks_used integer not null default 0,
  primary key (user_id, usage_date)
);

do $$
declare wanted record;
begin
  for wanted in
    select * from (values
      ('public.profiles', 'profiles_daily_tick_limit', 'daily_tick_limit >= 0'),
      ('public.profiles', 'profiles_email_length', 'char_length(email) <= 320'),
      ('public.user_daily_usage', 'user_daily_usage_ticks_used', 'ticks_used >= 0')
    ) as c (relation, name, condition)
  loop
    if not exists (select from pg_catalog.pg_constraint
                    where conrelid = wanted.relation::regclass and conname = wanted.name) then
      execute format('alter table %s add constraint %I check (%s)', wanted.relation, wanted.name, wanted.condition);
    end if;
  end loop;
end $$;

-- Serves the count of a user's unfinished tasks, at every insert.
create index if not exists idx_tasks_user_active on public.tasks (user_id)
  where status not in ('completed', 'error', 'cancelled');

alter table public.profiles enable row level security;
alter table public.user_daily_usage enable row level security;
revoke all on public.profiles, public.user_daily_usage from public, anon, authenticated, service_role, task_reconciler;
grant select on public.profiles, public.user_daily_usage to authenticated;
grant insert (user_id, email, daily_tick_limit) on public.profiles to authenticated;

drop policy if exists profiles_select_own on public.profiles;
create policy profiles_select_own on public.profiles for select to authenticated
  using ((select auth.uid()) = user_id);
drop policy if exists profiles_insert_own on public.profiles;
create policy profiles_insert_own on public.profiles for insert to authenticated
  with check ((select auth.uid()) = user_id);
drop policy if exists user_daily_usage_select_own on public.user_daily_usage;
create policy user_daily_usage_select_own on public.user_daily_usage for select to authenticated
  using ((select auth.uid()) = user_id);

-- A user makes the profile, and says a limit; what counts is the server's. Functions here run as their owner, as users may
-- neither read the settings nor write usage; who inserts is asked in the trigger's WHEN, where it is still the caller.
create or replace function internal.profiles_before_insert() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.daily_tick_limit := (select s.daily_tick_limit from internal.settings s);
  return new;
end $$;
create or replace trigger profiles_first before insert on public.profiles
  for each row when (current_user = 'authenticated' or new.daily_tick_limit is null)
  execute function internal.profiles_before_insert();

-- PostgREST makes an answer of this: 429 with the header, and details that tell what is left.
create or replace function internal.refuse_by_quota(kind text, given_limit int, used int, retry_seconds int) returns void
language plpgsql set search_path = '' as $$
begin
  raise sqlstate 'PGRST' using
    message = json_build_object(
      'code', 'TW429', 'hint', null,
      'message', case kind when 'daily' then 'the day''s tasks are used up' else 'too many tasks are unfinished' end,
      'details', json_build_object(
        'limit', given_limit, 'used', used, 'left', greatest(given_limit - used, 0), 'kind', kind,
        'retry_after', retry_seconds)::text)::text,
    detail = json_build_object('status', 429, 'headers', json_build_object('Retry-After', retry_seconds::text))::text;
end $$;

-- The day's row is charged first: its lock makes a user's inserts wait for each other, so each sees what the others took.
create or replace function internal.charge(owner uuid, cost int) returns void
language plpgsql set search_path = '' as $$
declare
  settings internal.settings; day_limit int; used int; active int;
  today date := (now() at time zone 'utc')::date;
  midnight timestamptz := (today + 1)::timestamp at time zone 'utc';
begin
  insert into public.user_daily_usage as u (user_id, usage_date, ticks_used) values (owner, today, cost)
  on conflict (user_id, usage_date) do update set ticks_used = u.ticks_used + excluded.ticks_used
  returning u.ticks_used - cost into used;

  select * into strict settings from internal.settings;
  select p.daily_tick_limit into day_limit from public.profiles p where p.user_id = owner;
  day_limit := coalesce(day_limit, settings.daily_tick_limit);
  if used + cost > day_limit then
    perform internal.refuse_by_quota('daily', day_limit, used, ceil(extract(epoch from midnight - now()))::int);
  end if;

  -- as idx_tasks_user_active has it, word for word
  select count(*) into active from public.tasks t
   where t.user_id = owner and t.status not in ('completed', 'error', 'cancelled');
  if active > settings.active_task_limit then
    perform internal.refuse_by_quota('active', settings.active_task_limit, active - cost, 30);
  end if;
end $$;

-- AFTER, as row-level security looks between the two: a BEFORE trigger would tell another's quota. Once for a statement: what
-- ON CONFLICT skipped is not in `inserted`, and a refusal tells what was used before it.
create or replace function internal.tasks_after_insert() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform internal.charge(one.user_id, one.cost)
    from (select i.user_id, count(*)::int as cost from inserted i group by i.user_id order by i.user_id) one;
  return null;
end $$;
create or replace trigger tasks_charged after insert on public.tasks
  referencing new table as inserted
  for each statement when (current_user = 'authenticated')
  execute function internal.tasks_after_insert();

revoke all on function internal.profiles_before_insert(), internal.refuse_by_quota(text, int, int, int),
  internal.charge(uuid, int), internal.tasks_after_insert() from public, anon, authenticated, service_role, task_reconciler;

-- migrations/20261125000200_updates.sql
-- What an update may hold, whoever writes it, and the direction in which a user's own goes.

-- 1 MiB of result: a list carries it whole. Class 23, so that one of these in a batch is `invalid` and the others are taken.
do $$
declare wanted record;
begin
  for wanted in
    select * from (values
      ('tasks_tick_range', 'tick between 0 and max_ticks'),
      ('tasks_result_size', 'octet_length(result::text) <= 1048576'),
      ('tasks_error_length', 'char_length(error) <= 8000')
    ) as c (name, condition)
  loop
    if not exists (select from pg_catalog.pg_constraint
                    where conrelid = 'public.tasks'::regclass and conname = wanted.name) then
      execute format('alter table public.tasks add constraint %I check (%s)', wanted.name, wanted.condition);
    end if;
  end loop;
end $$;

-- How far a status is. Null for one that there is not: the table's constraint names that.
create or replace function internal.status_rank(status text) returns integer language sql immutable parallel safe
return case when status = 'pending' then 0 when status = 'accepted' then 1 when status = 'started' then 2
            when status = 'in_progress' then 3 when internal.is_final(status) then 4 end;

-- For users alone, before tasks_updated_at (triggers run by name). A sync may go back to accepted: that is a new attempt. Its
-- stamp may be a day ahead of the clock and no more, lest by many small steps a row gets to the year 2100; class 22, so that it is
-- `invalid`. (The reconciler may follow a row that is further ahead.)
create or replace function internal.tasks_user_update() returns trigger
language plpgsql set search_path = '' as $$
begin
  if current_setting('app.task_sync', true) = 'on' then
    if new.updated_at >= now() + interval '1 day' then
      raise datetime_field_overflow using message = 'updated_at is more than a day ahead';
    end if;
  elsif internal.status_rank(new.status) < internal.status_rank(old.status) and not internal.is_final(old.status) then
    raise sqlstate 'PT422' using message = 'a task does not go back from ' || old.status || ' to ' || new.status;
  end if;
  return new;
end $$;
create or replace trigger tasks_by_user before update on public.tasks
  for each row when (current_user = 'authenticated')
  execute function internal.tasks_user_update();

revoke all on function internal.status_rank(text), internal.tasks_user_update()
  from public, anon, authenticated, service_role;
grant execute on function internal.status_rank(text) to authenticated;

-- migrations/20261125000300_realtime.sql
-- Supabase's Realtime tells of changes to the tables of this publication, to each user of the own rows.
do $$ begin
  if exists (select from pg_catalog.pg_publication where pubname = 'supabase_realtime')
     and not exists (select from pg_catalog.pg_publication_tables
                      where pubname = 'supabase_realtime' and schemaname = 'public' and tablename = 'tasks') then
    alter publication supabase_realtime add table public.tasks;
  end if;
end $$;

create or replace function public.tickwork_schema() returns text
language sql stable security invoker set search_path = ''
return '20261125000300_realtime';
revoke all on function public.tickwork_schema() from public, anon, authenticated, service_role;
grant execute on function public.tickwork_schema() to authenticated, task_reconciler;

-- PostgREST listens to this; a hosted project also sends it by itself.
notify pgrst, 'reload schema';

-- migrations/20261125000900_schema_version_for_anon.sql
-- The gateway holds the publishable key alone: its /health names a migration that is missing before any user signs in. A name is
-- all that anon gets.
create or replace function public.tickwork_schema() returns text
language sql stable security invoker set search_path = ''
return '20261125000900_schema_version_for_anon';

revoke all on function public.tickwork_schema() from public, anon, authenticated, service_role;
grant execute on function public.tickwork_schema() to anon, authenticated, task_reconciler;

-- PostgREST listens to this; a hosted project also sends it by itself.
notify pgrst, 'reload schema';

-- migrations/20261126000100_quota_answer.sql
-- A user's own quota of the day, for a page or the gateway to show before it is used up.

-- What counts for who has no profile. Users may not read the settings, so this one number is the owner's to tell; a refusal tells it
-- as well.
create or replace function internal.default_tick_limit() returns integer
language sql stable security definer set search_path = ''
as $$ select s.daily_tick_limit from internal.settings s $$;

-- Bodies as text: they keep no table from being dropped. Profile and usage are read by the caller, whose policies show the own ones alone.
create or replace function public.tickwork_quota() returns json
language sql stable security invoker set search_path = ''
as $$
  select json_build_object(
           'limit', q.day_limit, 'used', q.used, 'left', greatest(q.day_limit - q.used, 0),
           'resets_at', to_char(q.today + 1, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
    from (
      select d.today,
             coalesce((select p.daily_tick_limit from public.profiles p where p.user_id = (select auth.uid())),
                      internal.default_tick_limit()) as day_limit,
             coalesce((select u.ticks_used from public.user_daily_usage u
                        where u.user_id = (select auth.uid()) and u.usage_date = d.today), 0) as used
        from (select (now() at time zone 'utc')::date as today) d
    ) q
$$;

create or replace function public.tickwork_schema() returns text
language sql stable security invoker set search_path = ''
return '20261126000100_quota_answer';

revoke all on function internal.default_tick_limit(), public.tickwork_quota(), public.tickwork_schema()
  from public, anon, authenticated, service_role, task_reconciler;
grant execute on function internal.default_tick_limit(), public.tickwork_quota() to authenticated;
grant execute on function public.tickwork_schema() to anon, authenticated, task_reconciler;

-- PostgREST listens to this; a hosted project also sends it by itself.
notify pgrst, 'reload schema';

-- migrations/20261126000200_estimates.sql
-- No statistics about what tells of one task or one user. The planner makes its estimates from those of all rows, whoever may see
-- them, and PostgREST hands the estimate out (Prefer: count=planned): of a filter by another's user_id it was how many tasks that
-- user has, of ranges of ids it led to ids that are there, and of a text to who else has it. No plan here is worse without them: an
-- index serves each query, and unique columns are known to be.
do $$
declare told record;
begin
  for told in
    select * from (values
      ('tasks', 'id'), ('tasks', 'correlation_id'), ('tasks', 'user_id'), ('tasks', 'mandate'), ('tasks', 'result'),
      ('tasks', 'error'), ('tasks', 'created_at'), ('tasks', 'updated_at'),
      ('profiles', 'user_id'), ('profiles', 'email'),
      ('user_daily_usage', 'user_id')
    ) as t (relation, name)
  loop
    execute format('alter table public.%I alter column %I set statistics 0', told.relation, told.name);
  end loop;
end $$;

create or replace function public.tickwork_schema() returns text
language sql stable security invoker set search_path = ''
return '20261126000200_estimates';

revoke all on function public.tickwork_schema() from public, anon, authenticated, service_role, task_reconciler;
grant execute on function public.tickwork_schema() to anon, authenticated, task_reconciler;

-- PostgREST listens to this; a hosted project also sends it by itself.
notify pgrst, 'reload schema';

commit;
