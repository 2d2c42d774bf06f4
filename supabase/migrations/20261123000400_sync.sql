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
