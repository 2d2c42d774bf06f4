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
