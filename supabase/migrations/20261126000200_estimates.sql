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
