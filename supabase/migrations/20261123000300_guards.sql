-- What a row goes through at insert and update, whoever writes it. The schema is not exposed by PostgREST.
create schema if not exists internal;
revoke all on schema internal from public;
grant usage on schema internal to authenticated, task_reconciler;

create or replace function internal.is_final(status text) returns boolean language sql immutable parallel safe
return status in ('completed', 'error', 'cancelled');

-- Microseconds since 1970 and timestamptz, exact: to_timestamp(us / 1e6) goes through a double and loses a microsecond.
create or replace function internal.from_us(us bigint) returns timestamptz language sql immutable parallel safe
return timestamptz 'epoch' + us * interval '1 microsecond';
create or replace function internal.to_us(stamp timestamptz) returns bigint language sql immutable parallel safe
return (extract(epoch from stamp) * 1000000)::bigint;

-- What a user inserts starts like any other task: an id never used before (a sync names a row by it, so no value can reach a
-- later row that took a deleted one's correlation_id), pending, and stamped here.
create or replace function internal.tasks_before_insert() returns trigger
language plpgsql set search_path = '' as $$
begin
  if current_user = 'authenticated' then
    new.id := gen_random_uuid();
    new.status := 'pending';
    new.tick := null;
    new.result := null;
    new.error := null;
    new.created_at := now();
    new.updated_at := now();
  end if;
  return new;
end $$;

-- A sync keeps the stamp that it carries; any other update gets one later than the last. app.task_sync says which it is:
-- local to the transaction, undone with it (or with its savepoint) by an error, and one request is one transaction. No exposed
-- function sets it for a caller. "is distinct from": a comparison of rows with <> is null, not true, where one side has a null.
create or replace function internal.tasks_before_update() returns trigger
language plpgsql set search_path = '' as $$
begin
  if current_user in ('authenticated', 'task_reconciler') then
    if internal.is_final(old.status) then
      raise sqlstate 'PT409' using message = 'the task has ended', detail = old.status;
    end if;
    if (new.id, new.correlation_id, new.user_id, new.mandate, new.max_ticks, new.created_at)
       is distinct from (old.id, old.correlation_id, old.user_id, old.mandate, old.max_ticks, old.created_at) then
      raise sqlstate 'PT422' using
        message = 'a task keeps its id, correlation_id, user_id, mandate, max_ticks and created_at';
    end if;
  end if;
  if current_setting('app.task_sync', true) is distinct from 'on' then
    new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
  else
    -- A record that repair put back knows neither tick nor notes; a new attempt keeps them until its agent reports.
    new.tick := coalesce(new.tick, old.tick);
    if not internal.is_final(new.status) then
      new.result := coalesce(new.result, old.result);
    end if;
  end if;
  return new;
end $$;

-- One by one: "all functions in schema" would, run again, also grant what later migrations keep to themselves. A trigger's
-- function needs no grant.
revoke all on function internal.is_final(text), internal.from_us(bigint), internal.to_us(timestamptz),
  internal.tasks_before_insert(), internal.tasks_before_update() from public, anon, authenticated, service_role;
grant execute on function internal.is_final(text), internal.from_us(bigint), internal.to_us(timestamptz)
  to authenticated, task_reconciler;

create or replace trigger tasks_first before insert on public.tasks
  for each row execute function internal.tasks_before_insert();
create or replace trigger tasks_updated_at before update on public.tasks
  for each row execute function internal.tasks_before_update();
