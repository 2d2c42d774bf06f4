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
