-- Stands in for what Supabase itself gives a project: roles, auth.users, auth.uid(), default privileges. Never part of a migration.
create role anon nologin;
create role authenticated nologin;
create role service_role nologin bypassrls;
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;
-- As on a hosted project, the owner of public is no superuser.
create role postgres login createrole;

create schema auth;
create table auth.users (
  id uuid primary key default gen_random_uuid(),
  email text unique,
  created_at timestamptz not null default now()
);
create function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb
$$;
create function auth.uid() returns uuid language sql stable as $$ select (auth.jwt() ->> 'sub')::uuid $$;
create function auth.role() returns text language sql stable as $$ select auth.jwt() ->> 'role' $$;
grant usage on schema auth to anon, authenticated, service_role, postgres;
grant references, select, insert on auth.users to postgres;
grant authenticator to postgres with admin option;

do $$ begin execute format('grant create on database %I to postgres', current_database()); end $$;
alter schema public owner to postgres;
grant usage on schema public to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on functions to anon, authenticated, service_role;

create schema supabase_migrations authorization postgres;
create table supabase_migrations.schema_migrations (version text primary key, name text);
alter table supabase_migrations.schema_migrations owner to postgres;

-- What Realtime publishes. Without a replication slot nothing reads it, so wal_level may stay as it is.
set client_min_messages = error;
create publication supabase_realtime;
reset client_min_messages;
alter publication supabase_realtime owner to postgres;
