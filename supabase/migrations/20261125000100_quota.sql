-- The quota: how many tasks a user may submit in a day (UTC), and have unfinished at a time. A task costs one, whatever its
-- max_ticks; the columns' names are older than that.

-- One row. Both limits are here and nowhere else: update internal.settings set daily_tick_limit = 20;
create table if not exists internal.settings (
  single boolean primary key default true constraint settings_single check (single),
  daily_tick_limit integer not null default 6 constraint settings_daily_tick_limit check (daily_tick_limit >= 0),
  active_task_limit integer not null default 100 constraint settings_active_task_limit check (active_task_limit >= 0)
);
insert into internal.settings default values on conflict do nothing;
revoke all on internal.settings from public, anon, authenticated, service_role, task_reconciler;

create table if not exists public.profiles (
  user_id uuid primary key references auth.users (id) on delete cascade,
  email text,
  daily_tick_limit integer not null
);
create table if not exists public.user_daily_usage (
  user_id uuid not null references auth.users (id) on delete cascade,
  usage_date date not null,
  ticks_used integer not null default 0,
  primary key (user_id, usage_date)
);

do $$
declare wanted record;
begin
  for wanted in
    select * from (values
      ('public.profiles', 'profiles_daily_tick_limit', 'daily_tick_limit >= 0'),
      ('public.profiles', 'profiles_email_length', 'char_length(email) <= 320'),
      ('public.user_daily_usage', 'user_daily_usage_ticks_used', 'ticks_used >= 0')
    ) as c (relation, name, condition)
  loop
    if not exists (select from pg_catalog.pg_constraint
                    where conrelid = wanted.relation::regclass and conname = wanted.name) then
      execute format('alter table %s add constraint %I check (%s)', wanted.relation, wanted.name, wanted.condition);
    end if;
  end loop;
end $$;

-- Serves the count of a user's unfinished tasks, at every insert.
create index if not exists idx_tasks_user_active on public.tasks (user_id)
  where status not in ('completed', 'error', 'cancelled');

alter table public.profiles enable row level security;
alter table public.user_daily_usage enable row level security;
revoke all on public.profiles, public.user_daily_usage from public, anon, authenticated, service_role, task_reconciler;
grant select on public.profiles, public.user_daily_usage to authenticated;
grant insert (user_id, email, daily_tick_limit) on public.profiles to authenticated;

drop policy if exists profiles_select_own on public.profiles;
create policy profiles_select_own on public.profiles for select to authenticated
  using ((select auth.uid()) = user_id);
drop policy if exists profiles_insert_own on public.profiles;
create policy profiles_insert_own on public.profiles for insert to authenticated
  with check ((select auth.uid()) = user_id);
drop policy if exists user_daily_usage_select_own on public.user_daily_usage;
create policy user_daily_usage_select_own on public.user_daily_usage for select to authenticated
  using ((select auth.uid()) = user_id);

-- A user makes the profile, and says a limit; what counts is the server's. Functions here run as their owner, as users may
-- neither read the settings nor write usage; who inserts is asked in the trigger's WHEN, where it is still the caller.
create or replace function internal.profiles_before_insert() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.daily_tick_limit := (select s.daily_tick_limit from internal.settings s);
  return new;
end $$;
create or replace trigger profiles_first before insert on public.profiles
  for each row when (current_user = 'authenticated' or new.daily_tick_limit is null)
  execute function internal.profiles_before_insert();

-- PostgREST makes an answer of this: 429 with the header, and details that tell what is left.
create or replace function internal.refuse_by_quota(kind text, given_limit int, used int, retry_seconds int) returns void
language plpgsql set search_path = '' as $$
begin
  raise sqlstate 'PGRST' using
    message = json_build_object(
      'code', 'TW429', 'hint', null,
      'message', case kind when 'daily' then 'the day''s tasks are used up' else 'too many tasks are unfinished' end,
      'details', json_build_object(
        'limit', given_limit, 'used', used, 'left', greatest(given_limit - used, 0), 'kind', kind,
        'retry_after', retry_seconds)::text)::text,
    detail = json_build_object('status', 429, 'headers', json_build_object('Retry-After', retry_seconds::text))::text;
end $$;

-- The day's row is charged first: its lock makes a user's inserts wait for each other, so each sees what the others took.
create or replace function internal.charge(owner uuid, cost int) returns void
language plpgsql set search_path = '' as $$
declare
  settings internal.settings; day_limit int; used int; active int;
  today date := (now() at time zone 'utc')::date;
  midnight timestamptz := (today + 1)::timestamp at time zone 'utc';
begin
  insert into public.user_daily_usage as u (user_id, usage_date, ticks_used) values (owner, today, cost)
  on conflict (user_id, usage_date) do update set ticks_used = u.ticks_used + excluded.ticks_used
  returning u.ticks_used - cost into used;

  select * into strict settings from internal.settings;
  select p.daily_tick_limit into day_limit from public.profiles p where p.user_id = owner;
  day_limit := coalesce(day_limit, settings.daily_tick_limit);
  if used + cost > day_limit then
    perform internal.refuse_by_quota('daily', day_limit, used, ceil(extract(epoch from midnight - now()))::int);
  end if;

  -- as idx_tasks_user_active has it, word for word
  select count(*) into active from public.tasks t
   where t.user_id = owner and t.status not in ('completed', 'error', 'cancelled');
  if active > settings.active_task_limit then
    perform internal.refuse_by_quota('active', settings.active_task_limit, active - cost, 30);
  end if;
end $$;

-- AFTER, as row-level security looks between the two: a BEFORE trigger would tell another's quota. Once for a statement: what
-- ON CONFLICT skipped is not in `inserted`, and a refusal tells what was used before it.
create or replace function internal.tasks_after_insert() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform internal.charge(one.user_id, one.cost)
    from (select i.user_id, count(*)::int as cost from inserted i group by i.user_id order by i.user_id) one;
  return null;
end $$;
create or replace trigger tasks_charged after insert on public.tasks
  referencing new table as inserted
  for each statement when (current_user = 'authenticated')
  execute function internal.tasks_after_insert();

revoke all on function internal.profiles_before_insert(), internal.refuse_by_quota(text, int, int, int),
  internal.charge(uuid, int), internal.tasks_after_insert() from public, anon, authenticated, service_role, task_reconciler;
