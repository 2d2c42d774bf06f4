-- The gateway holds the publishable key alone: its /health names a migration that is missing before any user signs in. A name is
-- all that anon gets.
create or replace function public.tickwork_schema() returns text
language sql stable security invoker set search_path = ''
return '20261125000900_schema_version_for_anon';

revoke all on function public.tickwork_schema() from public, anon, authenticated, service_role;
grant execute on function public.tickwork_schema() to anon, authenticated, task_reconciler;

-- PostgREST listens to this; a hosted project also sends it by itself.
notify pgrst, 'reload schema';
