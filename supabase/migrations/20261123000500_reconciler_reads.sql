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
