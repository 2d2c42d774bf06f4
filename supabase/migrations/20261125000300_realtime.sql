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
