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
