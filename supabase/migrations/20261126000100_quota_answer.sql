-- A user's own quota of the day, for a page or the gateway to show before it is used up.

-- What counts for who has no profile. Users may not read the settings, so this one number is the owner's to tell; a refusal tells it
-- as well.
create or replace function internal.default_tick_limit() returns integer
language sql stable security definer set search_path = ''
as $$ select s.daily_tick_limit from internal.settings s $$;

-- Bodies as text: they keep no table from being dropped. Profile and usage are read by the caller, whose policies show the own ones alone.
create or replace function public.tickwork_quota() returns json
language sql stable security invoker set search_path = ''
as $$
  select json_build_object(
           'limit', q.day_limit, 'used', q.used, 'left', greatest(q.day_limit - q.used, 0),
           'resets_at', to_char(q.today + 1, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
    from (
      select d.today,
             coalesce((select p.daily_tick_limit from public.profiles p where p.user_id = (select auth.uid())),
                      internal.default_tick_limit()) as day_limit,
             coalesce((select u.ticks_used from public.user_daily_usage u
                        where u.user_id = (select auth.uid()) and u.usage_date = d.today), 0) as used
        from (select (now() at time zone 'utc')::date as today) d
    ) q
$$;

create or replace function public.tickwork_schema() returns text
language sql stable security invoker set search_path = ''
return '20261126000100_quota_answer';

revoke all on function internal.default_tick_limit(), public.tickwork_quota(), public.tickwork_schema()
  from public, anon, authenticated, service_role, task_reconciler;
grant execute on function internal.default_tick_limit(), public.tickwork_quota() to authenticated;
grant execute on function public.tickwork_schema() to anon, authenticated, task_reconciler;

-- PostgREST listens to this; a hosted project also sends it by itself.
notify pgrst, 'reload schema';
