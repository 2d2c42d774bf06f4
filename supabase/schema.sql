-- Made from migrations/ by schema.ts; change those. One transaction, and harmless to run again.
begin;

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

alter table public.tasks drop constraint if exists tasks_status_known;
alter table public.tasks add constraint tasks_status_known
  check (status in ('pending', 'accepted', 'started', 'in_progress', 'completed', 'error', 'cancelled'));
alter table public.tasks drop constraint if exists tasks_max_ticks_range;
alter table public.tasks add constraint tasks_max_ticks_range check (max_ticks between 1 and 200);
-- char_length counts code points, as the gateway does.
alter table public.tasks drop constraint if exists tasks_mandate_length;
alter table public.tasks add constraint tasks_mandate_length check (char_length(mandate) between 1 and 8000);
alter table public.tasks drop constraint if exists tasks_correlation_id_uuid;
alter table public.tasks add constraint tasks_correlation_id_uuid
  check (correlation_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$');

create index if not exists idx_tasks_user_id on public.tasks (user_id);
create index if not exists idx_tasks_correlation_id on public.tasks (correlation_id);
create index if not exists idx_tasks_user_created on public.tasks (user_id, created_at desc);
create index if not exists idx_tasks_status on public.tasks (status)
  where status not in ('completed', 'error', 'cancelled');
-- Serves the reconciler's walk over what is not final, page by page.
create index if not exists idx_tasks_active on public.tasks (correlation_id)
  where status not in ('completed', 'error', 'cancelled');

alter table public.tasks enable row level security;

-- A hosted project grants everything in public to its API roles by default.
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

-- A sync keeps the stamp that it carries; any other update gets one later than the last. app.task_sync is local to the
-- transaction, no exposed function sets it for a caller, and one request is one transaction.
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

revoke all on all functions in schema internal from public;
grant execute on all functions in schema internal to authenticated, task_reconciler;

create or replace trigger tasks_first before insert on public.tasks
  for each row execute function internal.tasks_before_insert();
create or replace trigger tasks_updated_at before update on public.tasks
  for each row execute function internal.tasks_before_update();

-- migrations/20261123000400_sync.sql
-- How a worker's progress reaches a row: one compare-and-set by stamp, for one task or a batch.

-- Row-level security without its policies makes every row look deleted, and the reconciler would settle every task. So where
-- its answer would be "missing", the policies must be there. Checked in the same statement: no other round trip, no race.
create or replace function internal.require_reconciler_policies() returns void
language plpgsql stable set search_path = '' as $$
declare absent text;
begin
  if current_user <> 'task_reconciler' then return; end if;
  select string_agg(needed.name, ', ') into absent
    from (values ('r', 'select'), ('w', 'update')) as needed (command, name)
   where not exists (
     select from pg_catalog.pg_policy p
      where p.polrelid = 'public.tasks'::regclass and p.polcmd::text in (needed.command, '*')
        and 'task_reconciler'::regrole = any (p.polroles));
  if absent is not null then
    raise sqlstate 'PT503' using message = 'task_reconciler has no policy on public.tasks for: ' || absent;
  end if;
end $$;

-- updates: [{correlation_id, id, status, tick, result, error, updated_us}]; result is JSON as text, as Redis holds it.
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
    select g.correlation_id, g.id, g.status, g.tick, nullif(g.result::jsonb, 'null'::jsonb) as result,
           nullif(g.error, '') as error, internal.from_us(g.updated_us) as updated_at,
           row_number() over (partition by g.correlation_id order by g.updated_us desc) as nth
      from json_to_recordset(updates)
        as g (correlation_id text, id text, status text, tick int, result text, error text, updated_us bigint)
  ), valid as materialized (
    select * from given
     where nth = 1 and correlation_id is not null and updated_at is not null
       and status in ('pending', 'accepted', 'started', 'in_progress', 'completed', 'error', 'cancelled')
  ), seen as materialized (
    select t.correlation_id, t.status, t.updated_at
      from public.tasks t join valid v on v.correlation_id = t.correlation_id and v.id = t.id::text
  ), done as (
    update public.tasks t
       set status = v.status, tick = v.tick, result = v.result, error = v.error, updated_at = v.updated_at
      from valid v
     where t.correlation_id = v.correlation_id and t.id::text = v.id
       and t.updated_at <= v.updated_at and not internal.is_final(t.status)
       -- a clock more than a day wrong: stale, and its caller rebases
       and v.updated_at < greatest(now(), t.updated_at) + interval '1 day'
    returning t.correlation_id, t.status, t.updated_at
  )
  select coalesce(jsonb_agg(jsonb_build_object(
           'correlation_id', g.correlation_id,
           'outcome', case when g.nth > 1 then 'stale'
                           when v.correlation_id is null then 'invalid'
                           when d.correlation_id is not null then 'applied'
                           when s.updated_at = v.updated_at and s.status = v.status then 'applied'
                           when s.correlation_id is not null then 'stale'
                           else 'missing' end,
           'status', coalesce(d.status, s.status),
           'updated_us', internal.to_us(coalesce(d.updated_at, s.updated_at)))), '[]')
    into answer
    from given g
    left join valid v on v.correlation_id = g.correlation_id and g.nth = 1
    left join done d on d.correlation_id = g.correlation_id and g.nth = 1
    left join seen s on s.correlation_id = g.correlation_id;

  if answer @> '[{"outcome": "missing"}]' then
    perform internal.require_reconciler_policies();
  end if;
  return answer;
end $$;

-- What the reconciler calls. One bad item (a NUL, broken JSON, a number out of range) must not fail the others.
create or replace function public.sync_tasks(updates json) returns jsonb
language plpgsql security invoker set search_path = '' as $$
declare answer jsonb; one jsonb; item json;
begin
  if updates is null or json_typeof(updates) <> 'array' then
    raise sqlstate 'PT400' using message = 'updates must be a JSON array';
  elsif json_array_length(updates) > 1000 then
    raise sqlstate 'PT413' using message = 'at most 1000 updates in a call';
  end if;
  perform set_config('app.task_sync', 'on', true);
  begin
    answer := internal.apply_updates(updates);
  exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
    answer := '[]';
    for item in select value from json_array_elements(updates) loop
      begin
        one := internal.apply_updates(json_build_array(item));
      exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
        one := jsonb_build_array(jsonb_build_object(
          'correlation_id', item ->> 'correlation_id', 'outcome', 'invalid', 'code', sqlstate));
      end;
      answer := answer || one;
    end loop;
  end;
  perform set_config('app.task_sync', '', true);
  return answer;
end $$;

-- What a read calls when Redis is ahead: sync this one and answer with the row as it then stands, in one round trip.
create or replace function public.sync_task(update json) returns setof public.tasks
language plpgsql security invoker set search_path = '' as $$
begin
  perform public.sync_tasks(json_build_array(update));
  return query select t.* from public.tasks t where t.correlation_id = update ->> 'correlation_id';
end $$;

revoke all on function internal.require_reconciler_policies(), internal.apply_updates(json) from public;
grant execute on function internal.require_reconciler_policies(), internal.apply_updates(json)
  to authenticated, task_reconciler;
revoke all on function public.sync_tasks(json), public.sync_task(json) from public, anon, authenticated, service_role;
grant execute on function public.sync_tasks(json) to authenticated, task_reconciler;
grant execute on function public.sync_task(json) to authenticated;

-- migrations/20261123000500_reconciler_reads.sql
-- What the reconciler asks: the rows of some tasks, and a page of those that are not final. One jsonb value each, which
-- PostgREST's limit on rows does not cut.

-- keys: [{correlation_id, id}], at most 1000. A row counts only under both names.
create or replace function public.read_tasks(keys json) returns jsonb
language plpgsql stable security invoker set search_path = '' as $$
declare answer jsonb;
begin
  if keys is null or json_typeof(keys) <> 'array' or json_array_length(keys) > 1000 then
    raise sqlstate 'PT400' using message = 'keys must be a JSON array of at most 1000';
  end if;
  select coalesce(jsonb_agg(jsonb_build_object(
           'correlation_id', k.correlation_id, 'id', k.id,
           'outcome', case when t.id is null then 'missing' else 'found' end,
           'user_id', t.user_id, 'mandate', t.mandate, 'max_ticks', t.max_ticks, 'status', t.status,
           'updated_us', internal.to_us(t.updated_at))), '[]')
    into answer
    from json_to_recordset(keys) as k (correlation_id text, id text)
    left join public.tasks t on t.correlation_id = k.correlation_id and t.id::text = k.id;
  if answer @> '[{"outcome": "missing"}]' then
    perform internal.require_reconciler_policies();
  end if;
  return answer;
end $$;

-- Rows that are not final, in the order of correlation_id. Old enough that the gateway no longer seeds them: by the database's
-- own clock, or with a stamp ahead of it. Such a stamp came from Redis, so the row has been seeded; it must not hide here
-- until the database's clock gets there.
create or replace function public.active_tasks(after text, min_age_ms int, page_size int) returns jsonb
language sql stable security invoker set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object(
           'id', page.id, 'correlation_id', page.correlation_id, 'user_id', page.user_id,
           'status', page.status, 'updated_us', internal.to_us(page.updated_at)) order by page.correlation_id), '[]')
    from (
      select t.id, t.correlation_id, t.user_id, t.status, t.updated_at
        from public.tasks t
       where t.status not in ('completed', 'error', 'cancelled') and t.correlation_id > after
         and (t.updated_at < now() - min_age_ms * interval '1 millisecond' or t.updated_at > now())
       order by t.correlation_id
       limit least(greatest(page_size, 1), 1000)
    ) page;
$$;

revoke all on function public.read_tasks(json), public.active_tasks(text, int, int)
  from public, anon, authenticated, service_role;
grant execute on function public.read_tasks(json), public.active_tasks(text, int, int) to task_reconciler;

-- The newest migration that this database has.
create or replace function public.tickwork_schema() returns text language sql immutable set search_path = ''
return '20261123000500_reconciler_reads';
revoke all on function public.tickwork_schema() from public, anon, authenticated, service_role;
grant execute on function public.tickwork_schema() to authenticated, task_reconciler;

commit;
